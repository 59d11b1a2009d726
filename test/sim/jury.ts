import { INVARIANTS } from './invariants/index.ts'
import type { Fact } from './observe/facts.ts'
import type { Invariant } from './observe/invariant.ts'
import { State } from './observe/state.ts'

export interface Violation {
  readonly rule: string
  readonly says: string
  readonly what: string
}

/** Judges one run by all rules, or by these, fact by fact. The first rule that is broken counts; what comes of it does not. */
export class Jury {
  violation: Violation | undefined
  readonly #state = new State()
  readonly #checkers

  constructor(rules: readonly Invariant[] = INVARIANTS) {
    this.#checkers = rules.map((invariant) => ({ invariant, checker: invariant.begin() }))
  }

  hear(fact: Fact, now: number): void {
    this.#state.take(fact, now)
    for (const { invariant, checker } of this.#checkers) {
      this.fail(invariant.id, invariant.says, checker.on?.(fact, this.#state))
    }
  }

  /** Whether nothing is left to be done. */
  isContent(now: number): boolean {
    this.#state.now = now
    return this.#checkers.every(({ checker }) => checker.atRest?.(this.#state) === undefined)
  }

  /** The world has had its time: from now on, nothing may be left to be done. */
  close(now: number): void {
    this.#state.now = now
    for (const { invariant, checker } of this.#checkers) {
      this.fail(invariant.id, invariant.says, checker.atRest?.(this.#state))
    }
  }

  fail(rule: string, says: string, what: string | undefined): void {
    if (what !== undefined) this.violation ??= { rule, says, what }
  }
}
