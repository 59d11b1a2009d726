import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Delays } from '../../../src/runtime/delays.ts'
import { FakeClock } from '../../support/fake-clock.ts'

it('fires every key once, at the earliest time asked for, in order of time', async () => {
  const wishes = fc.array(fc.tuple(fc.nat({ max: 99 }), fc.nat({ max: 10_000 })), { maxLength: 400 })
  await fc.assert(
    fc.asyncProperty(wishes, async (all) => {
      const clock = new FakeClock()
      const fired: [string, number][] = []
      const delays = new Delays(clock, (key) => fired.push([key, clock.monotonic()]))
      const earliest = new Map<string, number>()
      for (const [key, ms] of all) {
        delays.add(String(key), ms)
        earliest.set(String(key), Math.min(ms, earliest.get(String(key)) ?? Infinity))
      }
      await clock.advance(10_000)
      expect(new Map(fired)).toEqual(earliest)
      expect(fired.length).toBe(earliest.size)
      expect(fired.map(([, at]) => at)).toEqual([...earliest.values()].sort((a, b) => a - b))
      expect(clock.pending).toBe(0)
    }),
    { numRuns: 30 },
  )
})

it('does not wait for what a frozen process has missed', async () => {
  const clock = new FakeClock()
  const fired: string[] = []
  const delays = new Delays(clock, (key) => fired.push(key))
  delays.add('a', 1_000)
  delays.add('b', 2_000)
  clock.pause(3_600_000)
  await clock.advance(0)
  expect(fired).toEqual(['a', 'b'])
})

it('does not pile up what was replaced by an earlier wish', async () => {
  const clock = new FakeClock()
  let timers = 0
  const counting = {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    after: (ms: number, callback: () => void) => {
      timers += 1
      return clock.after(ms, callback)
    },
  }
  const delays = new Delays(counting, () => undefined)
  for (let i = 0; i < 1_000; i++) {
    delays.add('a', 1_000_000)
    delays.add('a', 1)
    await clock.advance(1)
  }
  timers = 0
  await clock.advance(2_000_000)
  expect(timers).toBeLessThan(100)
})

it.each([
  { leap: 'ahead', ms: 86_400_000, fired: ['a', 'b'] },
  { leap: 'back', ms: -86_400_000, fired: [] },
  { leap: 'by what drift explains', ms: 500, fired: [] },
])('within a minute of a leap of the wall clock $leap, $fired are due', async ({ ms, fired }) => {
  const clock = new FakeClock()
  const due: string[] = []
  const delays = new Delays(clock, (key) => due.push(key))
  delays.add('a', 3_600_000)
  delays.add('b', 86_400_000)
  await clock.advance(1_000_000)
  clock.jump(ms)
  await clock.advance(60_000)
  expect(due).toEqual(fired)
})
