import type { Key } from '../api/meta.ts'
import { ApiError, isConflict } from '../kube/errors.ts'
import { keyText, parseKey } from '../kube/key.ts'
import type { Clock, Random } from './clock.ts'
import type { Logger } from './logger.ts'
import { WorkQueue } from './work-queue.ts'

/** `{}`: done until something changes. */
export interface Outcome {
  /** Look again after so long, whatever happens. */
  readonly requeueAfterMs?: number
}

export type Result = 'done' | 'requeued' | 'conflict' | 'error'

export interface ControllerMetrics {
  reconciled(result: Result, seconds: number): void
  /** Keys that wait for a worker. */
  depth(keys: number): void
  /** Workers that are busy. */
  active(workers: number): void
  /** How long a key has waited for a worker. */
  waited(seconds: number): void
}

export interface ControllerOptions {
  readonly name: string
  /** How many keys are reconciled at the same time. */
  readonly workers: number
  /**
   * Brings the object of this key closer to what it should be. A rejection means: try again, later each time. The key
   * stays reserved until the promise settles: every call in it has a time limit of its own.
   */
  readonly reconcile: (key: Key) => Promise<Outcome>
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly metrics?: ControllerMetrics
}

/** A queue of keys and the workers that reconcile them. Keys may be queued before it runs. */
export class Controller {
  readonly name: string
  readonly #options: ControllerOptions
  readonly #queue: WorkQueue
  #active = 0

  constructor(options: ControllerOptions) {
    const { clock, random, metrics } = options
    this.name = options.name
    this.#options = options
    this.#queue = new WorkQueue({
      clock,
      random,
      ...(metrics && {
        onDepth: (keys: number) => {
          metrics.depth(keys)
        },
        onWaited: (seconds: number) => {
          metrics.waited(seconds)
        },
      }),
    })
  }

  enqueue(key: Key): void {
    this.#queue.add(keyText(key))
  }

  enqueueAfter(key: Key, ms: number): void {
    this.#queue.addAfter(keyText(key), ms)
  }

  /**
   * Works until `stop` is aborted, and resolves when the reconciles under way have ended: nothing interrupts them, the fence
   * around the API refuses what a deposed leader would write. Never rejects. Call it once.
   */
  async run(stop: AbortSignal): Promise<void> {
    const shutDown = () => void this.#queue.shutDown()
    if (stop.aborted) shutDown()
    else stop.addEventListener('abort', shutDown, { once: true })
    await Promise.all(Array.from({ length: this.#options.workers }, () => this.#work()))
  }

  async #work(): Promise<void> {
    for (let key = await this.#queue.next(); key !== undefined; key = await this.#queue.next()) {
      this.#options.metrics?.active((this.#active += 1))
      await this.#process(key)
      this.#options.metrics?.active((this.#active -= 1))
      this.#queue.done(key)
    }
  }

  async #process(key: string): Promise<void> {
    const { clock, metrics } = this.#options
    const startedAt = clock.monotonic()
    const result = await this.#reconcile(key)
    metrics?.reconciled(result, (clock.monotonic() - startedAt) / 1000)
  }

  /** Every way in which a reconcile can end, and what follows from it. */
  async #reconcile(key: string): Promise<Result> {
    try {
      const { requeueAfterMs } = await this.#options.reconcile(parseKey(key))
      this.#queue.forget(key)
      if (requeueAfterMs === undefined) return 'done'
      this.#queue.addAfter(key, requeueAfterMs)
      return 'requeued'
    } catch (error) {
      return this.#failed(key, error)
    }
  }

  #failed(key: string, error: unknown): Result {
    const { logger, name } = this.#options
    this.#queue.retry(key, error instanceof ApiError ? (error.retryAfterSeconds ?? 0) * 1000 : 0)
    if (isConflict(error)) {
      // Somebody was faster. That is how optimistic concurrency works, no fault.
      logger.debug({ controller: name, key }, 'the object has changed meanwhile')
      return 'conflict'
    }
    logger.error({ err: error, controller: name, key }, 'a reconcile failed')
    return 'error'
  }
}
