import type { Fact } from '../../../sim/observe/facts.ts'
import type { Invariant } from '../../../sim/observe/invariant.ts'
import { State } from '../../../sim/observe/state.ts'

/** What the invariant says of a run of exactly these facts: its first complaint, or undefined. */
export function judge(invariant: Invariant, facts: readonly Fact[]): string | undefined {
  const state = new State()
  const { on, atRest } = invariant.begin()
  for (const fact of facts) {
    state.take(fact)
    const complaint = on?.(fact, state)
    if (complaint !== undefined) return complaint
  }
  return atRest?.(state)
}
