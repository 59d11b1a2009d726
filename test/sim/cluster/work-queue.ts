import { ApiError } from '../../../src/kube/errors.ts'
import type { Scheduler } from '../scheduler.ts'

/** What the API server refuses is tried again after this. */
const RETRY_MS = 1000

/** Work by key, as controllers do it: later than what caused it, never twice at a time, and again after a refusal. */
export class WorkQueue {
  readonly #scheduler: Scheduler
  readonly #who: string
  readonly #work: (key: string) => void
  /** Of each key that is queued, when it is due and how to call that off. */
  readonly #due = new Map<string, { readonly at: number; readonly cancel: () => void }>()

  constructor(scheduler: Scheduler, who: string, work: (key: string) => void) {
    this.#scheduler = scheduler
    this.#who = who
    this.#work = work
  }

  /** Work on `key` is due in `ms`, unless it is due sooner already. */
  add(key: string, ms: number): void {
    const at = this.#scheduler.now() + ms
    const queued = this.#due.get(key)
    if (queued && queued.at <= at) return
    queued?.cancel()
    const cancel = this.#scheduler.after(ms, `${this.#who} ${key}`, () => {
      this.#due.delete(key)
      try {
        this.#work(key)
      } catch (error) {
        if (!(error instanceof ApiError)) throw error
        this.add(key, RETRY_MS)
      }
    })
    this.#due.set(key, { at, cancel })
  }
}
