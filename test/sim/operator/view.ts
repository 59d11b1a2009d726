import type { ApiServer } from '../api-server/api-server.ts'
import type { Scheduler } from '../scheduler.ts'

/**
 * What an API server shows to those who watch. One that has fallen behind shows the world as it was, until it catches up all
 * at once; writes and exact reads are never behind.
 */
export class View {
  readonly #server: ApiServer
  readonly #scheduler: Scheduler
  #frozen: { readonly revision: number; readonly untilMs: number } | undefined

  constructor(server: ApiServer, scheduler: Scheduler) {
    this.#server = server
    this.#scheduler = scheduler
  }

  /** Shows nothing newer than `revision` for `ms`. */
  freeze(revision: number, ms: number): void {
    this.#frozen = { revision, untilMs: this.#scheduler.now() + ms }
  }

  /** The newest revision that is shown. */
  get revision(): number {
    return this.delayMs(Infinity) === 0 ? this.#server.revision : (this.#frozen?.revision ?? 0)
  }

  /** How long it takes from now until `revision` is shown, 0 where it is. */
  delayMs(revision: number): number {
    if (this.#frozen === undefined || revision <= this.#frozen.revision) return 0
    return Math.max(0, this.#frozen.untilMs - this.#scheduler.now())
  }
}
