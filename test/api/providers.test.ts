import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Condition, CredentialsProvider } from '../../src/api/generated.ts'
import { finalizer } from '../../src/api/labels.ts'
import { ownCluster } from '../support/own-cluster.ts'
import { Stage } from '../support/stage.ts'
import { providerSpec, type Tenant } from '../support/tenant.ts'
import { install } from './crds-cluster.ts'

const cluster = ownCluster()
const OURS = '/apis/customcredentials.dev/v1alpha1'
const WAIT = { timeout: 120_000, interval: 100 }
let stage: Stage
let tenant: Tenant

beforeAll(async () => {
  await install()
  stage = await Stage.open(cluster)
  tenant = await stage.tenant('providers')
})

afterAll(() => stage[Symbol.asyncDispose]())

async function read(path: string): Promise<CredentialsProvider | undefined> {
  const { code, body } = await stage.ask('GET', path)
  return code === 404 ? undefined : (body as unknown as CredentialsProvider)
}
const finalizers = async (path: string) => (await read(path))?.metadata.finalizers
const readiness = async (path: string): Promise<Condition | undefined> =>
  (await read(path))?.status.conditions?.find(({ type }) => type === 'Ready')

/** Where each kind is, and what a credential of the tenant refers to it by. */
const KINDS = [
  ['a provider of the namespace', 'CredentialsProvider', () => tenant.ours('credentialsproviders')],
  ['a provider of the cluster', 'ClusterCredentialsProvider', () => `${OURS}/clustercredentialsproviders`],
] as const

test.each(KINDS)('%s is held while it is used, hands over, and goes', async (_, kind, where) => {
  const collection = where()
  const [first, next, name] = [`${kind}-first`.toLowerCase(), `${kind}-next`.toLowerCase(), kind.toLowerCase()]
  const clusterwide = { jobNamespace: tenant.name, allowedNamespaces: { from: 'All' } }
  const spec = { ...providerSpec(), ...(kind === 'ClusterCredentialsProvider' && clusterwide) }
  for (const metadata of [{ name: first }, { name: next }]) {
    const body = { apiVersion: 'customcredentials.dev/v1alpha1', kind, metadata, spec }
    expect((await stage.ask('POST', collection, { body })).message).toBe('')
  }
  const path = `${collection}/${first}`
  await tenant.credential(name, { providerRef: { kind, name: first }, rotation: { minOverlap: '1m' }, suspend: true })
  await tenant.condition(name, 'Suspended', { status: 'True', reason: 'SuspendedBySpec' })
  expect(await finalizers(path), 'a mere reference').toBeUndefined()
  await tenant.patch(name, { spec: { suspend: null } })
  await tenant.reaches(name, 1)
  await expect.poll(() => finalizers(path), WAIT).toEqual([finalizer.inUse])

  expect((await stage.ask('DELETE', path)).code).toBe(200)
  await expect.poll(async () => (await readiness(path))?.reason, WAIT).toBe('Deleting')
  expect((await readiness(path))?.message).toContain(`Still in use by 1: ${tenant.name}/${name}.`)
  await tenant.rotate(name, 'now')
  await tenant.condition(name, 'Stalled', { status: 'True', reason: 'ProviderDeleting' })
  expect((await tenant.read(name))?.status.currentVersion).toBe(1)

  await tenant.patch(name, { spec: { providerRef: { kind, name: next }, rotation: null } })
  await tenant.reaches(name, 2)
  expect(await finalizers(path), 'the previous version').toEqual([finalizer.inUse])
  await tenant.remove(name)
  await expect.poll(() => read(path), WAIT).toBeUndefined()
  await tenant.vanishes(name)
  expect(stage.upstream.alive(tenant.name)).toEqual([])

  expect((await stage.ask('DELETE', `${collection}/${next}`)).code).toBe(200)
  await expect.poll(() => read(`${collection}/${next}`), WAIT).toBeUndefined()
})

test('a namespace takes its provider along: orphans do not hold it', async () => {
  const leaving = await stage.tenant('providers-leaving')
  await leaving.credential('orders')
  await leaving.reaches('orders', 1)
  await stage.ask('DELETE', `/api/v1/namespaces/${leaving.name}`)
  await expect.poll(async () => (await stage.ask('GET', `/api/v1/namespaces/${leaving.name}`)).code, WAIT).toBe(404)
  await expect.poll(() => stage.upstream.alive(leaving.name), WAIT).toEqual([])
})

/** Pods of the namespace are refused from now on where they lack the label. */
async function demandLabel(label: string, namespace: string): Promise<void> {
  const group = 'admissionregistration.k8s.io'
  const metadata = { name: `${namespace}-labels` }
  const resourceRules = [{ apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'] }]
  const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': namespace } }
  const message = `pods need the label ${label}`
  const validations = [{ expression: `'${label}' in object.metadata.?labels.orValue({})`, message }]
  for (const [kind, spec] of [
    ['ValidatingAdmissionPolicy', { matchConstraints: { resourceRules, namespaceSelector }, validations }],
    ['ValidatingAdmissionPolicyBinding', { policyName: metadata.name, validationActions: ['Deny'] }],
  ] as const) {
    const path = `/apis/${group}/v1/${kind.toLowerCase().replace(/y$/, 'ie')}s`
    expect((await stage.ask('POST', path, { body: { apiVersion: `${group}/v1`, kind, metadata, spec } })).code).toBe(
      201,
    )
  }
  const bare = { metadata: { name: 'bare' }, spec: { containers: [{ name: 'any', image: 'any' }] } }
  const pods = `/api/v1/namespaces/${namespace}/pods?dryRun=All`
  await expect.poll(async () => (await stage.ask('POST', pods, { body: bare })).message, WAIT).toContain(message)
}

test('where pods need a label, a provider whose template bears it is accepted, and makes credentials', async () => {
  const strict = await stage.tenant('providers-strict')
  await demandLabel('team', strict.name)
  await strict.provider('bare')
  expect(await strict.verdict('bare')).toMatchObject({ status: 'False', reason: 'Rejected' })
  const spec = { containers: [{ name: 'provider', image: 'provider:dev' }] }
  await strict.provider('labelled', { template: { metadata: { labels: { team: 'orders' } }, spec } })
  expect(await strict.verdict('labelled')).toMatchObject({ status: 'True' })
  await strict.credential('orders', { providerRef: { name: 'labelled' } })
  await strict.reaches('orders', 1)
})
