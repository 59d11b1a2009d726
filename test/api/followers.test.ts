import { afterAll, beforeAll, test } from 'vitest'
import { restartedFor } from '../../src/api/labels.ts'
import type { Pod, Workload } from '../../src/api/resources.ts'
import { AuditLog, type AuditEvent } from '../cluster/index.ts'
import { ownCluster } from '../support/own-cluster.ts'
import { Stage } from '../support/stage.ts'
import type { Tenant } from '../support/tenant.ts'
import { install, kubectl, OPERATOR } from './crds-cluster.ts'

const cluster = ownCluster()
const RIGHTS = ['role/role.yaml', 'binding.yaml'].flatMap((file) => [
  '-f',
  `${import.meta.dirname}/../../deploy/components/restart-targets/${file}`,
])
let stage: Stage

beforeAll(async () => {
  await install()
  await kubectl('apply', '--server-side', ...RIGHTS)
  stage = await Stage.open(cluster)
})

afterAll(async () => {
  await kubectl('delete', '--ignore-not-found', ...RIGHTS)
  await stage[Symbol.asyncDispose]()
})

const KINDS = { Deployment: 'deployments', StatefulSet: 'statefulsets', DaemonSet: 'daemonsets' } as const
type Kind = keyof typeof KINDS

const workloads = (tenant: Tenant, kind: Kind): string => `/apis/apps/v1/namespaces/${tenant.name}/${KINDS[kind]}`

/** A workload of one pod, or of none as there is no node for it, named after its kind. */
async function deploy(tenant: Tenant, kind: Kind): Promise<void> {
  const name = kind.toLowerCase()
  const labels = { app: name }
  const nodeSelector = kind === 'DaemonSet' ? { there: 'is-none' } : {}
  const template = { metadata: { labels }, spec: { containers: [{ name: 'app', image: 'app:1' }], nodeSelector } }
  const more = { Deployment: { replicas: 1 }, StatefulSet: { replicas: 1, serviceName: name }, DaemonSet: {} }[kind]
  const body = { metadata: { name }, spec: { selector: { matchLabels: labels }, template, ...more } }
  const { code, message } = await stage.ask('POST', workloads(tenant, kind), { body })
  if (code !== 201) throw new Error(message)
}

async function read(tenant: Tenant, kind: Kind): Promise<Workload> {
  const { body } = await stage.ask('GET', `${workloads(tenant, kind)}/${kind.toLowerCase()}`)
  return body as unknown as Workload
}

/** The version that its pods are to be started for. */
const stamp = async (tenant: Tenant, kind: Kind): Promise<string | undefined> =>
  (await read(tenant, kind)).spec?.template?.metadata?.annotations?.[restartedFor('orders')]

/** What a kubelet would say of the pods of a workload that are there; its controller does the rest. */
async function ready(tenant: Tenant, kind: Kind): Promise<void> {
  const { body } = await stage.ask('GET', `${tenant.core('pods')}?labelSelector=app=${kind.toLowerCase()}`)
  const status = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] }
  for (const { metadata } of body['items'] as readonly Pod[])
    await stage.ask('PATCH', `${tenant.core('pods')}/${metadata.name}/status`, { body: { status } })
}

/** Looks at a rollout come after 10, 20, 40, 80, 160 seconds. */
const FAR_APART = { timeout: 250_000, interval: 100 }

const isLook = ({ user, verb, objectRef }: AuditEvent): boolean =>
  user.username === OPERATOR.user && verb === 'get' && objectRef?.resource === 'deployments'

const targets = (...kinds: readonly Kind[]) => kinds.map((kind) => ({ kind, name: kind.toLowerCase() }))

test.concurrent(
  'what is displaced goes as soon as all workloads have followed, of whatever kind, and not before',
  { timeout: 600_000 },
  async ({ expect }) => {
    const tenant = await stage.tenant('followers')
    const kinds = ['Deployment', 'StatefulSet', 'DaemonSet'] as const
    for (const kind of kinds) await deploy(tenant, kind)
    const rotation = { minOverlap: '1d', overlapEnds: 'AfterRestarts' }
    await tenant.credential('orders', { rotation, restartTargets: targets(...kinds) })
    // A request that comes before is answered by version 1, or by one more where the task of that one was first.
    await tenant.reaches('orders', 1)
    for (const version of [2, 3]) {
      await tenant.rotate('orders', `to ${version}`)
      await tenant.reaches('orders', version)
    }
    for (const kind of kinds) await expect.poll(() => stamp(tenant, kind)).toBe('3')

    await expect
      .poll(async () => {
        // The pod of an old version is replaced once it is ready, and not before.
        await ready(tenant, 'StatefulSet')
        return (await read(tenant, 'StatefulSet')).status
      })
      .toMatchObject({ replicas: 1, updatedReplicas: 1, readyReplicas: 1 })
    const audit = new AuditLog(cluster.auditLogPath)
    // What the first of them had told would have been acted upon by the second.
    await expect.poll(() => audit.events().filter(isLook).length, FAR_APART).toBeGreaterThanOrEqual(2)
    expect(stage.upstream.alive(tenant.name)).toHaveLength(3)
    await ready(tenant, 'Deployment')
    await expect.poll(() => stage.upstream.alive(tenant.name), FAR_APART).toHaveLength(2)
    await expect
      .poll(async () => (await tenant.read('orders'))?.status.versions?.map(({ version }) => version))
      .toEqual([2, 3])
    await tenant.balances('orders')
  },
)

test.concurrent('a workload that is not there is told of, and rolled out once it is', async ({ expect }) => {
  const tenant = await stage.tenant('not-there')
  await tenant.credential('orders', { restartTargets: targets('StatefulSet') })
  await tenant.reaches('orders', 1)
  await tenant.rotate('orders', 'now')
  await tenant.reaches('orders', 2)
  const { message } = await tenant.condition('orders', 'RestartFailed', {
    status: 'True',
    reason: 'RestartTargetNotFound',
  })
  expect(message).toMatch(/^StatefulSet "statefulset" is not rolled out for version 2: there is none in namespace/)
  expect(await tenant.conditions('orders')).toContain('Ready=True Delivered')
  await expect.poll(() => tenant.events('CustomCredential')).toContain('Warning RestartFailed')

  await deploy(tenant, 'StatefulSet')
  await expect.poll(() => stamp(tenant, 'StatefulSet')).toBe('2')
  await expect.poll(() => tenant.conditions('orders')).toEqual(['Ready=True Delivered'])
  await expect.poll(() => tenant.events('CustomCredential')).toContain('Normal Restarted')
})
