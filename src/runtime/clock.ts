/**
 * Time as the operator sees it. Everything effectful receives a `Clock`, so that a simulated world can run a year in a
 * second and replay a schedule exactly.
 */
export interface Clock {
  /** Wall-clock time in milliseconds since the epoch: for timestamps that people and other processes read. */
  now(): number
  /** Milliseconds that never jump: for time-outs, leases and deadlines within one process. */
  monotonic(): number
  /** Runs `callback` once after `ms`; the returned function cancels it. */
  after(ms: number, callback: () => void): () => void
  /** Milliseconds until the wall clock is next set ahead, where that is known beforehand (accelerated-clock.ts). */
  leapsInMs?(): number
}

/** Randomness for jitter, in [0, 1). */
export type Random = () => number

/** Resolves after `ms`, or rejects with the signal's reason as soon as it is aborted. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason as Error)
      return
    }
    const cancel = clock.after(ms, () => {
      signal?.removeEventListener('abort', aborted)
      resolve()
    })
    const aborted = () => {
      cancel()
      reject(signal?.reason as Error)
    }
    signal?.addEventListener('abort', aborted, { once: true })
  })
}
