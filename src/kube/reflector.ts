import type { KubeObject, Resource } from '../api/meta.ts'
import { Backoff } from '../runtime/backoff.ts'
import { sleep, type Clock, type Random } from '../runtime/clock.ts'
import { LinkedAbort } from '../runtime/linked-abort.ts'
import type { Logger } from '../runtime/logger.ts'
import { ApiError, isExpired } from './errors.ts'
import { listAll } from './pager.ts'
import type { KubeApi, ListOptions } from './port.ts'
import { untilStalled } from './stall.ts'
import type { Store } from './store.ts'

export interface ReflectorOptions<T extends KubeObject> extends Pick<
  ListOptions,
  'namespace' | 'labelSelector' | 'fieldSelector' | 'metadataOnly'
> {
  readonly api: KubeApi
  readonly resource: Resource<T>
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly metrics?: ReflectorMetrics
}

export interface ReflectorMetrics {
  listed(resource: string): void
  /** `reason` is that of the `ApiError`, or `Internal`. */
  failed(resource: string, reason: string): void
}

/** What comes next: a list, which is exact (a quorum read), or a watch from where the store stands. */
type Step = 'list' | 'watch'

/** Bookmarks come about once a minute, so two and a half without anything is no quiet resource but a dead connection. */
const silenceMs = 150_000
/** How long after its agreed end a watch may still be open. */
const graceMs = 30_000
/** A watch that ends so soon and brought nothing is a failure, or reconnecting would be a busy loop. */
const shortestWatchMs = 1_000
/** So many watches in a row that brought nothing but errors, and the position itself is in doubt. */
const doubtAfter = 5

/**
 * Keeps a store in step with the API server: list, watch from there, watch again from the last event; list again when
 * the server has forgotten the position. Ends by its signal only: every failure is logged, waited out and tried again.
 */
export class Reflector<T extends KubeObject> {
  readonly #options: ReflectorOptions<T>
  readonly #selection: Pick<ListOptions, 'namespace' | 'labelSelector' | 'fieldSelector' | 'metadataOnly'>
  readonly #store: Store<T, string>
  readonly #backoff: Backoff
  #step: Step = 'list'
  #failures = 0
  #lastContactAt: number
  #interrupt: LinkedAbort | undefined
  #refreshed: (() => void)[] = []

  constructor(store: Store<T, string>, options: ReflectorOptions<T>) {
    const { clock, random, namespace, labelSelector, fieldSelector, metadataOnly } = options
    this.#store = store
    this.#options = options
    this.#selection = {
      ...(namespace !== undefined && { namespace }),
      ...(labelSelector !== undefined && { labelSelector }),
      ...(fieldSelector !== undefined && { fieldSelector }),
      ...(metadataOnly !== undefined && { metadataOnly }),
    }
    this.#backoff = new Backoff({ clock, random, baseMs: 800, capMs: 30_000, resetAfterMs: 120_000 })
    this.#lastContactAt = clock.monotonic()
  }

  /** Resolves when `signal` is aborted; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      using interrupt = (this.#interrupt = new LinkedAbort(signal))
      try {
        if (this.#step === 'watch') await this.#watch(interrupt.signal)
        else await this.#list(interrupt.signal)
      } catch (error) {
        if (!interrupt.signal.aborted) await this.#recover(error, interrupt.signal)
      }
    }
  }

  /** Resolves once the store holds a state no older than this call. */
  refresh(): Promise<void> {
    return new Promise((resolve) => {
      this.#refreshed.push(resolve)
      this.#step = 'list'
      this.#interrupt?.abort()
    })
  }

  /** How long ago the API server last told us anything. Well above a minute: the store may be stale. */
  silentForMs(): number {
    return this.#options.clock.monotonic() - this.#lastContactAt
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { api, resource, metrics } = this.#options
    const kept = (object: T): T => this.#store.kept(object)
    const { items, resourceVersion } = await listAll(api, resource, { ...this.#selection, signal }, kept)
    // A refresh that was asked for meanwhile wants a list that began later.
    if (signal.aborted) return
    if (!this.#store.replace(items, resourceVersion)) {
      // It means that the cluster was restored from a backup; only a new process can follow.
      throw new ApiError('ServerError', `the list is older (${resourceVersion}) than what is known`)
    }
    metrics?.listed(resource.plural)
    this.#contact()
    this.#step = 'watch'
    for (const resolve of this.#refreshed.splice(0)) resolve()
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const { api, resource, clock, random } = this.#options
    const timeoutSeconds = 300 + Math.floor(random() * 301)
    const startedAt = clock.monotonic()
    let events = 0
    using watch = new LinkedAbort(signal)
    const source = api.watch(resource, {
      ...this.#selection,
      resourceVersion: this.#store.resourceVersion ?? '0',
      timeoutSeconds,
      signal: watch.signal,
    })
    const totalMs = timeoutSeconds * 1000 + graceMs
    for await (const event of untilStalled(source, { clock, silenceMs, totalMs, abandon: watch.abort })) {
      if (signal.aborted) return
      this.#store.apply(event)
      this.#contact()
      events += 1
    }
    if (events === 0 && clock.monotonic() - startedAt < shortestWatchMs) {
      throw new ApiError('ConnectionFailed', 'the watch ended as soon as it had begun')
    }
    this.#contact()
  }

  #contact(): void {
    this.#lastContactAt = this.#options.clock.monotonic()
    this.#failures = 0
  }

  async #recover(error: unknown, signal: AbortSignal): Promise<void> {
    const { clock, logger, metrics, resource } = this.#options
    this.#failures += 1
    const inDoubt = isExpired(error) || !(error instanceof ApiError) || this.#failures >= doubtAfter
    if (inDoubt) this.#step = 'list'
    const delayMs = this.#backoff.next(error instanceof ApiError ? error.retryAfterSeconds : 0)
    const next = this.#step
    metrics?.failed(resource.plural, error instanceof ApiError ? error.reason : 'Internal')
    logger.warn({ err: error, resource: resource.plural, next, delayMs: Math.round(delayMs) }, 'watching failed')
    await sleep(clock, delayMs, signal).catch(() => undefined)
  }
}
