import { type ConditionInput, transition } from '../../api/conditions.ts'
import type { Condition, CredentialVersion } from '../../api/generated.ts'
import type { Resolution } from '../../credentials-provider/resolve.ts'
import { causeOfRotation, isBereft } from '../creation/cause.ts'
import { changedSince } from '../creation/changes.ts'
import { doomed } from '../revocation/condemned.ts'
import { riskFrom } from '../revocation/expiry.ts'
import type { Ledger } from '../ledger.ts'
import { barsRotation, lockStory, namesOf } from '../revocation/locks.ts'
import { isLocked } from '../obligations.ts'
import { cancelText, failureText, problemOf, ROTATE_NOW } from './problem.ts'
import { type Reason, stalls } from './reasons.ts'
import type { Restarts } from '../delivery/restart.ts'
import { inUse } from '../revocation/retire.ts'
import { creationWaits, isCancelled } from '../creation/retries.ts'
import { revoking, waitOf } from './revoking.ts'
import type { Snapshot } from '../snapshot.ts'
import { type FormerTargets, isAnnounced, isMoving } from '../delivery/former-targets.ts'
import { targetName } from '../delivery/target.ts'

export interface Plain extends Pick<ConditionInput, 'type' | 'status' | 'message'> {
  readonly reason: Reason
}

interface Circumstances {
  readonly resolution: Resolution
  readonly current: CredentialVersion | undefined
  readonly restarts: Restarts
  readonly formers: FormerTargets
}

/** Everything that holds of a credential that is to exist. */
export const conditionsOf = (
  s: Snapshot,
  ledger: Ledger,
  { resolution, current, restarts, formers }: Circumstances,
): Condition[] =>
  conditions(s, [
    ...readiness(s, ledger, { resolution, isMoving: !isAnnounced(s) || isMoving(formers.entries) }),
    ...rotating(s, current),
    ...rotationFailure(s, ledger, current),
    ...restartFailure(restarts),
    ...removalFailure(s, formers),
    ...risk(s, ledger, current),
    ...waitingChanges(s, ledger),
    ...suspension(s, ledger),
    ...locking(s, ledger),
    ...revoking(s, ledger),
  ])

export const conditions = ({ credential, now }: Snapshot, plain: readonly Plain[]): Condition[] =>
  transition(
    credential.status.conditions ?? [],
    plain.map((condition) => ({ ...condition, observedGeneration: credential.metadata.generation ?? 0 })),
    new Date(now).toISOString(),
  )

/** `Ready` answers whether consumers have what they need; `Reconciling` and `Stalled` (kstatus) only where they apply. */
function readiness(
  s: Snapshot,
  ledger: Ledger,
  { resolution, isMoving }: { readonly resolution: Resolution; readonly isMoving: boolean },
): Plain[] {
  const problem = problemOf(s, ledger, resolution)
  const current = inUse(ledger).findLast(({ deliveredAt }) => deliveredAt !== undefined)
  const stalled: Plain[] = problem && stalls(problem.reason) ? [{ type: 'Stalled', status: 'True', ...problem }] : []
  // A delivery that fails leaves consumers with what they have, if the Secret is still there.
  const isThere = s.trouble.delivery === undefined ? !isMoving : s.target?.version === current?.version
  if (current !== undefined && isThere) {
    const message = `Version ${current.version} is in Secret "${targetName(s)}".`
    const more = stalled.length > 0 ? stalled : unfinished(s, ledger)
    return [{ type: 'Ready', status: 'True', reason: 'Delivered', message }, ...more]
  }
  const state = problem ?? (current === undefined ? awaited(s, ledger) : moving(s, current))
  const reconciling: Plain[] = stalled.length > 0 ? [] : [{ type: 'Reconciling', status: 'True', ...state }]
  return [{ type: 'Ready', status: 'False', ...state }, ...reconciling, ...stalled]
}

/** Consumers have nothing that works, and what they wait for is on its way. */
function awaited(s: Snapshot, ledger: Ledger): Pick<Plain, 'reason' | 'message'> {
  const held = heldUp(s, ' ')
  if (!isBereft(s, ledger)) return { reason: 'Creating', message: beginning(s) + held }
  const why = 'What consumers had is revoked, or about to be (revokeMode: Immediate).'
  const then = `Version ${ledger.nextVersion.number} is made next, and takes its place in Secret "${targetName(s)}".`
  return { reason: 'RevokedAtOnce', message: `${why} ${then}${held}` }
}

function beginning(s: Snapshot): string {
  const isUnderWay = s.tasks.some(
    ({ spec, status }) => spec.type === 'create_credentials' && status.state === 'processing',
  )
  if (s.credential.spec.suspend === true && !isUnderWay) return 'Nothing is made while spec.suspend is true.'
  return `The first version is being made, and is then written to Secret "${targetName(s)}". Its SecretTask says by when.`
}

/** Those who read the Secret of the former name have what they need, the others not yet. */
const moving = (s: Snapshot, { version }: CredentialVersion): Pick<Plain, 'reason' | 'message'> => {
  const message = `Version ${version} is about to be written to Secret "${targetName(s)}" (spec.target.name). The former Secret stays meanwhile.`
  return { reason: 'Moving', message }
}

/** What holds up the task that makes the next version. */
function heldUp(s: Snapshot, before = ''): string {
  const message = waitOf(s, 'create_credentials')
  return message === undefined ? '' : before + message
}

/** A rotation that goes its way is worth no write of its own. */
function rotating(s: Snapshot, current: CredentialVersion | undefined): Plain[] {
  const message = heldUp(s)
  if (current === undefined || message === '') return []
  return [{ type: 'Rotating', status: 'True', reason: 'Waiting', message }]
}

/** Consumers have the current version, though not as the spec wants it by now. */
function unfinished({ trouble }: Snapshot, ledger: Ledger): Plain[] {
  if (trouble.delivery === undefined || inUse(ledger).at(-1)?.deliveredAt === undefined) return []
  const { reason, message } = trouble.delivery
  return [{ type: 'Reconciling', status: 'True', reason, message }]
}

/** A failed rotation leaves the current version in place: the credential stays ready. */
function rotationFailure(s: Snapshot, ledger: Ledger, current: CredentialVersion | undefined): Plain[] {
  const { trouble } = s
  if (current === undefined) return []
  const newest = inUse(ledger).at(-1)
  if (trouble.delivery && newest !== undefined && newest.version !== current.version) {
    const { reason } = trouble.delivery
    const message = `Version ${newest.version} is made, and not delivered: ${trouble.delivery.message}`
    return [{ type: 'RotationFailed', status: 'True', reason, message }]
  }
  if (ledger.nextVersion.failures === 0) return []
  const waits = creationWaits(s, ledger)
  const isDated = Math.abs(waits) < Infinity
  const next = isDated ? new Date(waits).toISOString() : waits > 0 ? 'none before somebody asks for one' : 'now'
  const why = isCancelled(ledger) ? cancelText(ledger) : failureText(ledger)
  const message = `${why} The current version stays. Next try: ${next}.`
  return [
    { type: 'RotationFailed', status: 'True', reason: isCancelled(ledger) ? 'TaskCancelled' : 'TaskFailed', message },
  ]
}

/** A line for each target: events tell those that are new. */
function restartFailure({ failing }: Restarts): Plain[] {
  const [first] = failing
  if (first === undefined) return []
  const message = failing.map((trouble) => trouble.message).join('\n')
  return [{ type: 'RestartFailed', status: 'True', reason: first.reason, message }]
}

function removalFailure({ trouble: { removals = [] } }: Snapshot, { entries }: FormerTargets): Plain[] {
  const failing = removals.filter(({ uid }) => entries.some((former) => former.uid === uid))
  if (failing.length === 0) return []
  const message = failing.map((trouble) => trouble.message).join('\n')
  return [{ type: 'RemovalFailed', status: 'True', reason: 'RemovalRefused', message }]
}

function suspension(s: Snapshot, ledger: Ledger): Plain[] {
  if (s.credential.spec.suspend !== true) return []
  const isLeaked = doomed(ledger, s).size > 0 || isBereft(s, ledger)
  const but = isLeaked ? ', but for what was issued before revokeIssuedBefore' : ''
  const message = `No task is started while spec.suspend is true: nothing is created, rotated or revoked${but}. What is due begins once it is false.`
  return [{ type: 'Suspended', status: 'True', reason: 'SuspendedBySpec', message }]
}

/** What IBM Secrets Manager answers, with 412, to who asks for what a lock bars (its page "Locking secrets"). */
const REFUSED = "The requested action can't be completed because the secret version is locked."

const KEPT = 'It is not revoked before its lock is removed from spec.locks.'

/** Which versions are kept, and what is refused for their sake. */
function locking(s: Snapshot, ledger: Ledger): Plain[] {
  const { bound, waiting } = lockStory(ledger, s)
  if (bound.length + waiting.length === 0) return []
  const reason = waiting.length === 0 ? 'VersionLocked' : 'LockWaiting'
  // What has leaked goes whatever locks say.
  const isKept = bound.length > 0 && doomed(ledger, s).size === 0
  const locked: Plain = {
    type: 'Locked',
    status: bound.length > 0 ? 'True' : 'False',
    reason,
    message: [...bound, ...(isKept ? [KEPT] : []), ...waiting].join(' '),
  }
  return [locked, ...refusedRotation(s, ledger), ...refusedDeletion(s, bound), ...refusedExpiry(s, ledger)]
}

/** What is locked outlives its time. */
function refusedExpiry({ now }: Snapshot, ledger: Ledger): Plain[] {
  const held = inUse(ledger).filter(
    ({ version, expiresAt }) =>
      isLocked(ledger, { version }) && expiresAt !== undefined && Date.parse(expiresAt) <= now,
  )
  if (held.length === 0) return []
  const which = held.map(
    ({ version, expiresAt = '' }) => `Version ${version} was to end at ${expiresAt}, and is locked.`,
  )
  const message = `${REFUSED} ${which.join(' ')} It stays valid until its lock is removed from spec.locks.`
  return [{ type: 'ExpiryBlocked', status: 'True', reason: 'VersionLocked', message }]
}

function refusedRotation(s: Snapshot, ledger: Ledger): Plain[] {
  const newest = inUse(ledger).at(-1)
  const bars = barsRotation(ledger)
  if (newest === undefined || bars[0] === undefined) return []
  if (causeOfRotation(s, newest, s.credential.status.lastHandledRotateRequest) === undefined) return []
  const why = `The previous version, ${bars[0].version}, is locked by ${namesOf(bars)}, so that no other may take its place.`
  const message = `${REFUSED} ${why} Remove the lock from spec.locks to have it rotated.`
  return [{ type: 'RotationBlocked', status: 'True', reason: 'PreviousVersionLocked', message }]
}

function refusedDeletion({ credential }: Snapshot, bound: readonly string[]): Plain[] {
  if (credential.metadata.deletionTimestamp === undefined) return []
  const message = `${REFUSED} ${bound.join(' ')} It is served as before, rotations included, until spec.locks is empty.`
  return [{ type: 'DeletionBlocked', status: 'True', reason: 'VersionLocked', message }]
}

/** Only where there is something to say: that all is as the spec wants it is what `Ready` leads one to expect. */
function waitingChanges(s: Snapshot, ledger: Ledger): Plain[] {
  const newest = inUse(ledger).at(-1)
  const changed = newest === undefined ? [] : changedSince(newest, s)
  if (newest === undefined || changed.length === 0) return []
  const how =
    s.credential.spec.applyPolicy === 'Immediate'
      ? 'Another version is to take its place (spec.applyPolicy), unless another condition says what holds it up.'
      : `That takes effect with the next version. ${ROTATE_NOW}`
  const message = `Changed since version ${newest.version} was made: ${changed.join(', ')}. ${how}`
  return [{ type: 'UpToDate', status: 'False', reason: 'ChangesWaiting', message }]
}

/** Its end is near, and no successor there. */
function risk({ credential, now }: Snapshot, ledger: Ledger, current: CredentialVersion | undefined): Plain[] {
  const { spec } = credential
  if (current?.expiresAt === undefined || riskFrom(current, credential, now) > now) return []
  // It stays, as long as it is locked.
  if (isLocked(ledger, current)) return []
  const fix =
    spec.rotation?.interval === undefined
      ? `Then it is revoked. ${ROTATE_NOW}`
      : 'Its rotation is late: until its successor is there it is not revoked.'
  const message = `Version ${current.version} expires at ${current.expiresAt}. ${fix}`
  return [{ type: 'AtRisk', status: 'True', reason: 'ExpiresSoon', message }]
}
