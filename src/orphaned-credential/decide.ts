import type { OrphanedCredential, OrphanedCredentialStatus, SecretTask, SecretTaskSpec } from '../api/generated.ts'
import { annotation } from '../api/labels.ts'
import { deleteTaskId } from '../api/task-id.ts'
import { cut } from '../api/text.ts'
import { runIn } from '../credentials-provider/resolve.ts'
import { kitName, type RevocationKit } from '../custody/kit.ts'
import { TASK_HISTORY_LIMIT } from '../custom-credential/revocation/history.ts'
import { deleteBackoff, waitEnds } from '../custom-credential/schedule.ts'
import { type RunFacts, strandedWake } from '../secret-task/run-facts.ts'
import { isTerminal } from '../secret-task/end.ts'
import { leftText, retryOf } from './advice.ts'
import { needsOf } from './needs.ts'
import { isLeftToPeople } from './record.ts'

/** Everything that a decision about one orphan is made from. */
export interface OrphanSnapshot {
  readonly now: number
  readonly orphan: OrphanedCredential
  /** Tasks that were made on its behalf. */
  readonly tasks: readonly SecretTask[]
  readonly runs: readonly RunFacts[]
  /** The run that made the credential, as long as its Job is there. */
  readonly origin: RunFacts | undefined
  /** The credential's object is there, and may yet hand this over once more. */
  readonly handingOver: boolean
  readonly kit: RevocationKit | undefined
  /** The names of the Secrets that a run may read, and that are neither there nor kept as a copy. */
  readonly goneInputs?: readonly string[]
  /** The namespace in which the provider's Jobs ran is there, and not being deleted. */
  readonly jobNamespaceThere: boolean
  /** The credential (`namespace/name`) that has a version in use under the same ID. */
  readonly usedBy?: string | undefined
  /** So has the credential that hands it over, until its status is written, in a moment. */
  readonly isStillHeld?: boolean
  /** Other orphans that stand for the same credentials. */
  readonly others?: readonly OrphanedCredential[]
  readonly revocationNamespace: string
}

export interface OrphanOrder {
  readonly id: string
  readonly spec: SecretTaskSpec
  /** What the run is made from: the credential's kit, or that kit moved to the revocation namespace. */
  readonly kit: RevocationKit
}

export interface OrphanDecision {
  readonly status: OrphanedCredentialStatus
  readonly order: OrphanOrder | undefined
  /** Jobs whose outcome the status now accounts for. */
  readonly release: readonly RunFacts[]
  /** Records of failed tries that nobody needs any more. */
  readonly spent: readonly SecretTask[]
  /** The credential is gone upstream, a person has said that it is no longer owed, or another object looks after it. */
  readonly over: 'Revoked' | 'Forgotten' | 'Adopted' | undefined
  /** Orphans that are to be forgotten as well, before this one goes. */
  readonly forget: readonly OrphanedCredential[]
  readonly wakeAt: number
}

/** What to do about a credential whose revocation is owed and whose object is gone, or cannot help. Total and pure. */
export function decide(s: OrphanSnapshot): OrphanDecision {
  const last = s.tasks.toSorted((a, b) => b.spec.attempt - a.spec.attempt)[0]
  const open = last !== undefined && !isTerminal(last) ? last : undefined
  // What the Job of an open task did is told by that task's end.
  const runs = s.runs.filter(({ name, ended }) => ended && name !== open?.metadata.name)
  const tried = tally({ ...s, runs }, last)
  const blocked = open ? undefined : obstacle(s)
  const message = blocked ?? outlook(s, tried)
  const ending = endingOf(s, last)
  const idle = !ending && !open && !blocked && !isWaitedFor(s, tried)
  const { dueAt, ...answer } = nextTry(s, tried, idle)
  const over = mayGo(s) ? ending : undefined
  return {
    status: {
      ...tried,
      state: blocked === undefined ? 'Owed' : 'Blocked',
      ...(message !== undefined && { message: cut(message, 2048) }),
      ...answer,
    },
    order: dueAt <= s.now ? orderOf(s, tried.attempts + 1) : undefined,
    release: runs.filter(({ held }) => held),
    spent: spentRecords(s),
    over,
    forget: over === 'Forgotten' ? forgottenWith(s) : [],
    wakeAt: wakeAt(s, dueAt),
  }
}

/** A Job that is at work would be left held, and what is handed over once more would be deleted once more. */
const mayGo = ({ handingOver, runs }: OrphanSnapshot): boolean =>
  !handingOver && !runs.some(({ held, ended }) => held && !ended)

/** What is left to people stays valid: nobody else is to revoke it once this does not keep them from it any more. */
const forgottenWith = ({ orphan, others = [] }: OrphanSnapshot): readonly OrphanedCredential[] =>
  willRevoke(orphan) ? [] : others.filter((rival) => willRevoke(rival) && !isAsked(rival))

/** When the next try is, and which request for one is answered by it: one that is taken back asks for nothing. */
function nextTry(
  { orphan, now }: OrphanSnapshot,
  { nextAttemptTime, attempts }: Pick<OrphanedCredentialStatus, 'nextAttemptTime' | 'attempts'>,
  idle: boolean,
): { readonly dueAt: number } & Pick<OrphanedCredentialStatus, 'lastHandledRetryRequest' | 'nextAttemptTime'> {
  const { lastHandledRetryRequest: handled } = orphan.status as Partial<OrphanedCredentialStatus>
  const asked = orphan.metadata.annotations?.[annotation.retryRequestedAt]
  const request = idle && asked !== undefined ? cut(asked, 1024) : handled
  const overlapEnds = orphan.spec.notBefore === undefined ? -Infinity : Date.parse(orphan.spec.notBefore)
  const backoffEnds = waitEnds(nextAttemptTime, deleteBackoff(attempts), now)
  const waits = request === handled ? Math.max(overlapEnds, backoffEnds) : now
  return {
    dueAt: idle ? waits : Infinity,
    ...(request !== undefined && { lastHandledRetryRequest: request }),
    // The wait is over until a task is made, even where this process does not get to make it.
    ...(request !== handled && { nextAttemptTime: new Date(now).toISOString() }),
  }
}

/** Something else is to end first: the hand-over, the run that made it, or a try. */
function isWaitedFor(
  { runs, origin, isStillHeld }: OrphanSnapshot,
  { attempts }: { readonly attempts: number },
): boolean {
  // Its task was deleted before it was counted: it counts once it is over.
  const uncounted = runs.filter(({ spec }) => spec.attempt > attempts)
  return isStillHeld === true || [origin, ...uncounted].some(isAtWork)
}

const isAtWork = (run: RunFacts | undefined): boolean => run?.ended === false

/** The end of the run that made the credential is waited for as well, though it is the credential's own Job. */
function wakeAt({ runs, origin, now }: OrphanSnapshot, dueAt: number): number {
  const waited = origin === undefined ? runs : [...runs, origin]
  return Math.min(...[dueAt, strandedWake(waited, now)].filter((at) => at > now))
}

/** The oldest records beyond the limit. What the status does not count yet, or a Job still stands for, is evidence. */
function spentRecords({ orphan, tasks, runs }: OrphanSnapshot): SecretTask[] {
  const { attempts = 0 } = orphan.status as Partial<OrphanedCredentialStatus>
  const isEvidence = ({ metadata, spec }: SecretTask): boolean =>
    spec.attempt > attempts || runs.some(({ taskUid, held }) => held && taskUid === metadata.uid)
  return tasks
    .toSorted((a, b) => b.spec.attempt - a.spec.attempt)
    .slice(TASK_HISTORY_LIMIT)
    .filter((task) => isTerminal(task) && !isEvidence(task))
}

/** Why nothing more is to be tried. */
function endingOf({ orphan, usedBy }: OrphanSnapshot, last: SecretTask | undefined): OrphanDecision['over'] {
  if (last?.status.state === 'credentials_deleted') return 'Revoked'
  if (usedBy !== undefined && !willRevoke(orphan)) return 'Adopted'
  return orphan.metadata.annotations?.[annotation.forget] === 'true' ? 'Forgotten' : undefined
}

/** How often it was tried, and when next: a task that was deleted by hand counts by its Job. `runs`: those that are over. */
function tally(
  { orphan, runs, now }: OrphanSnapshot,
  last: SecretTask | undefined,
): Omit<OrphanedCredentialStatus, 'state'> {
  const { attempts = 0, ...before } = orphan.status as Partial<OrphanedCredentialStatus>
  const ofJobs = runs.map(({ spec }) => spec.attempt)
  const failed = last?.status.state === 'failed' ? [last.spec.attempt] : []
  const total = Math.max(attempts, ...failed, ...ofJobs)
  const error = last?.status.errors?.[0] ?? before.lastError
  const next = total > attempts ? new Date(now + deleteBackoff(total)).toISOString() : before.nextAttemptTime
  const lastTaskId = last?.metadata.name ?? before.lastTaskId
  return {
    attempts: total,
    ...(next !== undefined && { nextAttemptTime: next }),
    ...(lastTaskId !== undefined && { lastTaskId }),
    ...(error && { lastError: error }),
  }
}

/** A person has had a hand in it. */
export const isAsked = ({ metadata, status }: OrphanedCredential): boolean =>
  (metadata.annotations?.[annotation.retryRequestedAt] ?? status.lastHandledRetryRequest) !== undefined

/** It revokes what it stands for, as soon as it can. */
export const willRevoke = (orphan: OrphanedCredential): boolean =>
  !isLeftToPeople(orphan.spec.reason) || isAsked(orphan)

/** Why nothing can be run, and what a person can do; undefined when it can. */
function obstacle(s: OrphanSnapshot): string | undefined {
  const { orphan, kit, jobNamespaceThere } = s
  const { spec, metadata } = orphan
  const forget = `Then: kubectl annotate orphan ${metadata.name} ${annotation.forget}=true`
  if (spec.credentialsId === undefined && spec.find !== true) {
    const what = `Task ${spec.originTaskId} may have made a credential for ${spec.credential.namespace}/${spec.credential.name}`
    return `${what} (since ${spec.since}), and its provider cannot find it. Look for it upstream and delete it. ${forget}`
  }
  const use = useOf(s)
  if (use !== undefined) return use
  if (!willRevoke(orphan)) return leftText(orphan)
  if (kit === undefined) return `The revocation kit is gone. Delete the credential upstream by hand. ${forget}`
  const needs = jobNamespaceThere ? [] : needsOf(kit.template)
  if (needs.length === 0) return undefined
  const gone = `Namespace ${kit.jobNamespace} is gone, and with it what the provider's template refers to (${needs.join(', ')}).`
  return `${gone} Delete the credential upstream by hand. ${forget}`
}

/** Who may be logging in with the same credentials, and what a person can do; undefined where nobody is known to. */
function useOf({ orphan, usedBy, others = [] }: OrphanSnapshot): string | undefined {
  const { metadata, spec } = orphan
  const what = spec.credentialsId ?? `What task ${spec.originTaskId} may have made`
  if (usedBy !== undefined)
    return `${what} is in use: a version of ${usedBy} bears the same ID. It is deleted once none does. If it is that version's alone: kubectl annotate orphan ${metadata.name} ${annotation.forget}=true`
  const heir = willRevoke(orphan) ? others.find((other) => !willRevoke(other))?.metadata.name : undefined
  if (heir === undefined) return undefined
  const retry = retryOf(heir)
  return `${what} is left to people by OrphanedCredential ${heir}: they may use it. To have it revoked: ${retry}. Where that one is forgotten, this one is, too.`
}

/** What a run may fail for, and what a person can do; it is tried all the same, since only its provider knows. */
function lack({ orphan: { metadata, spec }, goneInputs = [] }: OrphanSnapshot): string | undefined {
  if (goneInputs.length === 0) return undefined
  // Cut here, so that what to do is still told.
  const which = cut(goneInputs.map((name) => `"${name}"`).join(', '), 1024)
  const fix = `Make it anew, or delete the credential upstream by hand. Then: kubectl annotate orphan ${metadata.name} ${annotation.forget}=true`
  return `The input Secret ${which} of namespace ${spec.credential.namespace} is gone, and no copy was kept (copyForRevocation). ${fix}`
}

/** What is to be expected of the next try. The same as long as it fails: when that is, stands beside it. */
function outlook(s: OrphanSnapshot, { attempts }: Pick<OrphanedCredentialStatus, 'attempts'>): string | undefined {
  const missing = lack(s)
  if (missing !== undefined || attempts === 0) return missing
  const retry = retryOf(s.orphan.metadata.name)
  return `Its deletion has failed, and is tried again by itself, at nextAttemptTime. To have it tried now: ${retry}`
}

function orderOf(s: OrphanSnapshot, attempt: number): OrphanOrder | undefined {
  if (s.kit === undefined) return undefined
  const { credential, originTaskId, credentialsId, version, trigger = 'secret_version_data_deletion' } = s.orphan.spec
  const identity = { originTaskId, ...(credentialsId !== undefined && { credentialsId }) }
  const kit = s.jobNamespaceThere ? s.kit : { ...s.kit, jobNamespace: s.revocationNamespace }
  return {
    // Within the orphan's own UID: its attempts never share an ID with those of the credential.
    id: deleteTaskId(s.orphan.metadata.uid, { ...identity, attempt }),
    kit,
    spec: {
      type: 'delete_credentials',
      trigger,
      credential,
      version,
      attempt,
      ...identity,
      kit: kitName(credential.uid, kit),
      ...runIn(kit),
    },
  }
}
