import type { Informer } from '../kube/informer.ts'
import type { LeaderElector } from '../kube/lease.ts'
import type { Controller } from './controller.ts'
import type { Logger } from './logger.ts'

export interface ManagerOptions {
  readonly informers: readonly Pick<Informer, 'start' | 'synced' | 'refresh'>[]
  readonly elector: LeaderElector
  readonly controllers: readonly Pick<Controller, 'run'>[]
  /** Has the caches tell the controllers what there is and what changes: before, nobody would work off their queues. */
  readonly attend: () => void
  readonly logger: Logger
}

/**
 * Starts everything in the order in which it needs each other, and stops it in reverse: caches, lease, controllers. Every
 * replica keeps its caches warm; only the leader reconciles. Resolves when `signal` has been aborted and all has come to
 * its end; rejects with `LeadershipLost`.
 */
export async function runManager(options: ManagerOptions, signal: AbortSignal): Promise<void> {
  const { informers, elector, controllers, attend, logger } = options
  const caches = new AbortController()
  const watching = Promise.all(informers.map((informer) => informer.start(caches.signal)))
  try {
    await settledOrAborted(Promise.all(informers.map((informer) => informer.synced())), signal)
    if (signal.aborted) return
    logger.info({}, 'caches are in sync')
    await elector.run(signal, async (leadership) => {
      const ending = AbortSignal.any([signal, leadership])
      // The previous leader's last writes may not have reached our caches.
      await settledOrAborted(Promise.all(informers.map((informer) => informer.refresh())), ending)
      if (ending.aborted) return
      attend()
      await Promise.all(controllers.map((controller) => controller.run(ending)))
    })
  } finally {
    caches.abort()
    await watching
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
