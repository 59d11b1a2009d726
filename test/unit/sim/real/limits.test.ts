import { expect, it } from 'vitest'
import { INVARIANTS } from '../../../sim/invariants/index.ts'
import { UNJUDGED, UNTRIED } from '../../../sim/real/limits.ts'

it.each([...UNJUDGED, ...UNTRIED])('$id, of which the real tier says what it cannot do for it, is a rule', ({ id }) => {
  expect(INVARIANTS.map((rule) => rule.id)).toContain(id)
})
