import type { Informer } from '../kube/informer.ts'
import type { LeaderElector } from '../kube/lease.ts'
import type { Clock } from './clock.ts'
import type { Controller } from './controller.ts'
import { LinkedAbort } from './linked-abort.ts'
import type { Logger } from './logger.ts'

export interface ManagerOptions {
  readonly informers: readonly Pick<Informer, 'start' | 'synced' | 'refresh'>[]
  readonly elector: LeaderElector
  readonly controllers: readonly Pick<Controller, 'run'>[]
  /** Has the caches tell the controllers what there is and what changes: before, nobody would work off their queues. */
  readonly attend: () => void
  readonly clock: Clock
  readonly logger: Logger
  /** After `signal`, reconciles under way get so long before their own signals are aborted. */
  readonly drainMs?: number
}

/**
 * Starts everything in the order in which it needs each other, and stops it in reverse: caches, lease, controllers. Every
 * replica keeps its caches warm; only the leader reconciles. Resolves when `signal` has been aborted and all has come to
 * its end; rejects with `LeadershipLost`.
 */
export async function runManager(options: ManagerOptions, signal: AbortSignal): Promise<void> {
  const { informers, elector, controllers, attend, clock, logger, drainMs = 20_000 } = options
  const caches = new AbortController()
  const watching = Promise.all(informers.map((informer) => informer.start(caches.signal)))
  try {
    await settledOrAborted(Promise.all(informers.map((informer) => informer.synced())), signal)
    if (signal.aborted) return
    logger.info({}, 'caches are in sync')
    await elector.run(signal, async (leadership) => {
      using work = new LinkedAbort(leadership)
      const ending = AbortSignal.any([signal, leadership])
      // The previous leader's last writes may not have reached our caches.
      await settledOrAborted(Promise.all(informers.map((informer) => informer.refresh())), ending)
      if (ending.aborted) return
      attend()
      const cancelDrain = limitDrain(work, signal, clock, drainMs)
      await Promise.all(controllers.map((controller) => controller.run(signal, work.signal)))
      cancelDrain()
    })
  } finally {
    caches.abort()
    await watching
  }
}

/** Aborts `work` once `signal` has been aborted for `ms`. */
function limitDrain(work: LinkedAbort, signal: AbortSignal, clock: Clock, ms: number): () => void {
  let cancelTimer: (() => void) | undefined
  const start = () => {
    cancelTimer = clock.after(ms, () => {
      work.abort(new Error('the operator is stopping'))
    })
  }
  signal.addEventListener('abort', start, { once: true })
  return () => {
    signal.removeEventListener('abort', start)
    cancelTimer?.()
  }
}

/** Resolves when the promise is fulfilled, or when the signal is aborted if that comes first. */
function settledOrAborted(promise: Promise<unknown>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = () => {
      resolve()
    }
    if (signal.aborted) done()
    signal.addEventListener('abort', done, { once: true })
    promise.then(done, reject).finally(() => {
      signal.removeEventListener('abort', done)
    })
  })
}
