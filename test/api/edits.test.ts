import { afterAll, beforeAll, test, vi } from 'vitest'
import { finalizer } from '../../src/api/labels.ts'
import type { KubeObject } from '../../src/api/meta.ts'
import { ownCluster } from '../support/own-cluster.ts'
import { creates, hesitant } from '../support/scripts.ts'
import { Stage } from '../support/stage.ts'
import type { Tenant } from '../support/tenant.ts'
import { idOf } from '../support/upstream.ts'
import { install } from './crds-cluster.ts'

const cluster = ownCluster()
let stage: Stage

beforeAll(async () => {
  await install()
  stage = await Stage.open(cluster)
})

afterAll(() => stage[Symbol.asyncDispose]())

const parameters = [{ name: 'size', type: 'integer' }]
const SIZED = { schema: { parameters, credentials: [{ name: 'password', type: 'string', required: true }] } }

/** A namespace, and what the create runs in it were given; each waits for `go` before it reports. */
interface Scene {
  readonly tenant: Tenant
  readonly given: Readonly<Record<string, string>>[]
  readonly go: () => void
}

async function scene(name: string, provider: object = {}): Promise<Scene> {
  const tenant = await stage.tenant(name, provider)
  const given: Scene['given'] = []
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const container = hesitant(stage.upstream, promise)
  tenant.play((run) => {
    if (creates(run.env)) given.push(run.env)
    return container(run)
  })
  const go = () => {
    resolve(undefined)
  }
  return { tenant, given, go }
}

/** The same, with the credential `orders` whose first run has made something, and has not reported it. */
async function midst(name: string, { provider = {}, spec = {} } = {}): Promise<Scene> {
  const set = await scene(name, provider)
  await set.tenant.credential('orders', spec)
  await vi.waitUntil(() => set.given.length === 1, { timeout: 120_000 })
  return set
}

const sizes = ({ given }: Scene) => given.map((env) => env['SMIN_SIZE_VALUE'])

const makers = async (tenant: Tenant) =>
  ((await tenant.read('orders'))?.status.versions ?? []).map(({ provider }) => [provider.name, provider.generation])

test.concurrent(
  'parameters that are changed have a version made for them at once, where the spec says so',
  async ({ expect }) => {
    const set = await scene('immediate', SIZED)
    const { tenant, go } = set
    go()
    await tenant.credential('orders', { parameters: { size: 1 }, applyPolicy: 'Immediate' })
    await tenant.reaches('orders', 1)
    await tenant.patch('orders', { spec: { parameters: { size: 2 } } })
    await tenant.reaches('orders', 2)
    expect(sizes(set)).toEqual(['1', '2'])
    expect(await tenant.conditions('orders')).toEqual(['Ready=True Delivered'])
    await tenant.balances('orders')
  },
)

test.concurrent('parameters that are changed while a task runs are for the next version', async ({ expect }) => {
  const set = await midst('parameters-edited', { provider: SIZED, spec: { parameters: { size: 1 } } })
  const { tenant, go } = set
  await tenant.patch('orders', { spec: { parameters: { size: 2 } } })
  go()
  await tenant.reaches('orders', 1)
  const { message } = await tenant.condition('orders', 'UpToDate', { status: 'False', reason: 'ChangesWaiting' })
  expect(message).toMatch(/^Changed since version 1 was made: spec\.parameters\./)
  await tenant.rotate('orders', 'now')
  await tenant.reaches('orders', 2)
  expect(sizes(set)).toEqual(['1', '2'])
  expect(await tenant.conditions('orders')).toEqual(['Ready=True Delivered'])
  await tenant.balances('orders')
})

test.concurrent(
  'a provider that is edited while its task runs makes the next version as it is then',
  async ({ expect }) => {
    const { tenant, given, go } = await midst('provider-edited')
    const container = { name: 'provider', image: 'provider:dev', env: [{ name: 'EDITION', value: 'second' }] }
    await tenant.editProvider('ledger', { template: { spec: { containers: [container] } } })
    go()
    await tenant.reaches('orders', 1)
    expect(await tenant.conditions('orders')).toEqual(['Ready=True Delivered'])
    await tenant.rotate('orders', 'now')
    await tenant.reaches('orders', 2)
    expect(given.map((env) => env['EDITION'])).toEqual([undefined, 'second'])
    expect(await makers(tenant)).toEqual([
      ['ledger', 1],
      ['ledger', 2],
    ])
    await tenant.balances('orders')
  },
)

test.concurrent('another provider that is named while a task runs takes over from its version', async ({ expect }) => {
  const { tenant, go } = await midst('provider-changed', { spec: { applyPolicy: 'Immediate' } })
  await tenant.provider('other')
  await tenant.patch('orders', { spec: { providerRef: { name: 'other' } } })
  go()
  await tenant.reaches('orders', 2)
  expect(await makers(tenant)).toEqual([
    ['ledger', 1],
    ['other', 1],
  ])
  await tenant.rotate('orders', 'now')
  await tenant.reaches('orders', 3)
  // Revoked by the provider that has made it.
  await expect
    .poll(() => makers(tenant))
    .toEqual([
      ['other', 1],
      ['other', 1],
    ])
  await tenant.balances('orders')
})

test.concurrent(
  'a provider that is deleted while its task runs still makes that version, and revokes it',
  async ({ expect }) => {
    const { tenant, go } = await midst('provider-deleted')
    const ledger = `${tenant.ours('credentialsproviders')}/ledger`
    const holds = async () => ((await stage.ask('GET', ledger)).body as Partial<KubeObject>).metadata?.finalizers
    await expect.poll(holds).toEqual([finalizer.inUse])
    await stage.ask('DELETE', ledger)
    go()
    await tenant.reaches('orders', 1)
    await tenant.condition('orders', 'Stalled', { status: 'True', reason: 'ProviderDeleting' })
    expect(await tenant.conditions('orders')).toContain('Ready=True Delivered')
    await tenant.remove('orders')
    await tenant.vanishes('orders')
    expect(stage.upstream.alive(tenant.name)).toEqual([])
    expect(await tenant.orphans()).toEqual([])
    await expect.poll(async () => (await stage.ask('GET', ledger)).code).toBe(404)
  },
)

test.concurrent(
  'a credential that is made anew while a task of the first one runs has nothing of that one',
  async ({ expect }) => {
    const { tenant, go } = await midst('made-anew')
    const [first] = await tenant.tasks('orders')
    await tenant.remove('orders')
    await tenant.condition('orders', 'Ready', { status: 'False', reason: 'Deleting' })
    await expect(tenant.credential('orders')).rejects.toThrow(/already exists/)
    go()
    // As GitOps tools do.
    await expect
      .poll(() =>
        tenant.credential('orders').then(
          () => 'made',
          () => 'refused',
        ),
      )
      .toBe('made')
    await tenant.reaches('orders', 1)
    const made = (await tenant.read('orders'))?.status.versions?.[0]?.credentialsId
    expect(made).not.toBe(idOf(first?.metadata.name))
    await expect.poll(() => stage.upstream.alive(tenant.name)).toEqual([made])
    await tenant.balances('orders')
  },
)

test.concurrent(
  'what a finalizer that was taken off by force leaves at work is revoked beside its namesake',
  async ({ expect }) => {
    const { tenant, go } = await midst('forced')
    const [first] = await tenant.tasks('orders')
    await tenant.remove('orders')
    await tenant.patch('orders', { metadata: { finalizers: null } })
    await tenant.credential('orders')
    // It has reported nothing by then: its task alone tells what to look for.
    await expect.poll(() => stage.upstream.alive(tenant.name)).not.toContain(idOf(first?.metadata.name))
    go()
    await tenant.reaches('orders', 1)
    const made = (await tenant.read('orders'))?.status.versions?.[0]?.credentialsId
    await expect.poll(() => stage.upstream.alive(tenant.name)).toEqual([made])
    await expect.poll(() => tenant.orphans()).toEqual([])
    await expect.poll(() => tenant.secretsOf(first?.spec.credential.uid ?? '')).toEqual([])
    await expect.poll(async () => (await tenant.tasks('orders')).map(({ spec }) => spec.version)).toEqual([1])
    await tenant.balances('orders')
  },
)
