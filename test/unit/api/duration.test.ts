import fc from 'fast-check'
import { expect, it } from 'vitest'
import { formatDuration, parseDuration } from '../../../src/api/duration.ts'

it.each([
  ['90s', 90_000],
  ['10m', 600_000],
  ['12h', 43_200_000],
  ['30d', 2_592_000_000],
  ['1h30m', 5_400_000],
  ['0s', 0],
])('%s is %d milliseconds', (text, milliseconds) => {
  expect(parseDuration(text)).toBe(milliseconds)
})

it.each(['', '10', 'm', '10 m', '1.5h', '-1h', 'P1D', '1w', '10m '])('"%s" is no duration', (text) => {
  expect(() => parseDuration(text)).toThrow('is not a duration')
})

it('what is written is read back', () => {
  fc.assert(
    fc.property(fc.nat(10_000_000), (seconds) => {
      expect(parseDuration(formatDuration(seconds * 1000))).toBe(seconds * 1000)
    }),
  )
})

it('is written in the largest unit that divides it', () => {
  expect([86_400_000, 5_400_000, 90_000, 0].map(formatDuration)).toEqual(['1d', '90m', '90s', '0s'])
})
