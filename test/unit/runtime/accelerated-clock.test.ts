import { expect, it, test } from 'vitest'
import { acceleratedClock, acceleratedDate } from '../../../src/runtime/accelerated-clock.ts'
import { Delays } from '../../../src/runtime/delays.ts'
import { FakeClock } from '../../support/fake-clock.ts'

const SINCE = Date.UTC(2026, 0, 1)
const HOUR_MS = 3_600_000
const hourly = { rate: 3600, since: SINCE }

const stage = () => {
  const clock = new FakeClock(SINCE)
  return { clock, calendar: acceleratedClock(clock, hourly) }
}

it.each([
  { after: 0, hours: 0, ms: 0 },
  { after: 9_999, hours: 0, ms: 9_999 },
  { after: 10_000, hours: 10, ms: 0 },
  { after: 13_000, hours: 10, ms: 3_000 },
  { after: 60_000, hours: 60, ms: 0 },
])(
  '$after ms after its epoch it is $hours h and $ms ms later: true seconds between leaps',
  async ({ after, hours, ms }) => {
    const { clock, calendar } = stage()
    await clock.advance(after)
    expect(calendar.now() - SINCE).toBe(hours * HOUR_MS + ms)
  },
)

it('has lived its rate of seconds in each, whenever it leaps', () => {
  for (const minutes of [1, 10, 1000]) {
    expect(acceleratedDate(SINCE + minutes * 60_000, hourly) - SINCE).toBe(minutes * 60_000 * hourly.rate)
  }
})

it('never goes back, and keeps the order of moments', () => {
  const moments = Array.from({ length: 500 }, (_, i) => SINCE - 20_000 + i * 137)
  const dates = moments.map((moment) => acceleratedDate(moment, hourly))
  expect(dates).toEqual(dates.toSorted((a, b) => a - b))
})

it('is the true clock before its epoch, and at a rate of one', () => {
  expect(acceleratedDate(SINCE - 1, hourly)).toBe(SINCE - 1)
  expect(acceleratedDate(SINCE + 12_345, { rate: 1, since: SINCE })).toBe(SINCE + 12_345)
})

it('leaps with a whole second: what the API server dates after a leap, rounded down, lies after it', () => {
  const ragged = { rate: 3600, since: SINCE + 700 }
  const startedAt = SINCE + 10_800
  expect(acceleratedDate(SINCE + 10_000, ragged)).toBeGreaterThan(acceleratedDate(startedAt, ragged) - 1_000)
})

it('measures true time', async () => {
  const { clock, calendar } = stage()
  let fired = -1
  calendar.after(25_000, () => {
    fired = clock.monotonic()
  })
  calendar.after(5, () => expect.unreachable())()
  await clock.advance(30_000)
  expect({ fired, monotonic: calendar.monotonic() }).toEqual({ fired: 25_000, monotonic: 30_000 })
})

it.each([
  { after: -4_000, leapsInMs: 14_000 },
  { after: 0, leapsInMs: 10_000 },
  { after: 9_990, leapsInMs: 10 },
  { after: 10_000, leapsInMs: 10_000 },
])('$after ms after its epoch it tells that it leaps in $leapsInMs ms', ({ after, leapsInMs }) => {
  expect(acceleratedClock(new FakeClock(SINCE + after), hourly).leapsInMs?.()).toBe(leapsInMs)
})

test('what waits for a date is looked at with the leap that brings it', async () => {
  const { clock, calendar } = stage()
  const due: number[] = []
  new Delays(calendar, () => due.push(clock.monotonic())).add('a', 9 * HOUR_MS)
  await clock.advance(9_999)
  expect(due).toEqual([])
  await clock.advance(1)
  expect(due).toEqual([10_000])
})
