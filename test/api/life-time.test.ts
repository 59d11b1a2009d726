import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { ownCluster } from '../support/own-cluster.ts'
import { Stage } from '../support/stage.ts'
import type { Tenant } from '../support/tenant.ts'
import { install } from './crds-cluster.ts'

const cluster = ownCluster()
let stage: Stage
let tenant: Tenant

beforeAll(async () => {
  await install()
  stage = await Stage.open(cluster)
  tenant = await stage.tenant('life-time')
})

afterAll(() => stage[Symbol.asyncDispose]())

const statusOf = async (name: string) => (await tenant.read(name))?.status
const reasons = async (name: string): Promise<string[]> =>
  ((await statusOf(name))?.conditions ?? []).map(({ type, status, reason }) => `${type}=${status} ${reason}`)

/** The shortest time to live is a minute: this one waits for it. */
test('a version that nothing replaces is revoked when its time is over, and another is made on request', async () => {
  await tenant.credential('lasting', { ttl: '1m' })
  await expect.poll(async () => (await statusOf('lasting'))?.currentVersion).toBe(1)
  const { versions, expirationTime } = (await statusOf('lasting')) ?? {}
  expect(expirationTime).toBe(versions?.[0]?.expiresAt)
  expect(Date.parse(expirationTime ?? '') - Date.parse(versions?.[0]?.createdAt ?? '')).toBe(60_000)

  await expect.poll(() => reasons('lasting'), { timeout: 120_000 }).toContain('AtRisk=True ExpiresSoon')
  expect(stage.upstream.alive()).toHaveLength(1)
  await expect.poll(() => stage.upstream.alive(), { timeout: 120_000 }).toEqual([])
  await expect.poll(async () => (await statusOf('lasting'))?.unresolved).toEqual([])
  const { state, stateNumber } = (await statusOf('lasting')) ?? {}
  expect([state, stateNumber]).toEqual(['destroyed', 5])
  expect(await reasons('lasting')).toEqual(['Ready=False Expired', 'Stalled=True Expired'])

  await tenant.patch('lasting', {
    spec: { ttl: null },
    metadata: { annotations: { 'customcredentials.dev/rotate-requested-at': 'now' } },
  })
  await expect.poll(async () => (await statusOf('lasting'))?.state).toBe('active')
  expect(await reasons('lasting')).toEqual(['Ready=True Delivered'])
})

test('a credential that is suspended begins when it is resumed', async () => {
  await tenant.credential('suspended', { suspend: true })
  await expect.poll(() => reasons('suspended')).toContain('Suspended=True SuspendedBySpec')
  expect((await statusOf('suspended'))?.nextVersion?.attempts ?? 0).toBe(0)
  await tenant.patch('suspended', { spec: { suspend: null } })
  await expect.poll(() => reasons('suspended')).toEqual(['Ready=True Delivered'])
})

test('what was issued before a moment is replaced and revoked, for all credentials of the provider', async () => {
  for (const name of ['first', 'other']) {
    await tenant.credential(name)
    await tenant.reaches(name, 1)
  }
  // Times of the API are in whole seconds, and those of versions in milliseconds.
  const moment = new Date(Math.ceil(Date.now() / 1000) * 1000).toISOString()
  await tenant.editProvider('ledger', { revokeIssuedBefore: moment })
  for (const name of ['first', 'other']) {
    await tenant.reaches(name, 2)
    await expect.poll(async () => (await statusOf(name))?.versions?.map(({ version }) => version)).toEqual([2])
    expect(await reasons(name)).toEqual(['Ready=True Delivered'])
  }
  await tenant.balances('first', 'other', 'lasting', 'suspended')
  // Told every ten seconds at most.
  await expect
    .poll(() => tenant.providerConditions('ledger'))
    .toEqual(['Accepted=True Accepted', 'Ready=True Accepted', 'Revoking=False NoneLeft'])
})

test('what leaks and is exploited is revoked before its successor is made, whatever keeps it', async () => {
  await tenant.credential('exploited', { rotation: { minOverlap: '1d' } })
  await tenant.reaches('exploited', 1)
  await tenant.rotate('exploited', 'now')
  await tenant.reaches('exploited', 2)
  await tenant.patch('exploited', { spec: { locks: [{ name: 'audit', version: 'previous' }] } })
  await expect.poll(async () => (await statusOf('exploited'))?.locks).toEqual([{ name: 'audit', version: 1 }])
  const leaked = ((await statusOf('exploited'))?.versions ?? []).map(({ credentialsId }) => credentialsId)
  const shown = (await tenant.secret('exploited'))?.data

  const { promise: isMade, resolve: make } = Promise.withResolvers<undefined>()
  tenant.play(async (run) => {
    if (run.env['SM_ACTION'] === 'create_credentials') await isMade
    return stage.upstream.honest(run)
  })
  onTestFinished(() => {
    make(undefined)
    tenant.play('honest')
  })
  const revokeIssuedBefore = new Date(Math.ceil(Date.now() / 1000) * 1000).toISOString()
  await tenant.patch('exploited', { spec: { suspend: true, revokeIssuedBefore, revokeMode: 'Immediate' } })
  await expect.poll(() => stage.upstream.alive().filter((id) => leaked.includes(id))).toEqual([])
  await expect.poll(async () => (await statusOf('exploited'))?.versions).toEqual([])
  expect(await statusOf('exploited')).toMatchObject({ state: 'deactivated', stateNumber: 3, unresolved: [] })
  expect((await statusOf('exploited'))?.currentVersion).toBeUndefined()
  expect(await reasons('exploited')).toEqual(expect.arrayContaining(['Ready=False RevokedAtOnce']))
  expect((await tenant.secret('exploited'))?.data).toEqual(shown)

  make(undefined)
  tenant.play('honest')
  await tenant.reaches('exploited', 3)
  expect((await statusOf('exploited'))?.state).toBe('active')
  await tenant.patch('exploited', { spec: { locks: null, suspend: null } })
  await tenant.balances('first', 'other', 'lasting', 'suspended', 'exploited')
})

test('a time to live that is changed waits for the next version, or has one made at once', async () => {
  await tenant.credential('edited', { ttl: '30d' })
  await tenant.reaches('edited', 1)
  await tenant.patch('edited', { spec: { ttl: '10d', target: { labels: { tier: 'gold' } } } })
  await expect.poll(() => reasons('edited')).toEqual(['Ready=True Delivered', 'UpToDate=False ChangesWaiting'])
  await tenant.patch('edited', { spec: { applyPolicy: 'Immediate' } })
  await tenant.reaches('edited', 2)
  await tenant.patch('edited', { spec: { target: { labels: { tier: 'silver' } } } })
  await expect.poll(() => reasons('edited')).toEqual(['Ready=True Delivered'])
  expect((await statusOf('edited'))?.nextVersion).toMatchObject({ number: 3, attempts: 0 })
  await tenant.balances('first', 'other', 'lasting', 'suspended', 'exploited', 'edited')
})

test('a window tells when the next rotation is, and one that never opens what is wrong', async () => {
  const rotation = { interval: '1d', window: { schedule: '0 2 * * 6', timeZone: 'Europe/Berlin', duration: '4h' } }
  await tenant.credential('windowed', { rotation })
  await expect.poll(async () => (await statusOf('windowed'))?.nextRotationTime).toMatch(/T0[01]:00:00\.000Z$/)
  await tenant.patch('windowed', { spec: { rotation: { window: { schedule: '0 0 30 2 *' } } } })
  await expect.poll(() => reasons('windowed')).toEqual(['Ready=True Delivered', 'Stalled=True WindowInvalid'])
})
