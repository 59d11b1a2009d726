import type { Clock, Random } from './clock.ts'

export interface BackoffOptions {
  readonly clock: Clock
  readonly random: Random
  readonly baseMs: number
  readonly capMs: number
  /** So long without a failure, and the next one counts as the first. */
  readonly resetAfterMs: number
}

/**
 * Exponential back-off with full jitter: a delay is anywhere between zero and a bound that doubles with every failure,
 * so that clients which failed together don't come back together.
 */
export class Backoff {
  readonly #options: BackoffOptions
  #failures = 0
  #lastFailureAt = -Infinity

  constructor(options: BackoffOptions) {
    this.#options = options
  }

  /** Milliseconds to wait after a failure just now, and never less than the server asked for. */
  next(retryAfterSeconds = 0): number {
    const { clock, random, baseMs, capMs, resetAfterMs } = this.#options
    const now = clock.monotonic()
    if (now - this.#lastFailureAt > resetAfterMs) this.#failures = 0
    const delay = retryAfterSeconds * 1000 + random() * Math.min(capMs, baseMs * 2 ** this.#failures)
    this.#failures += 1
    // Time spent waiting is not health.
    this.#lastFailureAt = now + delay
    return delay
  }
}
