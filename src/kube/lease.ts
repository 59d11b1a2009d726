import { sleep, type Clock, type Random } from '../runtime/clock.ts'
import { LinkedAbort } from '../runtime/linked-abort.ts'
import type { Logger } from '../runtime/logger.ts'
import { isConflict, isNotFound } from './errors.ts'
import { LeadershipLost } from './fence.ts'
import { LeaseRecord } from './lease-record.ts'
import type { KubeApi } from './port.ts'

export interface LeaderElectorOptions {
  readonly api: KubeApi
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly namespace: string
  readonly name: string
  /** Must be new for every process, or a restarted one would take its predecessor's lease for its own. */
  readonly identity: string
  /** How long others wait after the last renewal they saw; by default 15 s. */
  readonly leaseMs?: number
  /** How long a leader goes on without a renewal; the difference to `leaseMs` is its time to stop. By default two thirds. */
  readonly renewDeadlineMs?: number
  /** By default a fifth of `renewDeadlineMs`. */
  readonly retryMs?: number
}

/** Spreads the attempts of several candidates, as client-go does. */
const jitter = 1.2

/**
 * Leader election by a `Lease`. There is at most one leader as long as clocks run at about the same rate: a leader
 * counts from before it sent its last renewal, a candidate from after it saw it, and both by their own monotonic clock.
 * That is no fence by itself: a write that was sent in time may arrive late, so every write that matters also carries a
 * resourceVersion or a deterministic name.
 */
export interface LeaderElector {
  /** Whether this process is the leader at this very moment. Right even where timers are late. */
  leading(): boolean
  /**
   * Waits for the lease, then runs `work` once. When `signal` is aborted, `work` must come to its end by itself; the
   * lease is renewed until then, and released afterwards. The signal given to `work` is aborted when leadership is lost,
   * and then `run` rejects with `LeadershipLost` once `work` has ended: the process should exit.
   */
  run(signal: AbortSignal, work: (leadership: AbortSignal) => Promise<void>): Promise<void>
}

export const createLeaderElector = (options: LeaderElectorOptions): LeaderElector => new Candidate(options)

class Candidate implements LeaderElector {
  readonly #options: LeaderElectorOptions
  readonly #leaseMs: number
  readonly #renewDeadlineMs: number
  readonly #retryMs: number
  readonly #record: LeaseRecord
  /** When leadership ends unless it is renewed, on the monotonic clock. */
  #leadingUntil = -Infinity

  constructor(options: LeaderElectorOptions) {
    const { api, clock, namespace, name } = options
    this.#options = options
    this.#leaseMs = options.leaseMs ?? 15_000
    this.#renewDeadlineMs = options.renewDeadlineMs ?? (this.#leaseMs * 2) / 3
    this.#retryMs = options.retryMs ?? this.#renewDeadlineMs / 5
    this.#record = new LeaseRecord(api, clock, { namespace, name })
  }

  leading(): boolean {
    return this.#options.clock.monotonic() < this.#leadingUntil
  }

  async run(signal: AbortSignal, work: (leadership: AbortSignal) => Promise<void>): Promise<void> {
    const { logger, identity, name } = this.#options
    if (!(await this.#acquire(signal))) return
    logger.info({ lease: name, identity }, 'leading')
    const leadership = new AbortController()
    const ended = new AbortController()
    const renewing = this.#keep(leadership, ended.signal)
    try {
      await work(leadership.signal)
    } catch (error) {
      // What fails for want of leadership is no news.
      if (!leadership.signal.aborted) throw error
    } finally {
      ended.abort()
      await renewing
      if (this.leading()) await this.#release()
    }
    if (leadership.signal.aborted) throw new LeadershipLost()
  }

  /** Tries until the lease is ours (true) or `signal` is aborted (false). */
  async #acquire(signal: AbortSignal): Promise<boolean> {
    const { random, logger, name } = this.#options
    do {
      try {
        await this.#attempt(signal, async (attempt) => {
          await this.#record.read(attempt)
          if (this.#isFree()) await this.#renew(attempt)
        })
        if (this.leading()) return true
      } catch (error) {
        if (!signal.aborted) logger.warn({ err: error, lease: name }, 'the lease could not be taken')
      }
    } while (await this.#pause(this.#retryMs * (1 + jitter * random()), signal))
    return false
  }

  /** Nobody's, ours (the answer to our write was lost), or unchanged for longer than its holder asked for. */
  #isFree(): boolean {
    const { holder, unchangedMs, durationMs } = this.#record
    return holder === '' || holder === this.#options.identity || unchangedMs > Math.max(durationMs, this.#leaseMs)
  }

  /** Renews until `ended`. Aborts `leadership` when it is too late, or when the lease is another's. */
  async #keep(leadership: AbortController, ended: AbortSignal): Promise<void> {
    const { clock, logger, name } = this.#options
    const lose = (why: string) => {
      this.#leadingUntil = -Infinity
      logger.error({ lease: name, holder: this.#record.holder }, why)
      leadership.abort(new LeadershipLost())
    }
    const stop = AbortSignal.any([leadership.signal, ended])
    // Runs beside the calls: leadership ends on time even if a call hangs.
    const armDeadline = () =>
      clock.after(Math.max(0, this.#leadingUntil - clock.monotonic()), () => {
        lose('the lease was not renewed in time')
      })
    let cancelDeadline = armDeadline()
    while (await this.#pause(this.#retryMs, stop)) {
      try {
        // A frozen process may get here before its deadline's timer fires. What has lapsed is not taken up again.
        if (!this.leading()) lose('the lease was not renewed in time')
        else if (!(await this.#renewed(leadership.signal))) lose('the lease has been taken away')
        cancelDeadline()
        cancelDeadline = armDeadline()
      } catch (error) {
        logger.warn({ err: error, lease: name }, 'the lease could not be renewed')
      }
    }
    cancelDeadline()
  }

  /** False if the lease is another's, or gone. */
  async #renewed(leadership: AbortSignal): Promise<boolean> {
    return this.#attempt(leadership, async (attempt) => {
      try {
        await this.#renew(attempt)
        return true
      } catch (error) {
        if (!isConflict(error) && !isNotFound(error)) throw error
      }
      // Another has written, or it was us and the answer was lost.
      await this.#record.read(attempt)
      if (this.#record.holder !== this.#options.identity) return false
      await this.#renew(attempt)
      return true
    })
  }

  /** Counts from before the renewal is sent: others count from when they see it, which is later. */
  async #renew(signal: AbortSignal): Promise<void> {
    const sentAt = this.#options.clock.monotonic()
    await this.#record.hold(this.#options.identity, this.#leaseMs, signal)
    this.#leadingUntil = sentAt + this.#renewDeadlineMs
  }

  /** Leaves time for a second attempt where the first one hangs. */
  async #attempt<T>(signal: AbortSignal, run: (attempt: AbortSignal) => Promise<T>): Promise<T> {
    using attempt = new LinkedAbort(signal)
    const cancel = this.#options.clock.after(this.#renewDeadlineMs / 2, attempt.abort)
    try {
      return await run(attempt.signal)
    } finally {
      cancel()
    }
  }

  /** Waits: true, or false as soon as `stop` is aborted. */
  async #pause(ms: number, stop: AbortSignal): Promise<boolean> {
    await sleep(this.#options.clock, ms, stop).catch(() => undefined)
    return !stop.aborted
  }

  async #release(): Promise<void> {
    this.#leadingUntil = -Infinity
    try {
      await this.#record.release()
    } catch (error) {
      this.#options.logger.warn({ err: error, lease: this.#options.name }, 'the lease was not released; it will expire')
    }
  }
}
