import { afterAll, beforeAll, test } from 'vitest'
import { ownCluster } from '../support/own-cluster.ts'
import { hesitant } from '../support/scripts.ts'
import { Stage } from '../support/stage.ts'
import { providerSpec, Tenant } from '../support/tenant.ts'
import { install } from './crds-cluster.ts'

const cluster = ownCluster()
let stage: Stage

beforeAll(async () => {
  await install()
  stage = await Stage.open(cluster)
})

afterAll(() => stage[Symbol.asyncDispose]())

test.concurrent(
  'a provider that may begin two tasks in a period holds back the third, which says so',
  async ({ expect }) => {
    const tenant = await stage.tenant('paced', { rateLimit: { tasks: 2, period: '30s' } })
    const names = ['first', 'second', 'third']
    await Promise.all(names.map((name) => tenant.credential(name)))
    const tasks = async () => (await Promise.all(names.map((name) => tenant.tasks(name)))).flat()
    const why = 'Waits for its turn. Provider "ledger" is at its limit of 2 in 30 s (spec.rateLimit).'
    await expect
      .poll(async () => (await tasks()).filter(({ status }) => status.message === why && status.state === 'queued'))
      .toHaveLength(1)
    const held = (await tasks()).find(({ status }) => status.state === 'queued')?.spec.credential.name ?? ''
    // The credential says it after its task.
    const told = async () => (await tenant.condition(held, 'Ready', { status: 'False', reason: 'Creating' })).message
    await expect.poll(told).toMatch(/^The first version is being made, .* Waits for its turn\. /)
    expect(await told()).toContain(why)

    for (const name of names) await tenant.reaches(name, 1)
    const begun = (await tasks()).map(({ status }) => Date.parse(status.startedAt ?? '')).sort((a, b) => a - b)
    expect((begun[2] ?? 0) - (begun[0] ?? 0)).toBeGreaterThanOrEqual(30_000)
    await tenant.balances(...names)
  },
)

test.concurrent(
  'a credential that is suspended while its task runs has it come to its end, and begins no other',
  async ({ expect }) => {
    const tenant = await stage.tenant('suspended')
    const { promise, resolve } = Promise.withResolvers<undefined>()
    tenant.play(hesitant(stage.upstream, promise))
    await tenant.credential('orders')
    await tenant.taskIn('orders', 'processing')
    await tenant.patch('orders', { spec: { suspend: true } })
    await tenant.condition('orders', 'Suspended', { status: 'True', reason: 'SuspendedBySpec' })
    resolve(undefined)
    await tenant.reaches('orders', 1)

    await tenant.rotate('orders', 'now')
    // By then the operator has looked at both.
    await tenant.credential('other')
    await tenant.reaches('other', 1)
    expect((await tenant.tasks('orders')).map(({ status }) => status.state)).toEqual(['credentials_created'])
    expect((await tenant.read('orders'))?.status.lastHandledRotateRequest).toBeUndefined()
    await tenant.patch('orders', { spec: { suspend: null } })
    await tenant.reaches('orders', 2)
    expect((await tenant.read('orders'))?.status.lastHandledRotateRequest).toBe('now')
    expect(await tenant.conditions('orders')).toEqual(['Ready=True Delivered'])
    await tenant.balances('orders', 'other')
  },
)

test.concurrent(
  'a task that waits for its turn while its credential is suspended lets others go first, and says so',
  async ({ expect }) => {
    const tenant = await stage.tenant('suspended-in-line', { concurrency: 1 })
    const { promise, resolve } = Promise.withResolvers<undefined>()
    tenant.play(hesitant(stage.upstream, promise))
    await tenant.credential('first')
    await tenant.taskIn('first', 'processing')
    await tenant.credential('orders')
    await tenant.taskIn('orders', 'queued')
    await tenant.patch('orders', { spec: { suspend: true } })
    const why = 'Waits for its turn. Its credential is suspended (spec.suspend).'
    await expect.poll(async () => (await tenant.taskIn('orders', 'queued')).status.message).toBe(why)
    await tenant.credential('other')
    resolve(undefined)
    await tenant.reaches('first', 1)
    await tenant.reaches('other', 1)
    expect((await tenant.tasks('orders')).map(({ status }) => status.state)).toEqual(['queued'])
    await tenant.patch('orders', { spec: { suspend: null } })
    await tenant.reaches('orders', 1)
    await tenant.balances('first', 'orders', 'other')
  },
)

test.concurrent('a lock waits for the version that it names, and stays with it', async ({ expect }) => {
  const tenant = await stage.tenant('lock-waiting')
  await tenant.credential('orders', { locks: [{ name: 'audit', version: 'previous' }] })
  await tenant.reaches('orders', 1)
  const { message } = await tenant.condition('orders', 'Locked', { status: 'False', reason: 'LockWaiting' })
  expect(message).toBe('Lock "audit" waits: there is no previous version.')
  await tenant.rotate('orders', 'now')
  await tenant.reaches('orders', 2)
  await tenant.condition('orders', 'Locked', { status: 'True', reason: 'VersionLocked' })
  expect((await tenant.read('orders'))?.status.locks).toEqual([{ name: 'audit', version: 1 }])
})

test.concurrent('records of tasks and of versions are kept up to their limits, the newest', async ({ expect }) => {
  const tenant = await stage.tenant('pruned')
  await tenant.credential('orders', { taskHistoryLimit: 3, versionHistoryLimit: 2 })
  await tenant.reaches('orders', 1)
  for (const version of [2, 3, 4, 5, 6]) {
    await tenant.rotate('orders', `to ${version}`)
    await tenant.reaches('orders', version)
    await expect.poll(async () => (await tenant.read('orders'))?.status.versions?.length).toBe(2)
  }
  await expect
    .poll(async () => (await tenant.read('orders'))?.status.history?.map(({ version, end }) => [version, end]))
    .toEqual([
      [3, 'Revoked'],
      [4, 'Revoked'],
    ])
  // Of version 6, and the deletions of the last two that have gone.
  await expect
    .poll(async () => (await tenant.tasks('orders')).map(({ spec, status }) => [spec.version, status.state]))
    .toEqual([
      [3, 'credentials_deleted'],
      [4, 'credentials_deleted'],
      [6, 'credentials_created'],
    ])
  await tenant.balances('orders')
})

const apiVersion = 'customcredentials.dev/v1alpha1'
const CLUSTER_PROVIDERS = `/apis/${apiVersion}/clustercredentialsproviders`

test.concurrent(
  "a cluster's provider serves a namespace as long as its administrator admits it",
  async ({ expect }) => {
    const tenant = await Tenant.open(stage, 'guests')
    const allowedNamespaces = { from: 'Selector', selector: { matchLabels: { guest: 'welcome' } } }
    const administrators = await stage.tenant('hosts')
    const spec = { ...providerSpec(), jobNamespace: administrators.name, allowedNamespaces }
    const body = { apiVersion, kind: 'ClusterCredentialsProvider', metadata: { name: 'shared' }, spec }
    expect((await stage.ask('POST', CLUSTER_PROVIDERS, { body })).message).toBe('')
    const admit = async (guest: string | null) => {
      const path = `/api/v1/namespaces/${tenant.name}`
      expect((await stage.ask('PATCH', path, { body: { metadata: { labels: { guest } } } })).code).toBe(200)
    }

    await tenant.credential('orders', { providerRef: { kind: 'ClusterCredentialsProvider', name: 'shared' } })
    await tenant.condition('orders', 'Ready', { status: 'False', reason: 'NamespaceNotAllowed' })
    expect(await tenant.conditions('orders')).toContain('Stalled=True NamespaceNotAllowed')
    expect(await tenant.tasks('orders')).toEqual([])
    await admit('welcome')
    await tenant.reaches('orders', 1)

    await admit(null)
    await tenant.condition('orders', 'Stalled', { status: 'True', reason: 'NamespaceNotAllowed' })
    expect(await tenant.conditions('orders')).toContain('Ready=True Delivered')
    await tenant.rotate('orders', 'now')
    // By then the operator has looked at both.
    await tenant.credential('other', { providerRef: { kind: 'ClusterCredentialsProvider', name: 'shared' } })
    await tenant.condition('other', 'Ready', { status: 'False', reason: 'NamespaceNotAllowed' })
    expect(await tenant.tasks('orders')).toHaveLength(1)
    await admit('welcome')
    await tenant.reaches('orders', 2)

    await admit(null)
    await tenant.condition('orders', 'Stalled', { status: 'True', reason: 'NamespaceNotAllowed' })
    for (const name of ['orders', 'other']) await tenant.remove(name)
    for (const name of ['orders', 'other']) await tenant.vanishes(name)
    expect(stage.upstream.alive(tenant.name)).toEqual([])
  },
)
