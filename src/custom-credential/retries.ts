import type { CustomCredential } from '../api/generated.ts'
import { isAsked, isUrgent, rotateRequestOf } from './cause.ts'
import type { Ledger } from './ledger.ts'
import { inUse } from './retire.ts'
import { lastMoment, rotationDue } from './rotation.ts'
import { CREATION_TRIES, createBackoff, waitEnds } from './schedule.ts'
import type { Snapshot } from './snapshot.ts'

/** The error code of a create task that somebody has deleted while it ran: by that, people cancel it. */
export const CANCELLED = 'TaskDeleted'

/** A person has a hand in it: what had failed so far, or was cancelled, counts no more. */
export function withFreshTries(ledger: Ledger, { credential }: Pick<Snapshot, 'credential'>): Ledger {
  if (ledger.nextVersion.failures === 0 || !(isEdited(credential) || isAskedAnew(credential, ledger))) return ledger
  const { nextAttemptTime: _over, ...nextVersion } = ledger.nextVersion
  return { ...ledger, nextVersion: { ...nextVersion, failures: 0 } }
}

const isEdited = ({ metadata, status }: CustomCredential): boolean => status.observedGeneration !== metadata.generation

/** People have asked for a version since the last try at one was ordered, or cancelled. */
const isAskedAnew = (credential: CustomCredential, { nextVersion }: Pick<Ledger, 'nextVersion'>): boolean =>
  isAsked(credential, credential.status.lastHandledRotateRequest) &&
  rotateRequestOf(credential) !== nextVersion.rotateRequest

/** So many tries have failed that a person must look. */
export const isGivenUp = ({ nextVersion }: Pick<Ledger, 'nextVersion'>): boolean =>
  nextVersion.failures >= CREATION_TRIES

/** The last try was cancelled, and nobody has asked for another since. */
export const isCancelled = ({ nextVersion, lastFailure }: Pick<Ledger, 'nextVersion' | 'lastFailure'>): boolean =>
  nextVersion.failures > 0 && lastFailure?.code === CANCELLED

/**
 * Until when no other try at the next version is made, in milliseconds since the epoch. One that was cancelled waits for its
 * next cause, but where consumers have what has leaked, or is of no use to them.
 */
export function creationWaits(s: Snapshot, ledger: Ledger): number {
  const { nextAttemptTime, failures } = ledger.nextVersion
  if (isGivenUp(ledger)) return Infinity
  if (isCancelled(ledger) && !isUrgent(s, ledger)) return nextDue(s, ledger)
  return waitEnds(nextAttemptTime, createBackoff(failures), s.now)
}

/** An interval after it was cancelled, and in time before the end of what consumers have. */
function nextDue({ credential, now }: Snapshot, ledger: Ledger): number {
  const newest = inUse(ledger).at(-1)
  const cancelledAt = ledger.lastFailure?.time
  if (newest === undefined || cancelledAt === undefined) return Infinity
  const due = rotationDue(credential, { createdAt: cancelledAt }, now)
  return due === Infinity ? Infinity : Math.min(due, lastMoment(newest))
}
