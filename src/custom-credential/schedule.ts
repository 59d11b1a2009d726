import type { CustomCredentialSpec } from '../api/generated.ts'
import { parseDuration } from '../api/duration.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const doubling = (baseMs: number, failures: number, capMs: number): number =>
  Math.min(capMs, baseMs * 2 ** Math.min(Math.max(0, failures - 1), 30))

/** Wait before a failed creation is tried again: 10 s doubling to 1 h. */
export const createBackoff = (failures: number): number => doubling(10 * SECOND, failures, HOUR)

/** Tries at a version, in about ten days; then a person must look. */
export const CREATION_TRIES = 250

/** Wait before a delivery that failed is tried again: 10 s doubling to 5 min. */
export const deliveryBackoff = (failures: number): number => doubling(10 * SECOND, failures, 5 * MINUTE)

/** What a message says of such a wait. Not its end: a message that changes with each try would cost a write with each. */
export const TRIED_AGAIN = 'It is tried again within 5 minutes.'

/** Wait before a failed deletion is tried again: 10 s doubling to 1 h, and daily after the first day (about 32 tries). */
export const deleteBackoff = (failures: number): number => (failures > 32 ? DAY : doubling(10 * SECOND, failures, HOUR))

/** A person who deletes a credential is not kept waiting for an upstream that does not answer: then an OrphanedCredential goes on. */
const GOING_PATIENCE_MS = 15 * MINUTE

/** When a credential that is being deleted hands over what is left. What was never tried, since nothing could be, gets the patience twice. */
export const handOverAt = (deletedAt: number, isTried: boolean): number =>
  deletedAt + (isTried ? 1 : 2) * GOING_PATIENCE_MS

/** How long a credential tries to have something deleted, some forty tries; then an OrphanedCredential goes on. */
export const DELETION_BUDGET_MS = 10 * DAY

/**
 * When a wait until `time` is over, in milliseconds since the epoch. No wait is longer than its backoff: a time further off
 * was noted by a clock that has been set back since, and is not waited for. Replicas' clocks may differ by a minute.
 */
export function waitEnds(time: string | undefined, backoffMs: number, now: number): number {
  const end = time === undefined ? -Infinity : Date.parse(time)
  return end - now > backoffMs + MINUTE ? -Infinity : end
}

/** The same for a wait that is kept in memory after a delivery, a rollout or a repair. */
export const deliveryWaitEnds = (
  { retryAt, tries }: { readonly retryAt: number; readonly tries: number },
  now: number,
) => waitEnds(new Date(retryAt).toISOString(), deliveryBackoff(tries), now)

/** How long a version stays usable after its successor was delivered, in milliseconds. */
export const minOverlap = (spec: CustomCredentialSpec): number =>
  spec.rotation?.minOverlap === undefined ? 0 : parseDuration(spec.rotation.minOverlap)

export const later = (at: string, ms: number): string => new Date(Date.parse(at) + ms).toISOString()
