import type { Clock, Random } from './clock.ts'
import { Delays } from './delays.ts'
import { Fifo } from './fifo.ts'

export interface WorkQueueOptions {
  readonly clock: Clock
  readonly random: Random
  /** Delay after the first failure of a key; doubles with each further one. */
  readonly baseMs?: number
  readonly capMs?: number
  /** Told the number of keys that wait for a worker. */
  readonly onDepth?: (keys: number) => void
  /** Told how long a key has waited for a worker. */
  readonly onWaited?: (seconds: number) => void
}

/**
 * Keys to be worked on. A key waits at most once, is never worked on twice at the same time, and runs again if it was
 * added meanwhile. Namespaces take turns, so ten thousand keys of one namespace delay another namespace's by one key.
 */
export class WorkQueue {
  readonly #options: WorkQueueOptions
  /** Keys that wait for a worker, or whose worker must start over, with the time since when. */
  readonly #dirty = new Map<string, number>()
  readonly #processing = new Set<string>()
  readonly #failures = new Map<string, number>()
  readonly #delays: Delays
  readonly #waiting = new Map<string, Fifo<string>>()
  readonly #turns = new Fifo<string>()
  readonly #idleWorkers = new Fifo<(key: string | undefined) => void>()
  /** The number of keys that wait for a worker. */
  #depth = 0
  #drained: PromiseWithResolvers<void> | undefined

  constructor(options: WorkQueueOptions) {
    this.#options = options
    this.#delays = new Delays(options.clock, (key) => {
      this.add(key)
    })
  }

  add(key: string): void {
    if (this.#drained || this.#dirty.has(key)) return
    this.#dirty.set(key, this.#options.clock.monotonic())
    if (!this.#processing.has(key)) this.#enqueue(key)
  }

  /** Adds the key in `ms`. Of several such wishes for a key the earliest counts. */
  addAfter(key: string, ms: number): void {
    if (this.#drained) return
    if (ms <= 0) this.add(key)
    else this.#delays.add(key, ms)
  }

  /** Adds the key after a delay that doubles with every failure since the last `forget`, and is at least `atLeastMs`. */
  retry(key: string, atLeastMs = 0): void {
    const { random, baseMs = 1_000, capMs = 300_000 } = this.#options
    const failures = this.#failures.get(key) ?? 0
    this.#failures.set(key, failures + 1)
    const bound = Math.min(capMs, baseMs * 2 ** failures)
    // Between half the bound and the bound: spread out, but never at once.
    const delay = bound * (0.5 + 0.5 * random())
    this.addAfter(key, atLeastMs > 0 ? Math.max(delay, atLeastMs + baseMs * random()) : delay)
  }

  /** The key's next failure counts as its first. */
  forget(key: string): void {
    this.#failures.delete(key)
  }

  /** The next key, for as long as it takes. Must be answered by `done`. Undefined: no more work, the worker may go. */
  next(): Promise<string | undefined> {
    if (this.#drained) return Promise.resolve(undefined)
    const key = this.#dequeue()
    if (key !== undefined) return Promise.resolve(key)
    return new Promise((resolve) => {
      this.#idleWorkers.push(resolve)
    })
  }

  done(key: string): void {
    this.#processing.delete(key)
    if (this.#drained) {
      if (this.#processing.size === 0) this.#drained.resolve()
    } else if (this.#dirty.has(key)) {
      this.#enqueue(key)
    }
  }

  /**
   * Hands out no more keys, and resolves when those being worked on are done. Keys that wait are dropped: the next
   * process finds them by looking at the objects.
   */
  shutDown(): Promise<void> {
    if (!this.#drained) {
      this.#drained = Promise.withResolvers()
      this.#delays.clear()
      for (let resolve = this.#idleWorkers.shift(); resolve; resolve = this.#idleWorkers.shift()) resolve(undefined)
      if (this.#processing.size === 0) this.#drained.resolve()
    }
    return this.#drained.promise
  }

  #enqueue(key: string): void {
    const namespace = namespaceOf(key)
    const waiting = this.#waiting.get(namespace)
    if (waiting) {
      waiting.push(key)
    } else {
      const first = new Fifo<string>()
      first.push(key)
      this.#waiting.set(namespace, first)
      this.#turns.push(namespace)
    }
    this.#depth += 1
    const worker = this.#idleWorkers.shift()
    if (worker) worker(this.#dequeue())
    this.#options.onDepth?.(this.#depth)
  }

  #dequeue(): string | undefined {
    const namespace = this.#turns.shift()
    if (namespace === undefined) return undefined
    const waiting = this.#waiting.get(namespace)
    const key = waiting?.shift()
    if (waiting && waiting.size > 0) this.#turns.push(namespace)
    else this.#waiting.delete(namespace)
    if (key === undefined) return undefined
    this.#start(key)
    return key
  }

  #start(key: string): void {
    const { clock, onDepth, onWaited } = this.#options
    const since = this.#dirty.get(key) ?? clock.monotonic()
    this.#dirty.delete(key)
    this.#processing.add(key)
    this.#depth -= 1
    onDepth?.(this.#depth)
    onWaited?.((clock.monotonic() - since) / 1000)
  }
}

const namespaceOf = (key: string): string => key.slice(0, key.indexOf('/'))
