import type { Clock } from './clock.ts'

/** A calendar that lives `rate` seconds in each second since the moment `since` (milliseconds since the epoch). */
export interface Acceleration {
  readonly rate: number
  readonly since: number
}

/** Longer than most runs take from order to record, so that few see the calendar leap. */
const LEAP_EVERY_MS = 10_000

/** The API server dates in whole seconds, rounded down: leaps fall on them, or its dates would lie before a leap that they follow. */
const startOf = ({ since }: Acceleration): number => Math.floor(since / 1000) * 1000

/** The calendar's date at a moment; both in milliseconds since the epoch. A function of the two alone: replicas agree, and restarts. */
export function acceleratedDate(moment: number, acceleration: Acceleration): number {
  const leaps = Math.max(0, Math.floor((moment - startOf(acceleration)) / LEAP_EVERY_MS))
  return moment + leaps * (acceleration.rate - 1) * LEAP_EVERY_MS
}

/**
 * The same clock with a calendar that runs ahead, for trials. It goes in leaps, and at true speed in between: what a run
 * needs, containers and kubelets take in true seconds, and evenly a minute's patience with them would be over before they
 * had begun. To have the wall clock set ahead is no news to an operator. Durations stay true.
 */
export const acceleratedClock = (clock: Clock, acceleration: Acceleration): Clock => ({
  now: () => acceleratedDate(clock.now(), acceleration),
  monotonic: () => clock.monotonic(),
  after: (ms, callback) => clock.after(ms, callback),
  leapsInMs: () => {
    const elapsed = clock.now() - startOf(acceleration)
    return elapsed < 0 ? LEAP_EVERY_MS - elapsed : LEAP_EVERY_MS - (elapsed % LEAP_EVERY_MS)
  },
})
