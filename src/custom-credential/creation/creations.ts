import type { CredentialVersion, SecretTask, SecretTaskSpec, TaskError } from '../../api/generated.ts'
import { parametersHash } from './changes.ts'
import type { Ledger } from '../ledger.ts'
import { owe, owedFor } from '../obligations.ts'
import { createBackoff, later } from '../schedule.ts'

/** A create run that is over, as its task tells it or, where that is gone, as its Job does. */
export interface EndedRun {
  readonly issuedAfter?: string | undefined
  /** The request that it was to answer. */
  readonly rotateRequest?: string | undefined
  /** Somebody has deleted its task while it ran. */
  readonly cancelled?: boolean | undefined
  /** There was no run: `spec.adopt` has named what exists. */
  readonly adopted?: boolean
  readonly spec: SecretTask['spec']
  readonly status: Pick<SecretTask['status'], 'errors' | 'finishedAt' | 'outcome' | 'result' | 'startedAt' | 'suspect'>
}

/** The version that a creation has made; the next one has the next number. */
export function withVersion(ledger: Ledger, taskId: string, { issuedAfter, adopted, spec, status }: EndedRun): Ledger {
  const version: CredentialVersion = {
    version: spec.version,
    taskId,
    credentialsId: status.result?.credentialsId ?? '',
    trigger: spec.trigger,
    ...(issuedAfter !== undefined && { issuedAfter }),
    ...(status.startedAt !== undefined && { startedAt: status.startedAt }),
    createdAt: status.finishedAt ?? '',
    provider: spec.provider,
    kit: spec.kit,
    parametersHash: parametersHash(spec),
    ...(adopted && { adopted }),
    ...(status.suspect !== undefined && { suspect: status.suspect }),
  }
  return {
    ...ledger,
    versions: [...ledger.versions, version],
    nextVersion: { number: spec.version + 1, attempts: 0, failures: 0 },
  }
}

/** A failed creation: tried again later, and owed a `find` where it may have made something. */
export function withFailedCreate(
  ledger: Ledger,
  taskId: string,
  { rotateRequest, cancelled, spec, status }: EndedRun,
): Ledger {
  const at = status.finishedAt ?? ''
  const error = status.errors?.[0] ?? { code: 'Unknown', description: 'The task failed without saying why.' }
  const failed = withFailedTry(ledger, taskId, { ...spec, at, error, rotateRequest, cancelled })
  return status.outcome === 'Nothing'
    ? failed
    : owe(failed, owedFor(taskId, spec, { reason: 'OutcomeUnknown', since: at }))
}

interface FailedTry extends Pick<EndedRun, 'rotateRequest' | 'cancelled'>, Pick<SecretTaskSpec, 'version' | 'attempt'> {
  readonly at: string
  readonly error: TaskError
}

/** What is noted of a try that has failed, whatever it has made. */
export function withFailedTry(
  ledger: Ledger,
  taskId: string,
  { version, attempt, at, error, rotateRequest, cancelled }: FailedTry,
): Ledger {
  const sameVersion = ledger.nextVersion.number === version
  const failures = (sameVersion ? ledger.nextVersion.failures : 0) + 1
  return {
    ...ledger,
    lastFailure: { taskId, time: at, ...error },
    nextVersion: {
      number: version,
      attempts: attempt,
      failures,
      nextAttemptTime: later(at, createBackoff(failures)),
      ...(cancelled && { cancelledAt: at }),
      ...(rotateRequest !== undefined && { rotateRequest }),
    },
  }
}

/** The version stays in use until it is replaced: its credential was perhaps undone by the run that made it. */
export function withSuspect(ledger: Ledger, taskId: string, suspect: string): Ledger {
  const found = ledger.versions.some((version) => version.taskId === taskId && version.suspect === undefined)
  if (!found) return ledger
  const mark = (version: CredentialVersion) => (version.taskId === taskId ? { ...version, suspect } : version)
  return { ...ledger, versions: ledger.versions.map(mark) }
}
