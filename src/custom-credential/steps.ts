import type { CredentialVersion, SecretTaskSpec, UnresolvedCredential } from '../api/generated.ts'
import type { RunFacts } from '../secret-task/run-facts.ts'
import type { Action } from './actions.ts'
import { wasDeletedBy } from './revocation/deleted.ts'
import { isAccounted, type Ledger } from './ledger.ts'
import { concerns, isSameLogin, matches } from './obligations.ts'
import { deletion, deletionDue, findable } from './creation/orders.ts'
import { DELETION_BUDGET_MS } from './schedule.ts'
import type { CustodyFacts, Snapshot } from './snapshot.ts'

/**
 * What a credential can do nothing more about: a run whose outcome is unknown, at a provider that cannot find what it made,
 * for which a person has to look; an ID that is perhaps in use; and what could not be deleted for so long. A durable OrphanedCredential stands for it.
 */
export function handOver(s: Snapshot, ledger: Ledger): { ledger: Ledger; lost: readonly UnresolvedCredential[] } {
  const isLost = (owed: UnresolvedCredential) =>
    owed.reason === 'IdInUse' ||
    !findable(owed, s) ||
    hasLostKit(owed, s) ||
    isExhausted(owed, s) ||
    isHandedOver(owed, s)
  const lost = ledger.unresolved.filter((owed) => deletionDue(owed, s) < Infinity && isLost(owed))
  const isKept = (version: CredentialVersion) => !lost.some((owed) => concerns(owed, version))
  return {
    ledger: {
      ...ledger,
      versions: ledger.versions.filter(isKept),
      unresolved: ledger.unresolved.filter((owed) => !lost.includes(owed)),
    },
    lost,
  }
}

/** Its payload was still in custody after the hand-over. A `find` that is owed anew has to look again. */
const isHandedOver = (owed: UnresolvedCredential, { orphans }: Snapshot): boolean =>
  owed.credentialsId !== undefined && orphans.some(({ spec }) => matches(owed, spec))

/** How to undo it is known no more: neither by the record of its run nor by its kit. */
const hasLostKit = ({ kit }: UnresolvedCredential, { trouble }: Snapshot): boolean =>
  trouble.missingKits?.includes(kit) ?? false

/** What its own run made, or made besides, may be under deletion by a task, or by a Job that has lost its task. */
function isExhausted(owed: UnresolvedCredential, { credential, tasks, runs, now }: Snapshot): boolean {
  // Nothing is tried meanwhile, and an orphan would.
  if (credential.spec.suspend === true && credential.metadata.deletionTimestamp === undefined) return false
  const isSame = ({ originTaskId }: SecretTaskSpec) => originTaskId === owed.originTaskId
  const isTried =
    tasks.some((task) => isOpen(task) && isSame(task.spec)) ||
    runs.some(({ spec, held, ended }) => held && !ended && isSame(spec))
  const since = Math.max(Date.parse(owed.since), Date.parse(owed.notBefore ?? owed.since))
  return owed.attempts > 0 && !isTried && since + DELETION_BUDGET_MS <= now
}

/** An orphan needs no payload; while one lay in custody, it would be owed here again. */
export const payloadsOf = (s: Snapshot, lost: readonly UnresolvedCredential[]): Action[] =>
  s.custody
    .filter(({ custody, taskId }) => custody === 'version' && lost.some(({ originTaskId }) => originTaskId === taskId))
    .map(({ name }) => ({ kind: 'removeFromCustody', name }))

/** The next task, and when to look again if there is none yet. */
export interface Next {
  readonly actions: readonly Action[]
  readonly wakeAt: number
}

export const isOpen = ({ status }: Snapshot['tasks'][number]): boolean =>
  status.state === 'queued' || status.state === 'processing'

export function nextDeletion(s: Snapshot, ledger: Ledger): Next {
  const due = ledger.unresolved.filter((owed) => findable(owed, s))
  const first = due.find((owed) => deletionDue(owed, s) <= s.now)
  if (first) return { actions: [{ kind: 'createTask', order: deletion(s, first) }], wakeAt: Infinity }
  return { actions: [], wakeAt: Math.min(...due.map((owed) => deletionDue(owed, s))) }
}

/**
 * Payloads that nobody needs: their credential was deleted upstream (they go before the status forgets that it was owed),
 * or lives on under the same ID in a later version, where a provider renews in place. `ledger`: before anything is handed over.
 */
export const spentPayloads = (s: Snapshot, ledger: Ledger): Action[] =>
  s.custody
    .filter((secret) => secret.custody === 'version')
    .filter(
      (secret) =>
        s.tasks.some((task) => wasDeletedBy(task, secret)) ||
        isRenewed(s, secret, ledger) ||
        isAdoptedInVain(secret, ledger),
    )
    .map(({ name }) => ({ kind: 'removeFromCustody', name }))

/** Not while the task that reported it is about to end with it. */
const isRenewed = (
  { tasks }: Snapshot,
  { taskId, credentialsId, origin }: CustodyFacts,
  { versions }: Ledger,
): boolean =>
  credentialsId !== undefined &&
  origin !== undefined &&
  versions.some((version) => isSameLogin(version, { credentialsId, provider: origin.provider })) &&
  !versions.some((version) => version.taskId === taskId) &&
  !tasks.some((task) => task.metadata.name === taskId && isOpen(task))

/** Another version came first. */
const isAdoptedInVain = ({ adopted = false, taskId }: CustodyFacts, { versions, unresolved }: Ledger): boolean =>
  adopted &&
  !versions.some((version) => version.taskId === taskId) &&
  !unresolved.some(({ originTaskId }) => originTaskId === taskId)

/** What the status now accounts for is let go; what has lost its task is stopped first. */
export function releases(s: Snapshot, ledger: Ledger): Action[] {
  const held = s.runs.filter((run) => run.held)
  const strays = held.filter((run) => !run.ended && !hasTask(run, s) && (run.lingers || !stands(run, ledger)))
  const recorded = held.filter((run) => run.ended && isRecorded(run, ledger))
  const running = new Set(s.tasks.filter(isOpen).map(({ metadata }) => metadata.name))
  const refusals = s.custody.filter(
    ({ custody, origin, taskId = '' }) => custody === 'refused-report' && origin !== undefined && !running.has(taskId),
  )
  return [
    ...strays.map((run) => ({ kind: 'stopJob', run }) as const),
    ...recorded.map((run) => ({ kind: 'releaseJob', run }) as const),
    ...refusals.map(({ name }) => ({ kind: 'removeFromCustody', name }) as const),
  ]
}

const hasTask = ({ taskUid }: RunFacts, { tasks }: Snapshot): boolean =>
  tasks.some(({ metadata }) => metadata.uid === taskUid)

/** It has reported the version, and mostly comes to its end by itself: a record that is deleted meanwhile was no more than that. */
const stands = ({ name }: RunFacts, { versions }: Ledger): boolean => versions.some(({ taskId }) => taskId === name)

/** Whether the status accounts for what the run has done. */
export function isRecorded({ spec }: Pick<RunFacts, 'spec'>, ledger: Ledger): boolean {
  if (spec.type === 'create_credentials') return isAccounted(ledger, spec)
  const owed = ledger.unresolved.find((entry) => matches(entry, spec))
  return owed === undefined || owed.attempts >= spec.attempt
}
