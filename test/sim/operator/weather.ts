import type { ApiError } from '../../../src/kube/errors.ts'
import type { Scheduler } from '../scheduler.ts'

interface Spell {
  readonly requests: RegExp
  readonly refusal: () => ApiError
  readonly untilMs: number
}

/** What refuses requests of all processes for a while, and not just one of them: an outage, a quota, a right taken away. */
export class Weather {
  readonly #scheduler: Scheduler
  #spells: Spell[] = []

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler
  }

  /** From now on and for `ms`, requests whose place matches are refused. */
  turn(requests: RegExp, refusal: () => ApiError, ms: number): void {
    this.#spells.push({ requests, refusal, untilMs: this.#scheduler.now() + ms })
  }

  /** Why a request is refused now; undefined in fair weather. */
  refusal(place: string): ApiError | undefined {
    if (this.#spells.length === 0) return undefined
    this.#spells = this.#spells.filter(({ untilMs }) => untilMs > this.#scheduler.now())
    return this.#spells.find(({ requests }) => requests.test(place))?.refusal()
  }
}
