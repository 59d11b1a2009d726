import type { Clock } from '../runtime/clock.ts'
import { ApiError } from './errors.ts'

export interface StallOptions {
  readonly clock: Clock
  /** Longest time between two events. Bookmarks come about once a minute. */
  readonly silenceMs: number
  /** Longest time in all. */
  readonly totalMs: number
  /** Makes the source end: called when the stream is given up, and when the reader leaves. */
  readonly abandon: () => void
}

/**
 * Passes a stream on until it stalls, which it then reports as a `Timeout`. A connection whose other end has vanished
 * looks exactly like a quiet one, so silence is the only sign. Does not rely on the source to notice its own end.
 */
export async function* untilStalled<T>(
  source: AsyncIterable<T>,
  options: StallOptions,
): AsyncGenerator<T, void, undefined> {
  const { clock, silenceMs, totalMs, abandon } = options
  const endsAt = clock.monotonic() + totalMs
  const iterator = source[Symbol.asyncIterator]()
  try {
    for (;;) {
      const patienceMs = Math.min(silenceMs, endsAt - clock.monotonic())
      const result = await within(clock, patienceMs, iterator.next())
      if (result.done === true) return
      yield result.value
    }
  } finally {
    abandon()
    // Not awaited: a stalled source may never answer. It has been told to end.
    iterator.return?.().catch(() => undefined)
  }
}

/** The promise's outcome, or a rejection once it has taken too long. */
function within<T>(clock: Clock, ms: number, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(Math.max(0, ms), () => {
      reject(new ApiError('Timeout', `nothing came over the watch stream for ${Math.round(ms / 1000)} s`))
    })
    promise.then(resolve, reject).finally(cancel)
  })
}
