import { expect, it } from 'vitest'
import { parseDuration } from '../../../src/api/duration.ts'

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
