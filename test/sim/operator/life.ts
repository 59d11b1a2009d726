import type { Clock } from '../../../src/runtime/clock.ts'
import type { Scheduler } from '../scheduler.ts'

/** The process of one operator: what a crash takes away, and what a pause holds up. */
export class Life {
  alive = true
  /** Virtual time until which the process is frozen. */
  #pausedUntil = 0
  /** How far its wall clock is off, in milliseconds. */
  skewMs = 0
  readonly #scheduler: Scheduler
  readonly #onEnd: (() => void)[] = []

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler
  }

  get paused(): boolean {
    return this.#scheduler.now() < this.#pausedUntil
  }

  /** Ends at once: no promise of its is ever settled, no timer fires. What it has sent is on its way all the same. */
  end(): void {
    if (!this.alive) return
    this.alive = false
    for (const tell of this.#onEnd.splice(0)) tell()
  }

  pause(ms: number): void {
    this.#pausedUntil = this.#scheduler.now() + ms
  }

  /** Tells at once where the process has ended already. */
  onEnd(tell: () => void): void {
    if (this.alive) this.#onEnd.push(tell)
    else tell()
  }

  /** Lets `news` reach the process: never where it has ended, late where it is frozen. */
  deliver(what: string, news: () => void): void {
    if (!this.alive) return
    if (!this.paused) {
      news()
      return
    }
    this.#scheduler.after(this.#pausedUntil - this.#scheduler.now(), what, () => {
      this.deliver(what, news)
    })
  }

  readonly clock: Clock = {
    now: () => this.#scheduler.now() + this.skewMs,
    monotonic: () => this.#scheduler.now(),
    after: (ms, callback) => {
      let cancelled = false
      const cancel = this.#scheduler.after(ms, 'timer', () => {
        this.deliver('timer', () => {
          if (!cancelled) callback()
        })
      })
      return () => {
        cancelled = true
        cancel()
      }
    },
  }
}
