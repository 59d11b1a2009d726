import { afterAll, beforeAll, test } from 'vitest'
import { parseDuration } from '../../src/api/duration.ts'
import { annotation } from '../../src/api/labels.ts'
import type { OrphanedCredential } from '../../src/api/generated.ts'
import { acceleratedDate } from '../../src/runtime/accelerated-clock.ts'
import { ownCluster } from '../support/own-cluster.ts'
import { deletes, refusing } from '../support/scripts.ts'
import { Stage } from '../support/stage.ts'
import type { Tenant } from '../support/tenant.ts'
import { install, ours } from './crds-cluster.ts'

/** A leap of two and a half hours every ten seconds. */
const RATE = 900
const HOUR_MS = 3_600_000
const since = Math.floor(Date.now() / 1000) * 1000
const env = { CLOCK_RATE: String(RATE), CLOCK_EPOCH: new Date(since).toISOString() }
/** The date by the operator's calendar, in milliseconds since the epoch. */
const now = (): number => acceleratedDate(Date.now(), { rate: RATE, since })
const inTime = (duration: string): string => new Date(now() + parseDuration(duration)).toISOString()

const cluster = ownCluster()
let stage: Stage

beforeAll(async () => {
  await install()
  stage = await Stage.open(cluster, cluster, { env })
})

afterAll(() => stage[Symbol.asyncDispose]())

const alive = (tenant: Tenant): string[] => stage.upstream.alive(tenant.name)
const versionsOf = async (tenant: Tenant, name: string) => (await tenant.read(name))?.status.versions ?? []

async function annotate({ metadata }: OrphanedCredential, key: string, value: string): Promise<void> {
  const body = { metadata: { annotations: { [key]: value } } }
  await stage.ask('PATCH', `${ours('orphanedcredentials')}/${metadata.name}`, { body })
}

test.concurrent(
  'what cannot be deleted keeps nobody waiting: an orphan goes on with it, until it succeeds or a person lets go',
  async ({ expect }) => {
    const tenant = await stage.tenant('handed-over')
    const refused = new Set(['tried', 'forgotten'])
    tenant.play(refusing(stage.upstream, (run) => deletes(run) && refused.has(run['SM_SECRET_NAME'] ?? '')))
    for (const name of refused) {
      await tenant.credential(name)
      await tenant.reaches(name, 1)
      await tenant.remove(name)
    }
    for (const name of refused) await tenant.vanishes(name)
    expect(alive(tenant)).toHaveLength(2)
    const orphanOf = async (name: string) => (await tenant.orphans()).find(({ spec }) => spec.credential.name === name)
    for (const name of refused) {
      await expect
        .poll(async () => (await orphanOf(name))?.status)
        .toMatchObject({ state: 'Owed', lastError: { code: 'Locked' } })
      expect((await orphanOf(name))?.spec.reason).toBe('CredentialDeleted')
    }
    const [tried, forgotten] = [await orphanOf('tried'), await orphanOf('forgotten')]
    if (tried === undefined || forgotten === undefined) throw new Error('an orphan has gone by itself')

    const { attempts } = tried.status
    await annotate(tried, annotation.retryRequestedAt, 'now')
    await expect.poll(async () => (await orphanOf('tried'))?.status.lastHandledRetryRequest).toBe('now')
    await expect.poll(async () => (await orphanOf('tried'))?.status.attempts).toBeGreaterThan(attempts)
    refused.delete('tried')
    await expect.poll(() => orphanOf('tried')).toBeUndefined()
    expect(alive(tenant)).toEqual([forgotten.spec.credentialsId])

    await annotate(forgotten, annotation.forget, 'true')
    await expect.poll(() => tenant.orphans()).toEqual([])
    expect(alive(tenant)).toEqual([forgotten.spec.credentialsId])
    for (const { spec } of [tried, forgotten])
      await expect.poll(() => tenant.secretsOf(spec.credential.uid)).toEqual([])
  },
)

test.concurrent(
  'a version that is locked outlives its time to live, and goes once it is unlocked',
  async ({ expect }) => {
    const tenant = await stage.tenant('locked')
    await tenant.credential('kept', { ttl: '4h', locks: [{ name: 'audit', version: 'current' }] })
    await tenant.reaches('kept', 1)
    await tenant.condition('kept', 'Locked', { status: 'True', reason: 'VersionLocked' })
    // What nobody locks expires no earlier, and goes.
    await tenant.credential('free', { ttl: '4h' })
    await tenant.reaches('free', 1)
    await tenant.condition('free', 'Ready', { status: 'False', reason: 'Expired' })
    const [version] = await versionsOf(tenant, 'kept')
    await expect.poll(() => alive(tenant)).toEqual([version?.credentialsId])
    await expect
      .poll(() => tenant.conditions('kept'))
      .toEqual(['Ready=True Delivered', 'Locked=True VersionLocked', 'ExpiryBlocked=True VersionLocked'])

    await tenant.patch('kept', { spec: { locks: null } })
    await tenant.condition('kept', 'Ready', { status: 'False', reason: 'Expired' })
    await expect.poll(() => alive(tenant)).toEqual([])
    await expect.poll(async () => (await tenant.read('kept'))?.status.state).toBe('destroyed')
  },
)

test.concurrent('a rotation that is due waits for its window, and begins in it', async ({ expect }) => {
  const tenant = await stage.tenant('windowed')
  await tenant.credential('orders')
  await tenant.reaches('orders', 1)
  // Due at once, and open in some leaps: for as long as an operator that shares its cores may take to see that it is.
  const opens = Math.ceil(now() / HOUR_MS) * HOUR_MS + 10 * HOUR_MS
  const window = { schedule: `0 ${new Date(opens).getUTCHours()} * * *`, duration: '8h' }
  await tenant.patch('orders', { spec: { rotation: { interval: '1m', window } } })

  await tenant.reaches('orders', 2)
  const [, second] = await versionsOf(tenant, 'orders')
  expect(second?.trigger).toBe('automatic_secret_rotation')
  // Within that window, or the same of a later day.
  const begun = Date.parse(second?.startedAt ?? '') - opens
  expect(begun).toBeGreaterThanOrEqual(0)
  expect(begun % (24 * HOUR_MS)).toBeLessThan(8 * HOUR_MS)
})

test.concurrent('a moment of revocation that is still to come does nothing before it has come', async ({ expect }) => {
  const tenant = await stage.tenant('foreseen')
  await tenant.credential('orders')
  await tenant.reaches('orders', 1)
  const revokeIssuedBefore = inTime('4h')
  await tenant.patch('orders', { spec: { revokeIssuedBefore } })
  const { message } = await tenant.condition('orders', 'Revoking', { status: 'False', reason: 'MomentToCome' })
  expect(message).toContain(`nothing is replaced or revoked for it before ${revokeIssuedBefore}.`)
  expect(await tenant.conditions('orders')).toContain('Ready=True Delivered')

  await tenant.reaches('orders', 2)
  await expect.poll(async () => (await versionsOf(tenant, 'orders')).map(({ version }) => version)).toEqual([2])
  const [second] = await versionsOf(tenant, 'orders')
  expect(Date.parse(second?.startedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(revokeIssuedBefore))
  await expect.poll(() => tenant.conditions('orders')).toEqual(['Ready=True Delivered'])
  await tenant.balances('orders')
})

test.concurrent(
  'that a version is about to expire is told in events, more urgently on its last day',
  async ({ expect }) => {
    const tenant = await stage.tenant('noticed')
    await tenant.credential('later', { ttl: '10d1h' })
    await tenant.credential('soon', { ttl: '25h' })
    await expect.poll(() => tenant.events('CustomCredential', 'later')).toContain('Normal AboutToExpire')
    await expect.poll(() => tenant.events('CustomCredential', 'soon')).toContain('Warning AboutToExpire')
    expect(await tenant.events('CustomCredential', 'later')).not.toContain('Warning AboutToExpire')
  },
)

test('rotations that were missed while the operator was down are made up for once', async ({ expect }) => {
  const tenant = await stage.tenant('missed')
  const interval = '3h'
  await tenant.credential('orders', { rotation: { interval } })
  await tenant.reaches('orders', 1)
  await stage.operator.end('SIGKILL')
  const [first] = await versionsOf(tenant, 'orders')
  const due = Date.parse(first?.createdAt ?? '') + parseDuration(interval)
  await expect.poll(now).toBeGreaterThan(due + parseDuration(interval))
  stage.operator = await stage.start({ env })
  await tenant.reaches('orders', 2)
  const { nextRotationTime, versions = [] } = (await tenant.read('orders'))?.status ?? {}
  const [, second] = versions
  expect(Date.parse(nextRotationTime ?? '')).toBe(Date.parse(second?.createdAt ?? '') + parseDuration(interval))
  expect((await tenant.tasks('orders')).map(({ spec }) => spec.trigger)).toEqual([
    'secret_creation',
    'automatic_secret_rotation',
  ])
  await tenant.balances('orders')
})
