import type { Clock } from '../../src/runtime/clock.ts'

interface Timer {
  readonly at: number
  readonly order: number
  readonly callback: () => void
}

/** Time that passes only when told to, in order, with everything that becomes possible done before it goes on. */
export class FakeClock implements Clock {
  #wall: number
  #monotonic = 0
  #order = 0
  readonly #timers = new Set<Timer>()

  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#wall = startMs
  }

  /** Timers that have not fired: to see that nothing is left behind. */
  get pending(): number {
    return this.#timers.size
  }

  now(): number {
    return this.#wall
  }

  monotonic(): number {
    return this.#monotonic
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { at: this.#monotonic + Math.max(0, ms), order: this.#order++, callback }
    this.#timers.add(timer)
    return () => {
      this.#timers.delete(timer)
    }
  }

  /** Lets `ms` pass: fires what becomes due at its own time, and settles all promises after each. */
  async advance(ms: number): Promise<void> {
    const end = this.#monotonic + ms
    await this.settle()
    for (let timer = this.#next(end); timer; timer = this.#next(end)) {
      this.#timers.delete(timer)
      this.#pass(Math.max(0, timer.at - this.#monotonic))
      timer.callback()
      await this.settle()
    }
    this.#pass(end - this.#monotonic)
  }

  /** Lets all promises settle that wait for nothing but each other. */
  async settle(): Promise<void> {
    // An immediate runs when the microtask queue is empty.
    await new Promise((resolve) => setImmediate(resolve))
  }

  /** Moves the wall clock alone, as an administrator or NTP does. */
  jump(ms: number): void {
    this.#wall += ms
  }

  /** The process is frozen: time passes, and no timer fires before the next `advance`. */
  pause(ms: number): void {
    this.#pass(ms)
  }

  #pass(ms: number): void {
    this.#monotonic += ms
    this.#wall += ms
  }

  #next(end: number): Timer | undefined {
    let first: Timer | undefined
    for (const timer of this.#timers) {
      if (timer.at > end) continue
      if (!first || timer.at < first.at || (timer.at === first.at && timer.order < first.order)) first = timer
    }
    return first
  }
}
