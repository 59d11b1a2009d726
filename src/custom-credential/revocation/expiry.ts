import { parseDuration } from '../../api/duration.ts'
import type { CredentialVersion, CustomCredential } from '../../api/generated.ts'
import { causeOfCreation } from '../creation/cause.ts'
import type { Ledger } from '../ledger.ts'
import { isLocked, owe, owedFor, withoutLiveIds } from '../obligations.ts'
import { overlapEnds } from './overlap.ts'
import { inUse, withSearches } from './retire.ts'
import { creationWaits } from '../creation/retries.ts'
import { lastMoment, rotationDue } from '../creation/rotation.ts'
import type { Snapshot } from '../snapshot.ts'
import { isOpen } from '../steps.ts'

/**
 * Dates the versions that have just been made: by the time to live that the spec tells then, whose later changes are for
 * later versions (as at IBM Secrets Manager).
 */
export function withExpiry(ledger: Ledger, { credential: { spec, status } }: Snapshot): Ledger {
  if (spec.ttl === undefined) return ledger
  const ttl = parseDuration(spec.ttl)
  const isKnown = ({ taskId }: CredentialVersion) => (status.versions ?? []).some((known) => known.taskId === taskId)
  const dated = (version: CredentialVersion): CredentialVersion => ({
    ...version,
    expiresAt: new Date(Date.parse(version.createdAt) + ttl).toISOString(),
  })
  return { ...ledger, versions: ledger.versions.map((version) => (isKnown(version) ? version : dated(version))) }
}

/**
 * Versions whose time to live has ended are owed a deletion. With the last one that consumers have, every older one goes:
 * nobody is put back on it.
 */
export function retireExpired(ledger: Ledger, s: Snapshot): Ledger {
  const since = new Date(s.now).toISOString()
  const versions = inUse(ledger)
  const isOver = (version: CredentialVersion): boolean => expiry(version, ledger, s) <= s.now
  const last = versions.findLast(({ deliveredAt }) => deliveredAt !== undefined)
  const expired = last !== undefined && isOver(last) ? versions : versions.filter(isOver)
  const free = expired.filter((version) => !isLocked(ledger, version))
  const retired = free.reduce((result, version) => {
    const owed = owedFor(version.taskId, version, { reason: 'Expired', since })
    const { credentialsId } = version
    return owe(result, { ...owed, credentialsId, trigger: 'secret_version_expiration' })
  }, ledger)
  // A provider may have renewed in place: a later version bears the same ID.
  return withSearches(withoutLiveIds(retired))
}

/** When the next version in use expires, or is at risk to, in milliseconds since the epoch. */
export function expiryWake(ledger: Ledger, s: Snapshot): number {
  const versions = inUse(ledger)
  const ends = versions.flatMap((version) => [
    expiry(version, ledger, s),
    riskFrom(version, s.credential, s.now),
    // Of one that is locked, so that its end is told.
    version.expiresAt === undefined ? Infinity : Date.parse(version.expiresAt),
  ])
  return Math.min(...ends.filter((at) => at > s.now))
}

/**
 * When a version is revoked for its age. What consumers have had to follow for less than `minOverlap` waits for that; and the
 * last one that they have is never taken because its successor is late: without a rotation by itself, none will come.
 */
function expiry({ version, expiresAt }: CredentialVersion, ledger: Ledger, s: Snapshot): number {
  if (expiresAt === undefined || isLocked(ledger, { version })) return Infinity
  // A suspect one has perhaps been undone: it takes no other's place.
  const versions = inUse(ledger)
  const successor = versions.find(
    (other) => other.version > version && other.deliveredAt !== undefined && other.suspect === undefined,
  )
  if (successor !== undefined) return Math.max(Date.parse(expiresAt), overlapEnds(successor, ledger, s.credential.spec))
  // Nobody is put back on an older version, which would be the newest in use then.
  if (versions.some((other) => other.version < version && isLocked(ledger, other))) return Infinity
  return isReplaced(version, ledger, s) ? Infinity : Date.parse(expiresAt)
}

/** A successor is on its way, or will be; while the credential is suspended nothing is revoked. */
function isReplaced(version: number, ledger: Ledger, s: Snapshot): boolean {
  const { spec, status } = s.credential
  return (
    spec.suspend === true ||
    spec.rotation?.interval !== undefined ||
    ledger.versions.some((other) => other.version > version) ||
    s.tasks.some((task) => isOpen(task) && task.spec.type === 'create_credentials') ||
    (causeOfCreation(s, ledger, status.lastHandledRotateRequest) !== undefined && creationWaits(s, ledger) < Infinity)
  )
}

/** From when on the current version is at risk of its end: the last tenth of its life, and not before a rotation is late. */
export function riskFrom(version: CredentialVersion, credential: CustomCredential, now: number): number {
  const due = rotationDue(credential, version, now)
  return Math.max(lastMoment(version), due === Infinity ? -Infinity : due)
}
