import { expect, test } from 'vitest'
import { INVARIANTS, NOT_YET } from '../../../sim/invariants/index.ts'

const numbered = (letter: string, last: number): string[] =>
  Array.from({ length: last }, (_, index) => `${letter}${index + 1}`)

test('every rule is judged, or the reason why not is given', () => {
  const known = [...INVARIANTS, ...NOT_YET].map(({ id }) => id.split(' ')[0])
  const rules = [...numbered('S', 36), ...numbered('L', 10)]
  expect(rules.filter((id) => !known.includes(id))).toEqual([])
})

test('no two invariants bear the same ID', () => {
  const ids = INVARIANTS.map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
})
