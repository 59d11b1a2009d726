import { type ConditionInput, transition } from '../api/conditions.ts'
import type { Condition, CredentialVersion } from '../api/generated.ts'
import type { Resolution } from '../credentials-provider/resolve.ts'
import { riskFrom } from './expiry.ts'
import type { Ledger } from './ledger.ts'
import { failureText, problemOf, ROTATE_NOW } from './problem.ts'
import { type Reason, stalls } from './reasons.ts'
import { inUse } from './retire.ts'
import type { Snapshot } from './snapshot.ts'
import { targetName } from './target.ts'

export interface Plain extends Pick<ConditionInput, 'type' | 'status' | 'message'> {
  readonly reason: Reason
}

/** Everything that holds of a credential that is to exist. */
export const conditionsOf = (
  s: Snapshot,
  ledger: Ledger,
  { resolution, current }: { resolution: Resolution; current: CredentialVersion | undefined },
): Condition[] =>
  conditions(s, [
    ...readiness(s, ledger, resolution),
    ...rotationFailure(s, ledger, current),
    ...risk(s, current),
    ...suspension(s),
  ])

export const conditions = ({ credential, now }: Snapshot, plain: readonly Plain[]): Condition[] =>
  transition(
    credential.status.conditions ?? [],
    plain.map((condition) => ({ ...condition, observedGeneration: credential.metadata.generation ?? 0 })),
    new Date(now).toISOString(),
  )

/** `Ready` answers whether consumers have what they need; `Reconciling` and `Stalled` (kstatus) only where they apply. */
function readiness(s: Snapshot, ledger: Ledger, resolution: Resolution): Plain[] {
  const problem = problemOf(s, ledger, resolution)
  const current = inUse(ledger).findLast(({ deliveredAt }) => deliveredAt !== undefined)
  const stalled: Plain[] = problem && stalls(problem.reason) ? [{ type: 'Stalled', status: 'True', ...problem }] : []
  // A delivery that fails leaves consumers with what they have, if the Secret is still there.
  if (current !== undefined && (s.trouble.delivery === undefined || s.target?.version === current.version)) {
    const message = `Version ${current.version} is in Secret "${targetName(s)}".`
    const more = stalled.length > 0 ? stalled : unfinished(s, ledger)
    return [{ type: 'Ready', status: 'True', reason: 'Delivered', message }, ...more]
  }
  const state = problem ?? { reason: 'Creating', message: 'The first version is being made.' }
  const reconciling: Plain[] = stalled.length > 0 ? [] : [{ type: 'Reconciling', status: 'True', ...state }]
  return [{ type: 'Ready', status: 'False', ...state }, ...reconciling, ...stalled]
}

/** Consumers have the current version, though not as the spec wants it by now. */
function unfinished({ trouble }: Snapshot, ledger: Ledger): Plain[] {
  if (trouble.delivery === undefined || inUse(ledger).at(-1)?.deliveredAt === undefined) return []
  const { reason, message } = trouble.delivery
  return [{ type: 'Reconciling', status: 'True', reason, message }]
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
