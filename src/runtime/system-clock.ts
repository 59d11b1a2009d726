/* eslint-disable no-restricted-globals, no-restricted-properties -- the one place where real time enters */
import type { Clock, Random } from './clock.ts'

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms)
    return () => {
      clearTimeout(timer)
    }
  },
}

export const systemRandom: Random = () => Math.random()
