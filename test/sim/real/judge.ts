import { INVARIANTS } from '../invariants/index.ts'
import type { Fact } from '../observe/facts.ts'
import { State } from '../observe/state.ts'
import { UNJUDGED } from './limits.ts'

/** A rule that was broken, and at which fact, counted from 1. */
export interface Broken {
  readonly rule: string
  readonly what: string
  readonly fact: number
}

/** The rules of the simulator that facts of a real world can be judged by. */
export const JUDGED = INVARIANTS.filter(({ id }) => UNJUDGED.every((rule) => rule.id !== id))

/** Judges the facts of a world by the rules of the simulator, one after the other. */
export class Judge {
  readonly state = new State()
  readonly violations: Broken[] = []
  facts = 0
  readonly #checkers = JUDGED.map((invariant) => ({ invariant, checker: invariant.begin() }))

  take(fact: Fact): void {
    this.facts += 1
    this.state.take(fact, Date.now())
    for (const { invariant, checker } of this.#checkers) this.#note(invariant.id, checker.on?.(fact, this.state))
  }

  get isBroken(): boolean {
    return this.violations.length > 0
  }

  /** What the rules about a world at rest still have to say; nothing once it is at rest. */
  unrest(): readonly Broken[] {
    this.state.now = Date.now()
    return this.#checkers.flatMap(({ invariant, checker }) => {
      const what = checker.atRest?.(this.state)
      return what === undefined ? [] : [{ rule: invariant.id, what, fact: this.facts }]
    })
  }

  #note(rule: string, what: string | undefined): void {
    // What is wrong once is often wrong at every fact that follows.
    if (what === undefined || this.violations.some((known) => known.rule === rule && known.what === what)) return
    this.violations.push({ rule, what, fact: this.facts })
  }
}
