import type { CustomCredential } from '../../api/generated.ts'
import { isAsked, isUrgent } from './cause.ts'
import { rotateRequestOf } from './rotate-request.ts'
import type { Ledger } from '../ledger.ts'
import { inUse } from '../revocation/retire.ts'
import { lastMoment, rotationDue } from './rotation.ts'
import { CREATION_TRIES, createBackoff, waitEnds } from '../schedule.ts'
import type { Snapshot } from '../snapshot.ts'

/** A person has a hand in it: what had failed so far, or was cancelled, counts no more. */
export function withFreshTries(ledger: Ledger, s: Pick<Snapshot, 'credential' | 'provider' | 'tasks'>): Ledger {
  const { credential } = s
  const { nextAttemptTime: _over, cancelledAt: _taken, ...nextVersion } = ledger.nextVersion
  const { failures } = nextVersion
  if (failures === 0) return ledger
  if (isEdited(credential) || isAskedAnew(credential, ledger))
    return { ...ledger, nextVersion: { ...nextVersion, failures: 0 } }
  // One try: a tool that edits the provider again and again is nobody's hand.
  return isProviderEdited(s, ledger)
    ? { ...ledger, nextVersion: { ...nextVersion, failures: Math.min(failures, CREATION_TRIES - 1) } }
    : ledger
}

const isEdited = ({ metadata, status }: CustomCredential): boolean => status.observedGeneration !== metadata.generation

/** The provider is not any more what the last try has failed with. What was cancelled is not begun again for that. */
function isProviderEdited({ provider, tasks }: Pick<Snapshot, 'provider' | 'tasks'>, ledger: Ledger): boolean {
  const { number, attempts } = ledger.nextVersion
  const failed = tasks.find(
    ({ spec }) => spec.type === 'create_credentials' && spec.version === number && spec.attempt === attempts,
  )
  if (provider === undefined || failed === undefined || isCancelled(ledger)) return false
  const { uid, generation } = provider.metadata
  return failed.spec.provider.uid !== uid || failed.spec.provider.generation !== generation
}

/** People have asked for a version since the last try at one was ordered, or cancelled. */
const isAskedAnew = (credential: CustomCredential, { nextVersion }: Pick<Ledger, 'nextVersion'>): boolean =>
  isAsked(credential, credential.status.lastHandledRotateRequest) &&
  rotateRequestOf(credential) !== nextVersion.rotateRequest

/** So many tries have failed that a person must look. */
export const isGivenUp = ({ nextVersion }: Pick<Ledger, 'nextVersion'>): boolean =>
  nextVersion.failures >= CREATION_TRIES

/** Somebody has deleted the task of the last try before it was over, and nobody has asked for another since. */
export const isCancelled = ({ nextVersion }: Pick<Ledger, 'nextVersion'>): boolean =>
  nextVersion.cancelledAt !== undefined

/**
 * Until when no other try at the next version is made, in milliseconds since the epoch. What was cancelled or given up waits
 * for people, or its next cause, but where consumers have what has leaked, or is of no use to them.
 */
export function creationWaits(s: Snapshot, ledger: Ledger): number {
  const { nextAttemptTime, failures } = ledger.nextVersion
  const backoffEnds = waitEnds(nextAttemptTime, createBackoff(failures), s.now)
  if (isUrgent(s, ledger)) return backoffEnds
  if (isGivenUp(ledger)) return Infinity
  return isCancelled(ledger) ? Math.max(backoffEnds, nextDue(s, ledger)) : backoffEnds
}

/** When a rotation is due by its interval that was not when one was cancelled, in time before the end of what consumers have. */
function nextDue({ credential, now }: Snapshot, ledger: Ledger): number {
  const newest = inUse(ledger).at(-1)
  const { cancelledAt } = ledger.nextVersion
  if (newest === undefined || cancelledAt === undefined) return Infinity
  const due = rotationDue(credential, newest, now)
  if (due === Infinity || due > Date.parse(cancelledAt)) return due
  return Math.min(rotationDue(credential, { createdAt: cancelledAt }, now), lastMoment(newest))
}
