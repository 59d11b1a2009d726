import type { CredentialVersion, CustomCredential, TaskTrigger } from '../../api/generated.ts'
import { appliesAtOnce } from './changes.ts'
import { isShown } from '../delivery/delivered.ts'
import { isCondemned } from '../revocation/condemned.ts'
import type { Ledger } from '../ledger.ts'
import { barsRotation } from '../revocation/locks.ts'
import { inUse } from '../revocation/retire.ts'
import { rotateRequestOf } from './rotate-request.ts'
import { rotationDue } from './rotation.ts'
import type { Snapshot } from '../snapshot.ts'

/** While so much may exist upstream that could not be revoked, orphans included, nothing more is made. */
export const UNRESOLVED_LIMIT = 20

/**
 * Why a new version is due now, or undefined. A rotate-now request is answered by the version that was ordered when it
 * stood: what stands at creation asks for nothing more. A suspect version (its container failed after its report, so it has perhaps
 * undone what it made) is replaced once: if its replacement is suspect too, the provider needs a person.
 */
export function causeOfCreation(
  s: Snapshot,
  ledger: Ledger,
  handledRequest: string | undefined,
): TaskTrigger | undefined {
  const { credential, orphans } = s
  if (ledger.unresolved.length + orphans.length >= UNRESOLVED_LIMIT) return undefined
  const newest = inUse(ledger).at(-1)
  if (newest === undefined) {
    if (isBereft(s, ledger)) return 'manual_secret_rotation'
    return hasLapsed(ledger, credential) ? causeOfRevival(s, handledRequest) : 'secret_creation'
  }
  if (newest.deliveredAt === undefined) return undefined
  // The one that was made last was lost before its delivery, or revoked at once.
  if (ledger.nextVersion.number > newest.version + 1) return 'automatic_secret_rotation'
  if (isCondemned(newest, s)) return 'manual_secret_rotation'
  const rotation = causeOfRotation(s, newest, handledRequest)
  if (rotation === 'manual_secret_rotation' && !isBarred(ledger)) return rotation
  // What is of no use to consumers is replaced, whatever is locked: the locked version stays beside its successors.
  if (isOfNoUse(newest, ledger, s)) return 'automatic_secret_rotation'
  return isBarred(ledger) ? undefined : rotation
}

function causeOfRevival({ credential }: Snapshot, handledRequest: string | undefined): TaskTrigger | undefined {
  if (isAsked(credential, handledRequest)) return 'manual_secret_rotation'
  return credential.spec.rotation?.interval === undefined ? undefined : 'automatic_secret_rotation'
}

/** Why a version that works is to be replaced, if it is. */
export function causeOfRotation(
  s: Pick<Snapshot, 'credential' | 'provider' | 'now'>,
  newest: CredentialVersion,
  handledRequest: string | undefined,
): TaskTrigger | undefined {
  const { credential, now } = s
  if (isAsked(credential, handledRequest) || appliesAtOnce(newest, s)) return 'manual_secret_rotation'
  return rotationDue(credential, newest, now) <= now ? 'automatic_secret_rotation' : undefined
}

const isBarred = (ledger: Ledger): boolean => barsRotation(ledger).length > 0

export function isAsked(credential: CustomCredential, handledRequest: string | undefined): boolean {
  const request = rotateRequestOf(credential)
  return request !== undefined && request !== handledRequest
}

/** The last version has been revoked for its age: no other is made unless somebody asks for it. */
export function hasLapsed(ledger: Ledger, { status }: CustomCredential): boolean {
  const { versions, unresolved } = ledger
  // What was revoked at once is replaced, whatever else had expired by then.
  if (inUse(ledger).length > 0 || status.state === 'deactivated') return false
  const delivered = versions.filter(({ deliveredAt }) => deliveredAt !== undefined).map(({ version }) => version)
  const last = Math.max(...delivered)
  return (
    status.state === 'destroyed' || unresolved.some(({ reason, version }) => reason === 'Expired' && version === last)
  )
}

/** What consumers had was revoked at once, and they wait for another. */
export function isBereft(s: Snapshot, ledger: Ledger): boolean {
  const { credential } = s
  const { state } = credential.status
  const wasShown = ledger.unresolved.some(({ reason, version }) => reason === 'IssuedBefore' && isShown(s, version))
  const hadOne = state === 'active' || state === 'deactivated' || wasShown
  return hadOne && !hasLapsed(ledger, credential) && inUse(ledger).every(({ deliveredAt }) => deliveredAt === undefined)
}

/** What consumers have has leaked, or they cannot use it: nothing that people have put off holds up another. */
export function isUrgent(s: Snapshot, ledger: Ledger): boolean {
  const newest = inUse(ledger).at(-1)
  if (newest === undefined) return isBereft(s, ledger)
  return isCondemned(newest, s) || isOfNoUse(newest, ledger, s)
}

const isOfNoUse = (newest: CredentialVersion, ledger: Ledger, s: Snapshot): boolean =>
  isBeyondHelp(newest, s) || (newest.suspect !== undefined && !isSuspectAgain(ledger))

/** Its payload is lost, and consumers do not have it any more: it can be delivered never again. */
const isBeyondHelp = ({ taskId, version }: CredentialVersion, { trouble, target }: Snapshot): boolean =>
  trouble.delivery?.lost === taskId && target?.version !== version

/** The version that replaced a suspect one is suspect, too: another one would be, and a person must look. */
export function isSuspectAgain(ledger: Ledger): boolean {
  const newest = inUse(ledger).at(-1)
  if (newest?.suspect === undefined) return false
  return ledger.versions.some(({ version, suspect }) => version < newest.version && suspect !== undefined)
}
