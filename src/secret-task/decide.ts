import type { SecretTask, SecretTaskStatus } from '../api/generated.ts'
import { label } from '../api/labels.ts'
import type { Job, Pod } from '../api/resources.ts'
import { cut } from '../api/text.ts'
import { endedStatus, isTerminal, type TaskEnd } from './end.ts'
import type { TaskErrorCode } from './error-codes.ts'
import { exitOf, failureOf, hasEnded, isHeldBack, isOver, isSpokenOf, isStopped, lingers } from './runs.ts'
import { hindranceTo, told } from './hindrance.ts'
import type { Turn } from './throttle.ts'

/** Everything that a decision about one task is made from. */
export interface TaskSnapshot {
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly task: SecretTask
  /** The operator ordered this queued task: its spec agrees with what is in custody and what is owed. */
  readonly ordered: boolean
  /** Whether the queued task may begin now, and if not, why. */
  readonly turn: Turn
  /** The object under the task's name, whoever made it. */
  readonly job: Job | undefined
  readonly pods: readonly Pod[]
  /** This process claimed the task: it alone may create the Job. */
  readonly claimedHere: boolean
  /** The API server has confirmed the creation to this process. */
  readonly jobCreated: boolean
  /** Milliseconds that the task has been processing, on a clock that does not jump. */
  readonly elapsedMs: number
  /** It is proven that no container of the Job has ever begun. */
  readonly neverStarted: boolean
  /** What keeps a pod from being created, as a dry run tells (quota, Pod Security). */
  readonly podRefusal: string | undefined
  /** What was found under the task's name when its Job was to be created: another Job. */
  readonly foreignJob?: Job | undefined
  /** The API server refused the Job for good. */
  readonly jobRefusal: string | undefined
}

export type TaskDecision =
  | { readonly kind: 'wait'; readonly wakeInMs: number }
  /** Make the claim durable, then create the Job. */
  | { readonly kind: 'claim'; readonly status: SecretTaskStatus }
  | { readonly kind: 'createJob' }
  /** Take the Job's name with a Job that never runs: from then on, nothing can run under it. */
  | { readonly kind: 'fence' }
  | { readonly kind: 'stopJob' }
  | { readonly kind: 'end'; readonly status: SecretTaskStatus }
  | { readonly kind: 'explain'; readonly status: SecretTaskStatus }
  /** Find out by a dry run why the Job has no pod. */
  | { readonly kind: 'probePod' }

/** A Job gets its pod within a second; after this, something keeps it away. */
export const POD_PATIENCE_MS = 3000

/** A task that waits for its turn for longer says why. */
const QUEUE_PATIENCE_MS = 3000

const HELD_BACK = 'The Job is suspended by somebody else, such as a queue or a webhook, and begins once it is resumed.'

/** A container that has reported a failure may come to its end by itself: of a Job that is stopped no log would be left. */
const LEAVE_MS = 30_000

/** Once stopped, a pod has its grace period to go; a node that does not answer is not waited for longer. */
const STOP_PATIENCE_MS = 60_000

const wait = (wakeInMs = Infinity): TaskDecision => ({ kind: 'wait', wakeInMs })

/**
 * What to do about a task: queued -> claimed -> its Job runs -> ended by a report (the gateway's to write), a time-out, or
 * the end of the Job without a report. Total and pure.
 */
export function decide(s: TaskSnapshot): TaskDecision {
  if (isTerminal(s.task)) return afterEnd(s)
  if (s.task.status.state === 'queued') {
    if (s.ordered) return s.turn.given ? claim(s) : queue(s, s.turn.why)
    return fail(s, 'NotOrdered', 'The operator did not order this task; it was not run.', 'Nothing')
  }
  if (s.job === undefined) return s.foreignJob === undefined ? withoutJob(s) : nameTaken(s, s.foreignJob)
  return isOurs(s.job, s.task) ? processing(s, s.job) : nameTaken(s, s.job)
}

/** A Job that was there and is gone, finalizer or not, is never created again: it may have run. */
function withoutJob(s: TaskSnapshot): TaskDecision {
  // Where another process claimed the task, a Job of its making may be on its way though this one's fence is refused.
  const refusal = hindranceTo(s)
  if (refusal !== undefined) return fail(s, 'JobRejected', told(s.task, refusal), s.claimedHere ? 'Nothing' : 'Unknown')
  if (s.jobCreated)
    return fail(s, 'JobDeleted', 'The Job was removed by force before the provider had reported.', 'Unknown')
  // Neither taken nor refused in all that time, as by a webhook that is down: a Job that comes yet is stopped, and searched for.
  if (s.elapsedMs >= s.task.spec.timeoutSeconds * 1000) return timeOut(s, 'Unknown')
  return s.claimedHere ? { kind: 'createJob' } : { kind: 'fence' }
}

/** A Job of somebody else's making can report nothing. One that the operator made for a task that is gone may have run. */
function nameTaken(s: TaskSnapshot, { metadata }: Job): TaskDecision {
  if (metadata.labels?.[label.taskUid] === undefined) {
    const why = 'Another Job bears this task ID, so that none was made for this task. Delete that Job.'
    return fail(s, 'JobNameTaken', why, 'Nothing')
  }
  const why = 'A deleted task of this ID has left a Job behind, so that none was made for this task.'
  return fail(s, 'JobNameTaken', why, 'Unknown')
}

/**
 * By UID: the Job was made for this very task, not for one that bore its name. The label is the operator's alone to set;
 * the finalizer says nothing, for anybody may take it off.
 */
export const isOurs = (job: Job, task: SecretTask): boolean =>
  job.metadata.labels?.[label.taskUid] === task.metadata.uid

/** A late container must not go on when its task has ended; a fence has done its work. What is not ours stays. */
function afterEnd({ now, job, pods, task }: TaskSnapshot): TaskDecision {
  if (job === undefined || !isOurs(job, task)) return wait()
  const leavesInMs = Date.parse(task.status.finishedAt ?? '') + LEAVE_MS - now
  // An end further off was noted by a clock that has been set back since, and is not waited for.
  const leaves = task.status.outcome === 'Nothing' && leavesInMs > 0 && leavesInMs <= LEAVE_MS
  if (leaves && !hasEnded(job, pods)) return wait(leavesInMs)
  const goesOn = task.status.state === 'failed' && !isOver(job) && !hasEnded(job, pods)
  return goesOn || lingers(job, pods) ? { kind: 'stopJob' } : wait()
}

/** A short wait is worth no write. Whose turn it is, and when, is not this task's to watch. */
function queue(s: TaskSnapshot, why: string): TaskDecision {
  const leftMs = Date.parse(s.task.metadata.creationTimestamp ?? '') + QUEUE_PATIENCE_MS - s.now
  return leftMs > 0 && leftMs <= QUEUE_PATIENCE_MS ? wait(leftMs) : say(s, `Waits for its turn. ${why}`, Infinity)
}

function claim({ task, now }: TaskSnapshot): TaskDecision {
  const deadline = new Date(now + task.spec.timeoutSeconds * 1000).toISOString()
  const startedAt = new Date(now).toISOString()
  const { message: _waited, ...status } = task.status
  return { kind: 'claim', status: { ...status, state: 'processing', startedAt, deadline } }
}

function processing(s: TaskSnapshot, job: Job): TaskDecision {
  // Resumed, a run that had begun before would begin a second time.
  const mayYetBegin = isHeldBack(job) && s.neverStarted
  if (job.spec?.suspend === true && !mayYetBegin) {
    const why = 'The operator was interrupted before it had created the Job; nothing runs under this task ID any more.'
    return fail(s, 'Interrupted', why, 'Unknown')
  }
  if (hasEnded(job, s.pods)) return withoutReport(s, job)
  // However it was deleted: only a stop of our own proves that its pods are gone.
  if (job.metadata.deletionTimestamp !== undefined && !isStopped(job)) return { kind: 'stopJob' }
  const leftMs = s.task.spec.timeoutSeconds * 1000 - s.elapsedMs
  if (leftMs <= 0) return overdue(s, job, -leftMs)
  return explain(s, job, leftMs)
}

/** The Job ended and the task's status says nothing: no report was accepted, for that is written before it is answered. */
function withoutReport(s: TaskSnapshot, job: Job): TaskDecision {
  const outcome = s.neverStarted && isSpokenOf(job) ? 'Nothing' : 'Unknown'
  const timedOut = s.elapsedMs >= s.task.spec.timeoutSeconds * 1000
  if (timedOut || failureOf(job)?.reason === 'DeadlineExceeded') return timeOut(s, outcome)
  if (job.metadata.deletionTimestamp !== undefined) {
    return fail(s, 'JobDeleted', 'The Job was deleted before the provider had reported.', outcome)
  }
  const exits = s.pods.map((pod) => exitOf(job, pod)).filter((exit) => exit !== undefined)
  const how = exits.join('; ') || failureOf(job)?.message || 'the Job completed'
  const hint = s.task.status.message ?? 'See the logs of its pod.'
  return fail(s, 'NoReport', `The provider ended without a report (${how}). ${hint}`, outcome)
}

/** First the Job is stopped, then the outcome is judged: a container could still begin in between. */
function overdue(s: TaskSnapshot, job: Job, overMs: number): TaskDecision {
  if (overMs >= STOP_PATIENCE_MS) return timeOut(s, 'Unknown')
  return isStopped(job) ? wait(STOP_PATIENCE_MS - overMs) : { kind: 'stopJob' }
}

function timeOut(s: TaskSnapshot, outcome: 'Nothing' | 'Unknown'): TaskDecision {
  const seen = s.task.status.message
  const why = seen === undefined ? '' : ` Last seen: ${seen}`
  return fail(s, 'TaskTimedOut', `No report within ${s.task.spec.timeoutSeconds} seconds.${why}`, outcome)
}

/** A run that does not get going says why, within seconds. */
function explain(s: TaskSnapshot, job: Job, leftMs: number): TaskDecision {
  const lacksPod = s.pods.length === 0
  if (isHeldBack(job)) return say(s, HELD_BACK, leftMs)
  if (lacksPod && s.elapsedMs < POD_PATIENCE_MS) return wait(POD_PATIENCE_MS - s.elapsedMs)
  if (lacksPod && s.podRefusal === undefined) return { kind: 'probePod' }
  const why = hindranceTo(s)
  return why === undefined ? wait(leftMs) : say(s, told(s.task, why), leftMs)
}

/** A message that no longer holds goes with the task's next write: it is not worth one of its own. */
function say({ task }: TaskSnapshot, reason: string, leftMs: number): TaskDecision {
  const message = cut(reason, 1024)
  return message === task.status.message ? wait(leftMs) : { kind: 'explain', status: { ...task.status, message } }
}

function fail(s: TaskSnapshot, code: TaskErrorCode, description: string, outcome: 'Nothing' | 'Unknown'): TaskDecision {
  const end: TaskEnd = { state: 'failed', errors: [{ code, description }], outcome }
  const job = s.job !== undefined && isOurs(s.job, s.task) ? s.job.metadata.uid : undefined
  return { kind: 'end', status: endedStatus(s.task, end, new Date(s.now).toISOString(), job) }
}
