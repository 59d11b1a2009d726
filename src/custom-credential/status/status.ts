import type { CredentialVersion, CustomCredentialStatus, FormerTarget } from '../../api/generated.ts'
import type { Resolution } from '../../credentials-provider/resolve.ts'
import { hasLapsed, isBereft } from '../creation/cause.ts'
import { rotateRequestOf } from '../creation/rotate-request.ts'
import { conditions, conditionsOf } from './conditions.ts'
import { goneInputs } from '../creation/input-secrets.ts'
import type { Ledger } from '../ledger.ts'
import { refusalText } from './problem.ts'
import { type FormerTargets, formerTargetsOf } from '../delivery/former-targets.ts'
import type { Restarts } from '../delivery/restart.ts'
import { inUse } from '../revocation/retire.ts'
import { handOverAt } from '../schedule.ts'
import { creationWaits } from '../creation/retries.ts'
import { rotationDue } from '../creation/rotation.ts'
import type { Snapshot } from '../snapshot.ts'
import { isOpen } from '../steps.ts'
import { targetName } from '../delivery/target.ts'
import { historyOf } from './version-history.ts'

/**
 * NIST SP 800-57 states, with the numbers that IBM Secrets Manager gives them. Not 2, suspended: `spec.suspend` stops tasks, and
 * consumers log in as before.
 */
const STATE_NUMBERS = { pre_activation: 0, active: 1, deactivated: 3, destroyed: 5 } as const

/** The whole status of a credential that is to exist. */
export function statusOf(
  s: Snapshot,
  ledger: Ledger,
  {
    resolution,
    restarts,
    formers,
  }: { readonly resolution: Resolution; readonly restarts: Restarts; readonly formers: FormerTargets },
): CustomCredentialStatus {
  const versions = inUse(ledger)
  const delivered = versions.filter(({ deliveredAt }) => deliveredAt !== undefined)
  const [current, previous] = [delivered.at(-1), delivered.at(-2)]
  const handled = answeredRequest(s, ledger)
  const nextRotation = rotationTime(s, ledger)
  return {
    ...recordOf(s, ledger, { state: stateOf(s, ledger, current), formers: formers.entries }),
    ...(current && { currentVersion: current.version }),
    ...(previous && { previousVersion: previous.version }),
    ...(nextRotation !== undefined && { nextRotationTime: nextRotation }),
    ...(current?.expiresAt !== undefined && { expirationTime: current.expiresAt }),
    ...(handled !== undefined && { lastHandledRotateRequest: handled }),
    ...(restarts.entries.length > 0 && { restarts: restarts.entries }),
    conditions: conditionsOf(s, ledger, { resolution, current, restarts, formers }),
  }
}

function stateOf(s: Snapshot, ledger: Ledger, current: CredentialVersion | undefined) {
  if (current !== undefined) return 'active'
  if (isBereft(s, ledger)) return 'deactivated'
  return hasLapsed(ledger, s.credential) ? 'destroyed' : 'pre_activation'
}

/** The status of a credential that is being deleted: what is still owed, and why it is not gone yet. */
export function deletingStatus(s: Snapshot, ledger: Ledger): CustomCredentialStatus {
  const owed = ledger.unresolved.length
  const failing = ledger.unresolved.find(({ lastError }) => lastError !== undefined)?.lastError
  const why = failing && `Last error: ${failing.code}: ${failing.description}`
  const gone = goneInputs(s).map((name) => `The input Secret "${name}" is gone.`)
  const refused = s.trouble.refusal && refusalText(s.trouble.refusal)
  const left = `Revoking what exists upstream: ${owed} left.`
  const message = [left, keptText(s, ledger), why, ...gone, ...openText(s), refused, ...nextText(s, ledger)]
    .filter(Boolean)
    .join(' ')
  return {
    ...recordOf(s, ledger, { state: 'deactivated', formers: formerTargetsOf(s) }),
    conditions: conditions(s, [{ type: 'Ready', status: 'False', reason: 'Deleting', message }]),
  }
}

function keptText(s: Snapshot, ledger: Ledger): string | undefined {
  const kept = inUse(ledger).at(-1)
  return (
    kept &&
    `Version ${kept.version} stays valid, and so does Secret "${targetName(s)}" (spec.revocationPolicy: Retain).`
  )
}

/** When what has failed is tried again, and when that is no longer this object's to do. */
function nextText({ credential, namespace, tasks }: Snapshot, { unresolved }: Ledger): string[] {
  if (unresolved.length === 0) return []
  const [next] = unresolved.flatMap(({ nextAttemptTime }) => nextAttemptTime ?? []).toSorted()
  const deletedAt = Date.parse(credential.metadata.deletionTimestamp ?? '')
  const end = handOverAt(
    deletedAt,
    unresolved.some(({ attempts }) => attempts > 0),
  )
  const handOver = `What is left at ${new Date(end).toISOString()}, when nothing is at work, becomes an OrphanedCredential, and this object goes.`
  return [
    ...(next === undefined || tasks.some(isOpen) ? [] : [`Next try: ${next}.`]),
    ...(namespace?.metadata.deletionTimestamp === undefined ? [handOver] : []),
  ]
}

/** What the task is about that is waited for, and what holds it up. */
function openText({ tasks }: Snapshot): (string | undefined)[] {
  const open = tasks.find(isOpen)
  if (open === undefined) return []
  const { name } = open.metadata
  const isCreation = open.spec.type === 'create_credentials'
  const making = `Task ${name} is still at work. To cancel it: kubectl delete stask ${name}`
  return [isCreation ? making : undefined, open.status.message]
}

function recordOf(
  s: Snapshot,
  ledger: Ledger,
  { state, formers }: { readonly state: keyof typeof STATE_NUMBERS; readonly formers: readonly FormerTarget[] },
): CustomCredentialStatus {
  const history = historyOf(s, ledger)
  return {
    observedGeneration: s.credential.metadata.generation ?? 0,
    state,
    stateNumber: STATE_NUMBERS[state],
    target: { name: targetName(s) },
    ...(formers.length > 0 && { formerTargets: formers }),
    versions: ledger.versions,
    nextVersion: ledger.nextVersion,
    unresolved: ledger.unresolved,
    ...(ledger.locks.length > 0 && { locks: ledger.locks }),
    ...(ledger.lastFailure && { lastFailure: ledger.lastFailure }),
    ...(history.length > 0 && { history }),
  }
}

/** When the newest version is to be replaced; where tries have failed, when the next one is made. */
function rotationTime(s: Snapshot, ledger: Ledger): string | undefined {
  const newest = inUse(ledger).at(-1)
  const due = newest === undefined ? Infinity : rotationDue(s.credential, newest, s.now)
  if (due === Infinity || s.credential.spec.suspend === true) return undefined
  const next = Math.max(due, creationWaits(s, ledger))
  return next === Infinity ? undefined : new Date(next).toISOString()
}

/** A request is answered by the version whose task was ordered when the request stood. */
function answeredRequest({ credential, tasks }: Snapshot, ledger: Ledger): string | undefined {
  const { versions = [], lastHandledRotateRequest } = credential.status
  const made = ledger.versions.filter(({ taskId }) => !versions.some((known) => known.taskId === taskId)).at(-1)
  // What stands at an adoption asks for nothing more, as what stands at a creation.
  if (made?.adopted) return rotateRequestOf(credential)
  const maker = tasks.find(({ metadata }) => metadata.name === made?.taskId)
  return (maker && rotateRequestOf(maker)) ?? lastHandledRotateRequest
}
