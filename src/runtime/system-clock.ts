/* eslint-disable no-restricted-globals, no-restricted-properties -- the one place where real time enters */
import type { Clock, Random } from './clock.ts'

const longestTimerMs = 2 ** 31 - 1

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, callback) {
    let timer: NodeJS.Timeout
    // A delay beyond Node's limit would fire at once, so it is waited for in parts.
    const wait = (left: number) => {
      timer = setTimeout(
        () => {
          if (left > longestTimerMs) wait(left - longestTimerMs)
          else callback()
        },
        Math.min(left, longestTimerMs),
      )
    }
    wait(ms)
    return () => {
      clearTimeout(timer)
    }
  },
}

export const systemRandom: Random = () => Math.random()
