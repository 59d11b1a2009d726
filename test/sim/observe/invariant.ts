import type { Fact } from './facts.ts'
import type { State } from './state.ts'

/** A rule of the system (S1-S36, L1-L10 of the safety rules) that every run of every world has to keep. */
export interface Invariant {
  /** `S1`. */
  readonly id: string
  /** The rule in one sentence. */
  readonly says: string
  /** A fresh memory for one run. */
  readonly begin: () => Checker
}

/** Each returns what is wrong, in words with names in them; undefined where nothing is. */
export interface Checker {
  /** Called with every fact, after `state` has taken it in. */
  readonly on?: (fact: Fact, state: State) => string | undefined
  /** Called once, when the faults are over and the world has come to rest. */
  readonly atRest?: (state: State) => string | undefined
}
