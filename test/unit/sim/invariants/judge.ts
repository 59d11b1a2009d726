import type { Fact } from '../../../sim/observe/facts.ts'
import type { Invariant } from '../../../sim/observe/invariant.ts'
import { State } from '../../../sim/observe/state.ts'

/** A fact, or a while in which nothing happens. */
export type Moment = Fact | { readonly passMs: number }

/** So much time goes by, in seconds. */
export const pass = (seconds: number): Moment => ({ passMs: seconds * 1000 })

/** When every told run begins: 2026-01-01T00:00:00Z. */
export const BEGIN = Date.UTC(2026, 0, 1)

/** What the invariant says of a run of exactly these moments: its first complaint, or undefined. */
export function judge(invariant: Invariant, moments: readonly Moment[]): string | undefined {
  const state = new State()
  const { on, atRest } = invariant.begin()
  let now = BEGIN
  for (const moment of moments) {
    if ('passMs' in moment) {
      now += moment.passMs
      continue
    }
    state.take(moment, now)
    const complaint = on?.(moment, state)
    if (complaint !== undefined) return complaint
  }
  state.now = now
  return atRest?.(state)
}
