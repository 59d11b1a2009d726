import type { Clock } from '../runtime/clock.ts'

/** Payloads are delivered within moments; what is not fetched by then is read from custody. */
const CAPACITY = 256
const KEPT_MS = 60_000

type Payload = Readonly<Record<string, string>>

/**
 * Payloads that the gateway of this process has just put into custody, for the leader in the same process: it spares the
 * read before delivery. Each is given out once and not kept, and is dropped after a minute if nobody fetches it.
 */
export class HandOff {
  readonly #clock: Clock
  /** Oldest first. */
  readonly #held = new Map<string, { readonly payload: Payload; readonly until: number }>()
  /** Of the one timer, which is there while anything is held. */
  #cancel: (() => void) | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  put(taskId: string, payload: Payload): void {
    // Set anew, so that the map stays in the order of age.
    this.#held.delete(taskId)
    this.#held.set(taskId, { payload, until: this.#clock.monotonic() + KEPT_MS })
    const [oldest] = this.#held.keys()
    if (this.#held.size > CAPACITY && oldest !== undefined) this.#held.delete(oldest)
    this.#arm()
  }

  take(taskId: string): Payload | undefined {
    const held = this.#held.get(taskId)
    this.#held.delete(taskId)
    if (this.#held.size === 0) this.#disarm()
    return held?.payload
  }

  /** Nobody comes any more: what is held goes, and with it the timer, which would keep the process alive. */
  clear(): void {
    this.#held.clear()
    this.#disarm()
  }

  /** A timer that was set for a payload that is gone by now fires early, and is set again. */
  #arm(): void {
    const [oldest] = this.#held.values()
    if (oldest === undefined) return
    this.#cancel ??= this.#clock.after(oldest.until - this.#clock.monotonic(), this.#expire)
  }

  #disarm(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  readonly #expire = () => {
    this.#cancel = undefined
    const now = this.#clock.monotonic()
    for (const [taskId, { until }] of this.#held) {
      if (until > now) break
      this.#held.delete(taskId)
    }
    this.#arm()
  }
}
