import { type ConditionInput, transition } from '../api/conditions.ts'
import type { CredentialVersion, CustomCredentialStatus } from '../api/generated.ts'
import { annotation } from '../api/labels.ts'
import { cut } from '../api/text.ts'
import type { Resolution } from '../credentials-provider/resolve.ts'
import { hasLapsed, isSuspectAgain, UNRESOLVED_LIMIT } from './cause.ts'
import { riskFrom } from './expiry.ts'
import type { Ledger } from './ledger.ts'
import { inUse } from './retire.ts'
import { rotationDue } from './rotation.ts'
import type { Snapshot } from './snapshot.ts'
import { isOpen } from './steps.ts'

/** NIST SP 800-57 states, with the numbers that IBM Secrets Manager gives them. */
const STATE_NUMBERS = { pre_activation: 0, active: 1, suspended: 2, deactivated: 3, destroyed: 5 } as const

export const targetName = ({ credential }: Pick<Snapshot, 'credential'>): string =>
  credential.spec.target?.name ?? credential.metadata.name

/** The whole status of a credential that is to exist. */
export function statusOf(s: Snapshot, ledger: Ledger, resolution: Resolution): CustomCredentialStatus {
  const versions = inUse(ledger)
  const delivered = versions.filter(({ deliveredAt }) => deliveredAt !== undefined)
  const [current, previous] = [delivered.at(-1), delivered.at(-2)]
  const handled = answeredRequest(s, ledger)
  const nextRotation = rotationTime(s, ledger)
  return {
    ...recordOf(s, ledger, stateOf(s, ledger, current)),
    ...(current && { currentVersion: current.version }),
    ...(previous && { previousVersion: previous.version }),
    ...(nextRotation !== undefined && { nextRotationTime: nextRotation }),
    ...(current?.expiresAt !== undefined && { expirationTime: current.expiresAt }),
    ...(handled !== undefined && { lastHandledRotateRequest: handled }),
    conditions: conditions(s, [
      ...readiness(s, ledger, resolution),
      ...rotationFailure(s, ledger, current),
      ...risk(s, current),
      ...suspension(s),
    ]),
  }
}

function stateOf({ credential }: Snapshot, ledger: Ledger, current: CredentialVersion | undefined) {
  if (current !== undefined) return 'active'
  return hasLapsed(ledger, credential) ? 'destroyed' : 'pre_activation'
}

/** The status of a credential that is being deleted: what is still owed, and why it is not gone yet. */
export function deletingStatus(s: Snapshot, ledger: Ledger): CustomCredentialStatus {
  const owed = ledger.unresolved.length
  const failing = ledger.unresolved.find(({ lastError }) => lastError !== undefined)
  const why = failing?.lastError && ` Last error: ${failing.lastError.code}: ${failing.lastError.description}`
  const making = s.tasks.find((task) => isOpen(task) && task.spec.type === 'create_credentials')?.metadata.name
  const waits = making && ` Task ${making} is still at work. To cancel it: kubectl delete stask ${making}`
  const refused = s.trouble.refusal && ` ${refusalText(s.trouble.refusal)}`
  const message = `Revoking what exists upstream: ${owed} left.${why ?? ''}${waits ?? ''}${refused ?? ''}`
  return {
    ...recordOf(s, ledger, 'deactivated'),
    conditions: conditions(s, [{ type: 'Ready', status: 'False', reason: 'Deleting', message }]),
  }
}

function recordOf(s: Snapshot, ledger: Ledger, state: keyof typeof STATE_NUMBERS): CustomCredentialStatus {
  return {
    observedGeneration: s.credential.metadata.generation ?? 0,
    state,
    stateNumber: STATE_NUMBERS[state],
    target: { name: targetName(s) },
    versions: ledger.versions,
    nextVersion: ledger.nextVersion,
    unresolved: ledger.unresolved,
    ...(ledger.lastFailure && { lastFailure: ledger.lastFailure }),
  }
}

const conditions = (s: Snapshot, now: readonly Omit<ConditionInput, 'observedGeneration'>[]) =>
  transition(
    s.credential.status.conditions ?? [],
    now.map((condition) => ({ ...condition, observedGeneration: s.credential.metadata.generation ?? 0 })),
    new Date(s.now).toISOString(),
  )

type Plain = Omit<ConditionInput, 'observedGeneration'>

/** Reasons that no time heals: a person must act. */
const STALLING = new Set([
  'ProviderNotFound',
  'ProviderNotAccepted',
  'NamespaceNotAllowed',
  'ParametersInvalid',
  'TargetConflict',
  'IntervalTooLong',
  'WindowInvalid',
  'Expired',
  'TooManyUnresolved',
  'VersionSuspect',
])

/** `Ready` answers whether consumers have what they need; `Reconciling` and `Stalled` (kstatus) only where they apply. */
function readiness(s: Snapshot, ledger: Ledger, resolution: Resolution): Plain[] {
  const problem = problemOf(s, ledger, resolution)
  const current = inUse(ledger).findLast(({ deliveredAt }) => deliveredAt !== undefined)
  const stalled: Plain[] =
    problem && STALLING.has(problem.reason) ? [{ type: 'Stalled', status: 'True', ...problem }] : []
  // A delivery that fails leaves consumers with what they have, if the Secret is still there.
  if (current !== undefined && (s.trouble.delivery === undefined || s.target?.version === current.version)) {
    const message = `Version ${current.version} is in Secret "${targetName(s)}".`
    return [{ type: 'Ready', status: 'True', reason: 'Delivered', message }, ...stalled]
  }
  const state = problem ?? { reason: 'Creating', message: 'The first version is being made.' }
  const reconciling: Plain[] = stalled.length > 0 ? [] : [{ type: 'Reconciling', status: 'True', ...state }]
  return [{ type: 'Ready', status: 'False', ...state }, ...reconciling, ...stalled]
}

function problemOf(
  s: Snapshot,
  ledger: Ledger,
  resolution: Resolution,
): { reason: string; message: string } | undefined {
  if (s.trouble.delivery) return { reason: s.trouble.delivery.reason, message: s.trouble.delivery.message }
  if (!resolution.ok) return resolution.problem
  if (hasLapsed(ledger, s.credential) && s.credential.spec.rotation?.interval === undefined) {
    const message = `Version ${ledger.nextVersion.number - 1} has reached the end of its time to live. ${ROTATE_NOW}`
    return { reason: 'Expired', message }
  }
  if (s.trouble.refusal !== undefined) return { reason: 'TaskRefused', message: refusalText(s.trouble.refusal) }
  const owed = ledger.unresolved.length + s.orphans.length
  if (owed >= UNRESOLVED_LIMIT) {
    const why = 'because it fails, or because spec.rotation.minOverlap is long for how often it is rotated'
    const message = `${owed} credentials wait for their deletion, ${why}. Nothing more is made until they are fewer.`
    return { reason: 'TooManyUnresolved', message: `${message} See status.unresolved and the orphans.` }
  }
  if (isSuspectAgain(ledger)) {
    const message = 'Two versions in a row are suspect: the provider fails after its report. Correct it, then rotate.'
    return { reason: 'VersionSuspect', message }
  }
  const { failures, nextAttemptTime } = ledger.nextVersion
  if (failures === 0 || !ledger.lastFailure) return undefined
  return { reason: 'CreationFailed', message: `${failureText(ledger)} Next try: ${nextAttemptTime ?? 'now'}.` }
}

/** A failed rotation leaves the current version in place: the credential stays ready. */
function rotationFailure({ trouble }: Snapshot, ledger: Ledger, current: CredentialVersion | undefined): Plain[] {
  const { failures, nextAttemptTime } = ledger.nextVersion
  if (current === undefined) return []
  const newest = inUse(ledger).at(-1)
  if (trouble.delivery && newest !== undefined && newest.version !== current.version) {
    const { reason } = trouble.delivery
    const message = `Version ${newest.version} is made, and not delivered: ${trouble.delivery.message}`
    return [{ type: 'RotationFailed', status: 'True', reason, message }]
  }
  if (failures === 0) return []
  const message = `${failureText(ledger)} The current version stays. Next try: ${nextAttemptTime ?? 'now'}.`
  return [{ type: 'RotationFailed', status: 'True', reason: 'TaskFailed', message }]
}

function suspension({ credential: { spec } }: Snapshot): Plain[] {
  if (spec.suspend !== true) return []
  const message = 'No task is started while spec.suspend is true: nothing is created, rotated or revoked.'
  return [{ type: 'Suspended', status: 'True', reason: 'SuspendedBySpec', message }]
}

/** Its end is near, and no successor there. */
function risk({ credential, now }: Snapshot, current: CredentialVersion | undefined): Plain[] {
  const { spec } = credential
  if (current?.expiresAt === undefined || riskFrom(current, credential, now) > now) return []
  const fix =
    spec.rotation?.interval === undefined
      ? `Then it is revoked. ${ROTATE_NOW}`
      : 'Its rotation is late: until its successor is there it is not revoked.'
  const message = `Version ${current.version} expires at ${current.expiresAt}. ${fix}`
  return [{ type: 'AtRisk', status: 'True', reason: 'ExpiresSoon', message }]
}

const ROTATE_NOW = `To rotate it, give the annotation ${annotation.rotateRequestedAt} a new value.`

const failureText = ({ lastFailure, nextVersion }: Ledger): string =>
  `Attempt ${nextVersion.attempts} at version ${nextVersion.number} failed: ` +
  `${lastFailure?.code ?? ''}: ${cut(lastFailure?.description ?? '', 1024)}`

const refusalText = (why: string): string => `The API server refuses the next task: ${cut(why, 1024)}`

/** When the newest version is to be replaced; where tries have failed, when the next one is made. */
function rotationTime(s: Snapshot, ledger: Ledger): string | undefined {
  const newest = inUse(ledger).at(-1)
  const due = newest === undefined ? Infinity : rotationDue(s.credential, newest, s.now)
  if (due === Infinity || s.credential.spec.suspend === true) return undefined
  const retry = ledger.nextVersion.nextAttemptTime
  return new Date(Math.max(due, retry === undefined ? 0 : Date.parse(retry))).toISOString()
}

/** A request is answered by the version whose task was ordered when the request stood. */
function answeredRequest({ credential, tasks }: Snapshot, ledger: Ledger): string | undefined {
  const { versions = [], lastHandledRotateRequest } = credential.status
  const made = ledger.versions.filter(({ taskId }) => !versions.some((known) => known.taskId === taskId)).at(-1)
  const maker = tasks.find(({ metadata }) => metadata.name === made?.taskId)
  return maker?.metadata.annotations?.[annotation.rotateRequestedAt] ?? lastHandledRotateRequest
}
