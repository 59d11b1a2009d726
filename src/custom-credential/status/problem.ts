import { annotation } from '../../api/labels.ts'
import { cut } from '../../api/text.ts'
import type { Resolution } from '../../credentials-provider/resolve.ts'
import { awaitsAdoption } from '../creation/adoption.ts'
import { hasLapsed, isBereft, isSuspectAgain, UNRESOLVED_LIMIT } from '../creation/cause.ts'
import type { Ledger } from '../ledger.ts'
import type { Reason } from './reasons.ts'
import { TRIED_AGAIN } from '../schedule.ts'
import { inUse } from '../revocation/retire.ts'
import { isCancelled, isGivenUp } from '../creation/retries.ts'
import type { Snapshot } from '../snapshot.ts'

/** What stands in the way of the next version: the first thing that a person should know. */
export function problemOf(
  s: Snapshot,
  ledger: Ledger,
  resolution: Resolution,
): { reason: Reason; message: string } | undefined {
  const delivery = deliveryProblem(s, resolution)
  if (delivery) return delivery
  if (!resolution.ok) return resolution.problem
  if (s.trouble.adoption && awaitsAdoption(s, ledger))
    return {
      reason: 'AdoptionFailed',
      message:
        s.credential.spec.suspend === true
          ? s.trouble.adoption.message
          : `${s.trouble.adoption.message} ${TRIED_AGAIN}`,
    }
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
  return failureProblem(s, ledger)
}

function failureProblem(s: Snapshot, ledger: Ledger): { reason: Reason; message: string } | undefined {
  const { failures, nextAttemptTime } = ledger.nextVersion
  if (failures === 0 || !ledger.lastFailure) return undefined
  const again = `To have it tried again, give the annotation ${annotation.rotateRequestedAt} a new value, or change spec.`
  if (isGivenUp(ledger)) return { reason: 'CreationGivenUp', message: `${failureText(ledger)} ${again}` }
  if (isCancelled(ledger) && inUse(ledger).length === 0 && !isBereft(s, ledger))
    return {
      reason: 'CreationCancelled',
      message: `${cancelText(ledger)} ${again}`,
    }
  return { reason: 'CreationFailed', message: `${failureText(ledger)} Next try: ${nextAttemptTime ?? 'now'}.` }
}

function deliveryProblem({ trouble: { delivery } }: Snapshot, resolution: Resolution) {
  // It says what to correct, and a delivery that fails for it says less.
  if (!resolution.ok && resolution.problem.reason === 'TemplateInvalid') return resolution.problem
  return delivery && { reason: delivery.reason, message: delivery.message }
}

export const ROTATE_NOW = `To rotate it, give the annotation ${annotation.rotateRequestedAt} a new value.`

export const cancelText = ({ lastFailure }: Ledger): string =>
  `Task ${lastFailure?.taskId ?? ''} was deleted before it was over.`

export const failureText = ({ lastFailure, nextVersion }: Ledger): string =>
  `Attempt ${nextVersion.attempts} at version ${nextVersion.number} failed: ` +
  `${lastFailure?.code ?? ''}: ${cut(lastFailure?.description ?? '', 1024)}`

export const refusalText = (why: string): string =>
  `The API server refuses the next task: ${cut(why, 1024)}. Remove what refuses it. ${TRIED_AGAIN}`
