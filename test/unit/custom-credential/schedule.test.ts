import { describe, expect, it } from 'vitest'
import { createBackoff, deleteBackoff, minOverlap, waitEnds } from '../../../src/custom-credential/schedule.ts'
import { aCredential, after, at } from '../../support/builders.ts'

const SECOND = 1000
const HOUR = 3_600_000
const DAY = 24 * HOUR

describe('the wait before another try', () => {
  it.each([
    [1, 10 * SECOND],
    [2, 20 * SECOND],
    [3, 40 * SECOND],
    [9, 2560 * SECOND],
    [10, HOUR],
    [1000, HOUR],
  ])('of a creation that failed %d times is %d ms: from 10 s doubling to an hour', (failures, wait) => {
    expect(createBackoff(failures)).toBe(wait)
  })

  it.each([
    [1, 10 * SECOND],
    [10, HOUR],
    [32, HOUR],
    [33, DAY],
    [1000, DAY],
  ])('of a deletion that failed %d times is %d ms: daily in the end (S24)', (failures, wait) => {
    expect(deleteBackoff(failures)).toBe(wait)
  })

  it('of a deletion becomes daily after about a day', () => {
    const waits = Array.from({ length: 32 }, (_, index) => deleteBackoff(index + 1))
    expect(waits.reduce((sum, wait) => sum + wait, 0) / DAY).toBeCloseTo(1, 1)
  })
})

describe('a wait with a backoff of 10 s', () => {
  it.each([
    ['is over at its time', '10s', after('10s')],
    ['may be noted by a replica whose clock is a little ahead', '40s', after('40s')],
    ['is not waited for where the clock has been set back by a day since', '1d10s', -Infinity],
  ])('%s', (_, noted, end) => {
    expect(waitEnds(at(noted), 10 * SECOND, after())).toBe(end)
  })
})

it('versions overlap as long as the spec says, and not at all where it says nothing', () => {
  expect(minOverlap(aCredential().rotating('1d', '90m').object.spec)).toBe(5_400_000)
  expect(minOverlap(aCredential().rotating('1d').object.spec)).toBe(0)
})
