import type {
  CredentialVersion,
  CustomCredential,
  CustomCredentialStatus,
  SecretTask,
  TaskFailure,
  UnresolvedCredential,
} from '../api/generated.ts'
import { rotateRequestOf } from './creation/rotate-request.ts'
import { withFailedCreate, withSuspect, withVersion } from './creation/creations.ts'
import { withQueued } from './creation/queued.ts'
import { hasFound, wasDeletedBy } from './revocation/deleted.ts'
import { deliveredBy, isShown, type Shown } from './delivery/delivered.ts'
import { concerns, isSameLogin, matches, owe, oweAnew, owedFor, withoutLiveIds } from './obligations.ts'
import { deleteBackoff, later } from './schedule.ts'
import { taskDeleted } from '../secret-task/error-codes.ts'
import type { RunFacts } from '../secret-task/run-facts.ts'
import type { CustodyFacts } from './snapshot.ts'

/**
 * The part of a credential's status that accounts for everything that exists upstream, or may. It is folded from what the
 * tasks, Jobs and custody tell; each piece of evidence is released only after the status that accounts for it is durable.
 *
 *   task ends ──┐
 *   Job, task gone ──┼──► versions[]    usable, or waiting to be delivered
 *   custody Secret ──┘    unresolved[]  owed a deletion: by credentials ID, or by `find` where none is known
 */
export interface Ledger {
  readonly versions: readonly CredentialVersion[]
  readonly unresolved: readonly UnresolvedCredential[]
  /** Which version is made next and how often that was tried: a (version, attempt) at or below it is accounted for. */
  readonly nextVersion: NonNullable<CustomCredentialStatus['nextVersion']>
  readonly lastFailure: TaskFailure | undefined
  /** Versions that are kept, by the names of those who keep them. */
  readonly locks: NonNullable<CustomCredentialStatus['locks']>
}

export interface Evidence extends Shown {
  readonly tasks: readonly SecretTask[]
  readonly runs: readonly RunFacts[]
  readonly custody: readonly CustodyFacts[]
  readonly credential?: Pick<CustomCredential, 'metadata'>
}

export function openLedger(status: CustomCredentialStatus): Ledger {
  return {
    versions: status.versions ?? [],
    unresolved: status.unresolved ?? [],
    nextVersion: status.nextVersion ?? { number: 1, attempts: 0, failures: 0 },
    lastFailure: status.lastFailure,
    locks: status.locks ?? [],
  }
}

/** Accounts for all evidence. Folding the same evidence again changes nothing. */
export function fold(ledger: Ledger, evidence: Evidence, now: number): Ledger {
  const byAttempt = [...evidence.tasks].sort(
    (a, b) => a.spec.version - b.spec.version || a.spec.attempt - b.spec.attempt,
  )
  let result = ledger
  for (const task of byAttempt) result = foldTask(result, task, evidence)
  for (const run of evidence.runs) result = foldRun(result, run, evidence, now)
  for (const secret of evidence.custody) result = foldCustody(result, secret, evidence, now)
  return withoutLiveIds(withQueued(result, evidence, now))
}

function foldTask(ledger: Ledger, task: SecretTask, { runs }: Pick<Evidence, 'runs'>): Ledger {
  if (task.spec.type === 'delete_credentials') return foldDeletion(ledger, task)
  if (isAccounted(ledger, task.spec)) {
    return task.status.suspect === undefined ? ledger : withSuspect(ledger, task.metadata.name, task.status.suspect)
  }
  switch (task.status.state) {
    case 'credentials_created':
      return withVersion(ledger, task.metadata.name, { ...task, issuedAfter: issuedAfter(task, runs) })
    case 'failed':
      return withFailedCreate(ledger, task.metadata.name, { ...task, rotateRequest: rotateRequestOf(task) })
    default:
      return ledger
  }
}

/** Whether a create run's (version, attempt) is at or below the ledger's high-water mark. */
export const isAccounted = (
  { nextVersion }: Pick<Ledger, 'nextVersion'>,
  run: { version: number; attempt: number },
): boolean =>
  run.version < nextVersion.number || (run.version === nextVersion.number && run.attempt <= nextVersion.attempts)

/** No container of a run begins before its Job is there, and no Job is made before its task. */
const issuedAfter = ({ metadata, status: { jobRef } }: SecretTask, runs: readonly RunFacts[]): string | undefined =>
  runs.find(({ uid }) => uid === jobRef?.uid)?.createdAt ?? metadata.creationTimestamp

function foldDeletion(ledger: Ledger, task: SecretTask): Ledger {
  const entry = ledger.unresolved.find((owed) => matches(owed, task.spec))
  if (entry === undefined || task.spec.attempt < entry.attempts) return ledger
  // One that was made too early to meet the debt (`oweAnew`) may fail all the same: its failure is told, and waited after.
  if (task.spec.attempt === entry.attempts && task.status.state !== 'failed') return ledger
  if (task.status.state === 'credentials_deleted') return settled(ledger, entry)
  if (task.status.state !== 'failed') return ledger
  const error = task.status.errors?.[0]
  return retryLater(ledger, entry, { attempt: task.spec.attempt, at: task.status.finishedAt ?? '', error })
}

/** The credential is gone upstream: neither owed nor a version any more. */
const settled = (ledger: Ledger, entry: UnresolvedCredential): Ledger => ({
  ...ledger,
  unresolved: ledger.unresolved.filter((owed) => owed !== entry),
  versions: ledger.versions.filter((version) => !concerns(entry, version)),
})

function retryLater(
  ledger: Ledger,
  entry: UnresolvedCredential,
  failure: { attempt: number; at: string; error?: UnresolvedCredential['lastError'] },
): Ledger {
  const { lastError: _replaced, ...rest } = entry
  const failed: UnresolvedCredential = {
    ...rest,
    attempts: failure.attempt,
    nextAttemptTime: later(failure.at, deleteBackoff(failure.attempt)),
    ...(failure.error && { lastError: failure.error }),
  }
  return { ...ledger, unresolved: ledger.unresolved.map((owed) => (owed === entry ? failed : owed)) }
}

function foldRun(ledger: Ledger, run: RunFacts, evidence: Evidence, now: number): Ledger {
  if (!run.held) return ledger
  const folded = foldOutcome(ledger, run, evidence, now)
  return run.ended && run.startedTwice === true ? withSecondPod(folded, run.name) : folded
}

/** What the other pod may have made is looked for when the version goes: by its task ID the version itself would be found. */
const withSecondPod = (ledger: Ledger, taskId: string): Ledger => ({
  ...ledger,
  versions: ledger.versions.map((version) =>
    version.taskId === taskId ? { ...version, startedTwice: true } : version,
  ),
})

/**
 * A Job outlives its task: the task was cancelled, or its record deleted, before the outcome was accounted for. What the
 * run may have made is unknown, so it is owed a `find`.
 */
function foldOutcome(ledger: Ledger, run: RunFacts, evidence: Evidence, now: number): Ledger {
  if (run.failed) ledger = withSuspect(ledger, run.name, 'The container failed after its report was accepted.')
  const at = new Date(now).toISOString()
  const { tasks } = evidence
  // By name: where its task was made anew before the Job came to light, the end of that one is waited for. As long, the Job
  // is held, and keeps it from a second run under the same ID.
  const task = tasks.find(({ metadata }) => metadata.name === run.name)
  if (task !== undefined) return foldUnclear(ledger, run, { task, tasks, at })
  const error = taskDeleted('The task was deleted before its outcome was recorded.')
  if (run.spec.type === 'create_credentials') {
    if (isAccounted(ledger, run.spec)) return ledger
    const credentialsId = deliveredBy(run, evidence)
    if (credentialsId !== undefined)
      return withVersion(ledger, run.name, { spec: run.spec, status: { finishedAt: at, result: { credentialsId } } })
    const status = { errors: [error], finishedAt: at, outcome: 'Unknown' as const }
    // The request that it was to answer is cancelled with it; one that came later is not.
    const { spec, rotateRequest } = run
    return withFailedCreate(ledger, run.name, { spec, status, rotateRequest, cancelled: true })
  }
  const entry = ledger.unresolved.find((owed) => matches(owed, run.spec))
  if (entry === undefined || run.spec.attempt <= entry.attempts) return ledger
  return retryLater(ledger, entry, { attempt: run.spec.attempt, at, error })
}

/** A Job whose creation its task's end does not speak for: what it may have made is owed a `find`. */
function foldUnclear(
  ledger: Ledger,
  run: RunFacts,
  { task, tasks, at }: { task: SecretTask; tasks: readonly SecretTask[]; at: string },
): Ledger {
  const { state, outcome, jobRef } = task.status
  if (run.spec.type !== 'create_credentials' || state !== 'failed') return ledger
  const owed = owedFor(run.name, run.spec, { reason: 'OutcomeUnknown', since: at })
  // The task failed over a fence, or over no Job at all, for the process that had claimed it was gone. What that process
  // had sent came after all, and a container may have begun before it was stopped: later than any `find` has looked.
  if (jobRef?.uid !== run.uid) return oweAnew(ledger, owed, tasks)
  // One of two pods has reported that it failed, having made nothing: the other may have made something.
  const isDoubtful = outcome === 'Nothing' && run.ended && run.startedTwice === true
  return isDoubtful && !tasks.some((other) => hasFound(other, run.name)) ? owe(ledger, owed) : ledger
}

/**
 * Not where another version was made meanwhile, nor where the credential goes before anybody could know of it: nobody has
 * ordered that it be revoked.
 */
const isAdoption = ({ nextVersion }: Ledger, { version }: SecretTask['spec'], evidence: Evidence): boolean =>
  nextVersion.number === version &&
  (evidence.credential?.metadata.deletionTimestamp === undefined || isShown(evidence, version))

const withAdopted = (
  ledger: Ledger,
  taskId: string,
  { origin, credentialsId, at }: { origin: SecretTask['spec']; credentialsId: string; at: string },
): Ledger =>
  withVersion(ledger, taskId, { spec: origin, status: { finishedAt: at, result: { credentialsId } }, adopted: true })

/** A payload in custody that no version stands for, or a refused report: its credential exists and is owed a deletion. */
function foldCustody(ledger: Ledger, secret: CustodyFacts, evidence: Evidence, now: number): Ledger {
  const { taskId, credentialsId, origin } = secret
  if (taskId === undefined || credentialsId === undefined || origin === undefined) return ledger
  if (ledger.versions.some((version) => isSameLogin(version, { credentialsId, provider: origin.provider })))
    return ledger
  const task = evidence.tasks.find(({ metadata }) => metadata.name === taskId)
  if (evidence.tasks.some((other) => wasDeletedBy(other, secret))) return ledger
  const at = new Date(now).toISOString()
  if (secret.adopted)
    return isAdoption(ledger, origin, evidence) ? withAdopted(ledger, taskId, { origin, credentialsId, at }) : ledger
  // The gateway has stored the payload and is about to end the task, or a refused report may yet be corrected.
  if (task?.status.state === 'processing') return ledger
  const reason = secret.custody === 'version' ? 'OutcomeUnknown' : 'Refused'
  return owe(ledger, { ...owedFor(taskId, origin, { reason, since: at }), credentialsId })
}
