import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ownCluster } from '../support/own-cluster.ts'
import { hesitant } from '../support/scripts.ts'
import { Stage } from '../support/stage.ts'
import { providerSpec, type Tenant } from '../support/tenant.ts'
import { idOf } from '../support/upstream.ts'
import { install } from './crds-cluster.ts'

const cluster = ownCluster()
let stage: Stage

beforeAll(async () => {
  await install()
  stage = await Stage.open(cluster)
})

afterAll(() => stage[Symbol.asyncDispose]())

/** Waits until the first credential of the namespace exists upstream: its container runs. */
const running = (tenant: Tenant) => expect.poll(() => stage.upstream.alive(tenant.name).length).toBe(1)

describe('a Job deleted by hand while its container works', () => {
  const remove = async (tenant: Tenant, body: object | undefined): Promise<string> => {
    const [task] = await tenant.tasks('orders')
    const name = task?.metadata.name ?? ''
    await stage.ask('DELETE', `${tenant.jobs()}/${name}`, { body })
    return name
  }

  it.each([
    ['in the foreground', 'foreground', { propagationPolicy: 'Foreground' }],
    ['in the background, which leaves its pod at work', 'background', { propagationPolicy: 'Background' }],
    ['and cut loose from its pod', 'orphan', { propagationPolicy: 'Orphan' }],
    ['as a raw request does, which cuts the pod loose, too', 'raw', undefined],
  ])(
    '%s, is stopped for good: what it made is found and deleted, and a further run makes another',
    async (_, name, body) => {
      const tenant = await stage.tenant(`job-${name}`)
      const { promise, resolve } = Promise.withResolvers<undefined>()
      tenant.play(hesitant(stage.upstream, promise))
      await tenant.credential('orders')
      await running(tenant)
      const id = await remove(tenant, body)
      const task = await tenant.taskIn('orders', 'failed')
      // Too late: whatever the container still reports is refused.
      resolve(undefined)
      expect(task.status).toMatchObject({ outcome: 'Unknown', errors: [{ code: 'JobDeleted' }] })
      const { message } = await tenant.condition('orders', 'Ready', { status: 'False', reason: 'CreationFailed' })
      expect(message).toMatch(/JobDeleted: .* Next try: /)
      tenant.play('honest')
      await tenant.reaches('orders', 1)
      await tenant.balances('orders')
      await expect.poll(() => stage.upstream.alive(tenant.name)).not.toContain(idOf(id))
    },
  )
})

it('a credential deleted in the foreground, as Argo CD prunes, is revoked before it goes', async () => {
  const tenant = await stage.tenant('foreground')
  await tenant.credential('orders')
  await tenant.reaches('orders', 1)
  await tenant.rotate('orders', 'now')
  await tenant.reaches('orders', 2)
  expect(stage.upstream.alive(tenant.name)).toHaveLength(2)
  await tenant.remove('orders', 'Foreground')
  await tenant.vanishes('orders')
  expect(stage.upstream.alive(tenant.name)).toEqual([])
  expect(await tenant.orphans()).toEqual([])
  expect(await tenant.secret('orders')).toBeUndefined()
})

describe('a namespace deleted with live credentials in it', () => {
  const end = async (tenant: Tenant) => {
    await stage.ask('DELETE', `/api/v1/namespaces/${tenant.name}`)
    await expect.poll(async () => (await stage.ask('GET', `/api/v1/namespaces/${tenant.name}`)).code).toBe(404)
    await expect.poll(() => stage.upstream.alive(tenant.name)).toEqual([])
    await expect.poll(() => tenant.orphans()).toEqual([])
  }

  it('is not held up, and all is revoked from the revocation namespace', async () => {
    const tenant = await stage.tenant('gone-with-provider')
    for (const name of ['orders', 'invoices']) await tenant.credential(name)
    for (const name of ['orders', 'invoices']) await tenant.reaches(name, 1)
    await tenant.rotate('orders', 'now')
    await tenant.reaches('orders', 2)
    expect(stage.upstream.alive(tenant.name)).toHaveLength(3)
    await end(tenant)
  })

  it('is not held up, and a cluster provider revokes all from its own namespace', async () => {
    const administrators = await stage.tenant('administrators')
    const spec = { ...providerSpec(), jobNamespace: administrators.name, allowedNamespaces: { from: 'All' } }
    const apiVersion = 'customcredentials.dev/v1alpha1'
    const provider = { apiVersion, kind: 'ClusterCredentialsProvider', metadata: { name: 'shared' }, spec }
    const path = `/apis/${apiVersion}/clustercredentialsproviders`
    expect((await stage.ask('POST', path, { body: provider })).code).toBe(201)
    const tenant = await stage.tenant('gone-without-provider')
    await tenant.credential('orders', { providerRef: { kind: 'ClusterCredentialsProvider', name: 'shared' } })
    await tenant.reaches('orders', 1)
    await end(tenant)
  })

  it('while a container is at work: what it makes is revoked, too', async () => {
    const tenant = await stage.tenant('gone-at-work')
    tenant.play(hesitant(stage.upstream))
    await tenant.credential('orders')
    await running(tenant)
    await end(tenant)
  })

  it('whose template needs what is gone with it leaves an orphan that says what to do', async () => {
    const secretRef = { secretRef: { name: 'login' } }
    const template = { spec: { containers: [{ name: 'provider', image: 'provider:dev', envFrom: [secretRef] }] } }
    const tenant = await stage.tenant('gone-with-login', { template })
    await tenant.credential('orders')
    await tenant.reaches('orders', 1)
    await stage.ask('DELETE', `/api/v1/namespaces/${tenant.name}`)
    await expect.poll(async () => (await stage.ask('GET', `/api/v1/namespaces/${tenant.name}`)).code).toBe(404)
    await expect.poll(async () => (await tenant.orphans()).map(({ status }) => status.state)).toEqual(['Blocked'])
    const [orphan] = await tenant.orphans()
    expect(orphan?.status.message).toContain('(secretRef)')
    expect(orphan?.status.message).toContain('Delete the credential upstream by hand.')
    expect(stage.upstream.alive(tenant.name)).toEqual([orphan?.spec.credentialsId])

    const name = orphan?.metadata.name ?? ''
    const forget = { metadata: { annotations: { 'customcredentials.dev/forget': 'true' } } }
    await stage.ask('PATCH', `/apis/customcredentials.dev/v1alpha1/orphanedcredentials/${name}`, { body: forget })
    await expect.poll(() => tenant.orphans()).toEqual([])
  })
})

it('a report that nobody takes for a while is repeated, and counts when the operator is back', async () => {
  const tenant = await stage.tenant('unreachable')
  const { promise, resolve } = Promise.withResolvers<undefined>()
  tenant.play(hesitant(stage.upstream, promise))
  await tenant.credential('orders')
  await running(tenant)
  await stage.operator.end('SIGKILL')
  resolve(undefined)
  await new Promise((wait) => setTimeout(wait, 3000))
  stage.operator = await stage.start()
  await tenant.reaches('orders', 1)
  expect((await tenant.tasks('orders')).map(({ status }) => status.state)).toEqual(['credentials_created'])
  await tenant.balances('orders')
})
