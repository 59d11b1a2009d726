import { isDeepStrictEqual } from 'node:util'
import type { SecretTask, TaskError } from '../api/generated.ts'
import { asText, sameData, type ReportedVersion } from '../custody/versions.ts'
import { checkValues, type Field, type Value } from '../credentials-provider/schema.ts'
import { boundedErrors, isTerminal, type TaskEnd } from '../secret-task/end.ts'
import type { FailureCode } from './errors.ts'
import type { Report } from './report.ts'

/** What is known of the task when its report is judged. `undefined` in `outputs` and `stored`: not looked up yet. */
export interface Facts {
  /** Undefined: the task is gone. */
  readonly task: SecretTask | undefined
  /** The provider's output schema. */
  readonly outputs?: readonly Field[] | undefined
  /** What custody holds under the task's ID. */
  readonly stored?: ReportedVersion | 'none' | undefined
  /** What the credential's status says of the run whose task is gone. */
  readonly account?: Account | undefined
}

/** `pending`: the status does not account for the run yet. Else the ID of the version that it made, which is in use. */
export type Account = 'pending' | 'none' | { readonly credentialsId: string }

/** What is to be done about a report: one step at a time, after which it is judged again by what is known then. */
export type Verdict =
  /** Look this up. */
  | { readonly do: 'learn'; readonly fact: 'outputs' | 'stored' | 'account' }
  /** Make the version durable; what custody holds then is `stored`. */
  | { readonly do: 'keep'; readonly version: ReportedVersion }
  /** End the task on condition that it is still as it was judged. `version`: what it ends with. */
  | { readonly do: 'end'; readonly end: TaskEnd; readonly version?: ReportedVersion; readonly suspect?: string }
  | { readonly do: 'suspect'; readonly reason: string }
  /** It was accepted before: nothing to write. */
  | { readonly do: 'acknowledge' }
  /** Nothing is certain yet: the report is to be sent again. */
  | { readonly do: 'defer'; readonly message: string }
  | { readonly do: 'refuse'; readonly code: FailureCode; readonly message: string }

type Created = Extract<Report, { status: 'credentials_created' }>

const OTHER_PAYLOAD =
  'The provider reported these credentials twice, with different values: it ran twice, and the values kept may not work.'

/**
 * Judges a report by the task's status, the only judge there is. A credentials ID that the task has
 * been, or may still be, ended with is never refused: that would be an order to undo a credential in use.
 */
export function judge(report: Report, facts: Facts): Verdict {
  const { task } = facts
  if (task === undefined || isCancelled(task)) return judgeGone(report, facts)
  if (!fits(report, task)) {
    return refuse('invalid_report', `${report.status} cannot be the end of a task of type ${task.spec.type}`)
  }
  if (isTerminal(task)) return judgeEnded(report, task, facts)
  // No Job is made before a task is claimed, and no claim is ever taken back.
  if (task.status.state === 'queued') return refuse('not_your_task', 'the task has not been started')
  switch (report.status) {
    case 'credentials_created':
      return judgeCreated(report, facts)
    case 'credentials_deleted':
      return { do: 'end', end: { state: 'credentials_deleted' } }
    case 'failed':
      return judgeFailed(report.errors, task, facts)
  }
}

/** The task was cancelled, or its record deleted after its end: then the version that it made may be in use. */
function judgeGone(report: Report, { account }: Facts): Verdict {
  if (report.status === 'credentials_created') {
    if (account === undefined) return { do: 'learn', fact: 'account' }
    if (account === 'pending') return { do: 'defer', message: 'the task is gone, and its outcome not recorded yet' }
    if (account !== 'none' && account.credentialsId === report.credentialsId) return { do: 'acknowledge' }
  }
  return refuse('task_not_found', 'the task was cancelled: undo its work')
}

/** Deleting a task that has not ended cancels it; finalizers may hold the object for a while. */
const isCancelled = (task: SecretTask): boolean => task.metadata.deletionTimestamp !== undefined && !isTerminal(task)

const fits = ({ status }: Report, { spec }: SecretTask): boolean =>
  status !== (spec.type === 'create_credentials' ? 'credentials_deleted' : 'credentials_created')

function judgeCreated(report: Created, { outputs, stored }: Facts): Verdict {
  if (outputs === undefined) return { do: 'learn', fact: 'outputs' }
  const checked = isObject(report.payload)
    ? checkValues(outputs, report.payload)
    : { ok: false as const, problems: ['must be an object'] }
  const data = checked.ok ? asText(checked.values) : undefined
  if (stored !== undefined && stored !== 'none') return judgeAgainst(stored, report, data)
  if (data !== undefined) return { do: 'keep', version: { credentialsId: report.credentialsId, data } }
  if (stored === undefined) return { do: 'learn', fact: 'stored' }
  return refuse('invalid_report', `credentials.payload: ${checked.ok ? '' : checked.problems.join('; ')}`)
}

/** Custody holds what was reported first: by this report, or by another pod or request of the same run. */
function judgeAgainst(stored: ReportedVersion, report: Created, data: ReportedVersion['data'] | undefined): Verdict {
  if (stored.credentialsId !== report.credentialsId) {
    return refuse('invalid_report', 'other credentials were reported for this task before: undo these')
  }
  const same = data !== undefined && sameData(stored.data, data)
  const end = { state: 'credentials_created', credentialsId: stored.credentialsId } as const
  return { do: 'end', end, version: stored, ...(!same && { suspect: OTHER_PAYLOAD }) }
}

function judgeFailed(errors: readonly TaskError[], task: SecretTask, { stored }: Facts): Verdict {
  const ended = (outcome: 'Nothing' | 'Unknown'): Verdict => ({ do: 'end', end: { state: 'failed', errors, outcome } })
  if (task.spec.type === 'delete_credentials') return ended('Unknown')
  if (stored === undefined) return { do: 'learn', fact: 'stored' }
  // A provider that failed made nothing, unless another pod of the same run has reported what it made.
  return ended(stored === 'none' ? 'Nothing' : 'Unknown')
}

function judgeEnded(report: Report, task: SecretTask, { stored }: Facts): Verdict {
  const { state, result, errors = [], suspect } = task.status
  if (report.status === 'credentials_created' && report.credentialsId === result?.credentialsId) {
    if (suspect !== undefined) return { do: 'acknowledge' }
    if (stored === undefined) return { do: 'learn', fact: 'stored' }
    // A version whose deletion has come and gone has nothing left to compare with.
    if (stored === 'none' || holds(stored, report.payload)) return { do: 'acknowledge' }
    return { do: 'suspect', reason: OTHER_PAYLOAD }
  }
  if (isRepeated(report, task)) return { do: 'acknowledge' }
  const [error] = errors
  const how = error === undefined ? state : `${state} (${error.code})`
  return refuse('task_ended', `the task has ended as ${how}: undo what this run made`)
}

function isRepeated(report: Report, { status: { state, errors = [] } }: SecretTask): boolean {
  if (report.status !== state) return false
  return report.status === 'credentials_deleted' || (report.status === 'failed' && sameErrors(report.errors, errors))
}

const sameErrors = (reported: readonly TaskError[], recorded: readonly TaskError[]): boolean =>
  isDeepStrictEqual(boundedErrors(reported), recorded)

/** Whether the reported payload is what custody holds. The schema has changed since, perhaps: it is not asked. */
const holds = (stored: ReportedVersion, payload: unknown): boolean =>
  isObject(payload) && sameData(stored.data, asText(payload as Record<string, Value>))

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const refuse = (code: FailureCode, message: string): Verdict => ({ do: 'refuse', code, message })
