import { INVARIANTS } from './invariants/index.ts'
import type { Fact } from './observe/facts.ts'
import type { Invariant } from './observe/invariant.ts'
import { State } from './observe/state.ts'

export interface Violation {
  readonly rule: string
  readonly says: string
  readonly what: string
}

/** One rule, and what it has to say. */
interface Judge<Ask> extends Pick<Invariant, 'id' | 'says'> {
  readonly ask: Ask
}

/** Judges one run by all rules, or by these, fact by fact. The first rule that is broken counts; what comes of it does not. */
export class Jury {
  violation: Violation | undefined
  readonly #state = new State()
  // Checkers have many shapes, and hear a million facts: their functions are taken out of them once.
  readonly #listeners: Judge<(fact: Fact, state: State) => string | undefined>[] = []
  readonly #closers: Judge<(state: State) => string | undefined>[] = []

  constructor(rules: readonly Invariant[] = INVARIANTS) {
    for (const { id, says, begin } of rules) {
      const { on, atRest } = begin()
      if (on) this.#listeners.push({ id, says, ask: on })
      if (atRest) this.#closers.push({ id, says, ask: atRest })
    }
  }

  hear(fact: Fact, now: number): void {
    this.#state.take(fact, now)
    for (const { id, says, ask } of this.#listeners) this.fail(id, says, ask(fact, this.#state))
  }

  /** Whether nothing is left to be done. */
  isContent(now: number): boolean {
    this.#state.now = now
    return this.#closers.every(({ ask }) => ask(this.#state) === undefined)
  }

  /** The world has had its time: from now on, nothing may be left to be done. */
  close(now: number): void {
    this.#state.now = now
    for (const { id, says, ask } of this.#closers) this.fail(id, says, ask(this.#state))
  }

  fail(rule: string, says: string, what: string | undefined): void {
    if (what !== undefined) this.violation ??= { rule, says, what }
  }
}
