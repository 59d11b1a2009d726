import type { Clock } from './clock.ts'

interface Entry {
  readonly key: string
  readonly dueAt: number
}

/** A timer does not know when the wall clock leaps, or the machine sleeps: no longer than this is slept without a look. */
const LOOK_MS = 60_000
const LEAP_MS = 1_000

/**
 * Keys that become due, each once, at the earliest time that was asked for. Holds a single timer however many there are. A
 * wait may be for a time of day: when the wall clock leaps ahead, all become due, for their owners to look at it again.
 */
export class Delays {
  readonly #clock: Clock
  readonly #onDue: (key: string) => void
  readonly #dueAt = new Map<string, number>()
  /** A binary heap by due time. An entry that `#dueAt` no longer bears out has been replaced by an earlier one. */
  #heap: Entry[] = []
  #timer: { readonly dueAt: number; readonly cancel: () => void } | undefined
  /** How far the wall clock was ahead of the monotonic one at the last look. */
  #ahead: number

  constructor(clock: Clock, onDue: (key: string) => void) {
    this.#clock = clock
    this.#onDue = onDue
    this.#ahead = clock.now() - clock.monotonic()
  }

  add(key: string, ms: number): void {
    const dueAt = this.#clock.monotonic() + ms
    if (dueAt >= (this.#dueAt.get(key) ?? Infinity)) return
    this.#dueAt.set(key, dueAt)
    this.#push({ key, dueAt })
    // Replaced entries leave when their time comes, which may be in a month: don't let them pile up.
    if (this.#heap.length > 64 && this.#heap.length > 2 * this.#dueAt.size) this.#compact()
    this.#arm()
  }

  clear(): void {
    this.#dueAt.clear()
    this.#heap = []
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #arm(): void {
    const first = this.#heap[0]?.dueAt
    if (first === undefined || (this.#timer && this.#timer.dueAt <= first)) return
    this.#timer?.cancel()
    const now = this.#clock.monotonic()
    const dueAt = Math.min(first, now + LOOK_MS, now + (this.#clock.leapsInMs?.() ?? Infinity))
    this.#timer = { dueAt, cancel: this.#clock.after(Math.max(0, dueAt - now), this.#fire) }
  }

  readonly #fire = () => {
    // Node's timers may fire up to a millisecond early: what the timer was set for is due.
    const now = this.#hasLeapt() ? Infinity : Math.max(this.#clock.monotonic(), this.#timer?.dueAt ?? 0)
    this.#timer = undefined
    for (let first = this.#heap[0]; first && first.dueAt <= now; first = this.#heap[0]) {
      this.#pop()
      if (this.#dueAt.get(first.key) !== first.dueAt) continue
      this.#dueAt.delete(first.key)
      this.#onDue(first.key)
    }
    this.#arm()
  }

  #hasLeapt(): boolean {
    const before = this.#ahead
    this.#ahead = this.#clock.now() - this.#clock.monotonic()
    return this.#ahead - before > LEAP_MS
  }

  #push(entry: Entry): void {
    const heap = this.#heap
    let at = heap.push(entry) - 1
    while (at > 0) {
      const up = (at - 1) >> 1
      if (!this.#swapIfLater(up, at)) break
      at = up
    }
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    heap[0] = last
    for (let at = 0; ;) {
      const left = 2 * at + 1
      const down = this.#dueTime(left + 1) < this.#dueTime(left) ? left + 1 : left
      if (!this.#swapIfLater(at, down)) break
      at = down
    }
  }

  #swapIfLater(upper: number, lower: number): boolean {
    const above = this.#heap[upper]
    const below = this.#heap[lower]
    if (!above || !below || above.dueAt <= below.dueAt) return false
    this.#heap[upper] = below
    this.#heap[lower] = above
    return true
  }

  #dueTime(at: number): number {
    return this.#heap[at]?.dueAt ?? Infinity
  }

  #compact(): void {
    this.#heap = []
    for (const [key, dueAt] of this.#dueAt) this.#push({ key, dueAt })
  }
}
