import { afterAll, beforeAll, expect, test } from 'vitest'
import { acceleratedDate } from '../../src/runtime/accelerated-clock.ts'
import { ownCluster } from '../support/own-cluster.ts'
import { Stage } from '../support/stage.ts'
import type { Tenant } from '../support/tenant.ts'
import { install } from './crds-cluster.ts'

const DAY_MS = 86_400_000
/** A leap of thirty days every ten seconds. */
const RATE = 3 * 86_400
const since = Math.floor(Date.now() / 1000) * 1000
const env = { CLOCK_RATE: String(RATE), CLOCK_EPOCH: new Date(since).toISOString() }
/** The date by the operator's calendar. */
const today = (): string => new Date(acceleratedDate(Date.now(), { rate: RATE, since })).toISOString()

const cluster = ownCluster()
let stage: Stage
let tenant: Tenant

beforeAll(async () => {
  await install()
  stage = await Stage.open(cluster, cluster, { env })
  tenant = await stage.tenant('calendar')
})

afterAll(() => stage[Symbol.asyncDispose]())

const versionsOf = async (name: string) => (await tenant.read(name))?.status.versions ?? []

test('a credential lives months in seconds, and its dates are those of one calendar, over a restart as well', async () => {
  await tenant.credential('fast', { rotation: { interval: '60d' } })
  await tenant.reaches('fast', 2)
  const [before] = (await versionsOf('fast')).slice(-1)
  await stage.operator.end('SIGKILL')
  await stage.start({ name: 'operator-2', env })
  await tenant.reaches('fast', 3)
  const [last] = (await versionsOf('fast')).slice(-1)

  const lived = Date.parse(last?.createdAt ?? '') - Date.parse(before?.createdAt ?? '')
  expect(lived).toBeGreaterThanOrEqual(60 * DAY_MS)
  for (const { issuedAfter = '', startedAt = '', createdAt, deliveredAt = '' } of await versionsOf('fast')) {
    // The API server dates in whole seconds, rounded down.
    const dates = [Date.parse(startedAt), Date.parse(issuedAfter) + 1000, Date.parse(createdAt) + 1000]
    expect(dates).toEqual(dates.toSorted((a, b) => a - b))
    expect(deliveredAt >= createdAt).toBe(true)
  }
})

test('a leak is dated by the calendar: what was issued before is replaced once', async () => {
  await tenant.credential('leaked')
  await tenant.reaches('leaked', 1)
  await tenant.patch('leaked', { spec: { revokeIssuedBefore: today() } })
  await tenant.reaches('leaked', 2)
  await expect.poll(async () => (await versionsOf('leaked')).map(({ version }) => version)).toEqual([2])
  await tenant.balances('fast', 'leaked')
})
