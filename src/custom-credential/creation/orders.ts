import type { SecretTask, TaskTrigger, UnresolvedCredential } from '../../api/generated.ts'
import { createTaskId, deleteTaskId } from '../../api/task-id.ts'
import { kitName } from '../../custody/kit.ts'
import { type Run, runIn } from '../../credentials-provider/resolve.ts'
import type { TaskOrder } from '../actions.ts'
import { rotateRequestOf } from './rotate-request.ts'
import type { Ledger } from '../ledger.ts'
import { deleteBackoff, waitEnds } from '../schedule.ts'
import type { Snapshot } from '../snapshot.ts'

export const credentialOf = ({ credential: { metadata } }: Snapshot) => ({
  namespace: metadata.namespace ?? '',
  name: metadata.name,
  uid: metadata.uid,
})

/** The task that makes the next version. An ID under which somebody else's object was found is passed over. */
export function creation(s: Snapshot, ledger: Ledger, { trigger, run }: { trigger: TaskTrigger; run: Run }): TaskOrder {
  const { uid } = s.credential.metadata
  const version = ledger.nextVersion.number
  const id = (attempt: number): string => createTaskId(uid, { version, attempt })
  let attempt = ledger.nextVersion.attempts + 1
  while (s.trouble.takenTaskIds?.includes(id(attempt))) attempt += 1
  const { provider } = run
  const kit = kitName(uid, run)
  const rotateRequest = rotateRequestOf(s.credential)
  return {
    id: id(attempt),
    ...(rotateRequest !== undefined && { rotateRequest }),
    spec: { type: 'create_credentials', trigger, credential: credentialOf(s), version, attempt, provider, kit },
    run,
  }
}

/** The task that deletes what is owed: by its credentials ID, or, where none is known, what its run made (`find`). */
export function deletion(s: Snapshot, owed: UnresolvedCredential): TaskOrder {
  const { originTaskId, credentialsId, version, trigger, provider, kit } = owed
  const { uid } = s.credential.metadata
  const identity = { originTaskId, ...(credentialsId !== undefined && { credentialsId }) }
  const id = (attempt: number): string => deleteTaskId(uid, { ...identity, attempt })
  let attempt = owed.attempts + 1
  while (s.trouble.takenTaskIds?.includes(id(attempt))) attempt += 1
  return {
    id: id(attempt),
    spec: {
      type: 'delete_credentials',
      trigger,
      credential: credentialOf(s),
      version,
      attempt,
      ...identity,
      provider,
      kit,
    },
    run: recordedRun(s.tasks, owed),
  }
}

/** The run that made the credential, from the record of its task while there is one. */
function recordedRun(tasks: readonly SecretTask[], { originTaskId, kit }: UnresolvedCredential): Run | undefined {
  const spec = tasks.find(({ metadata }) => metadata.name === originTaskId)?.spec
  return spec?.kit === kit ? runIn(spec) : undefined
}

/**
 * Whether a run whose outcome is unknown can be asked to find what it made: by its provider as it is now, as a deletion
 * runs with that one, or, when it is gone, by what its kit says.
 */
export function findable(owed: UnresolvedCredential, s: Snapshot): boolean {
  if (owed.credentialsId !== undefined) return true
  if (s.provider?.metadata.uid === owed.provider.uid) return s.provider.spec.capabilities?.includes('find') ?? false
  return s.custody.some(({ name, find }) => name === owed.kit && find === true)
}

/**
 * The moment from which a deletion may be tried; Infinity while a pod of the run that made it may still be at work, and
 * until its Job is let go: what that Job adds to the debt is then told from what the deletion comes to.
 */
export function deletionDue(owed: UnresolvedCredential, { runs, now }: Pick<Snapshot, 'runs' | 'now'>): number {
  if (runs.some(({ name, ended, held }) => name === owed.originTaskId && (held || !ended))) return Infinity
  const overlapEnds = owed.notBefore === undefined ? -Infinity : Date.parse(owed.notBefore)
  return Math.max(overlapEnds, waitEnds(owed.nextAttemptTime, deleteBackoff(owed.attempts), now))
}

/** By then the Job controller has stopped the run (`activeDeadlineSeconds`), and its node has had time to follow. */
const LONG_OVER_MS = 10 * 60_000

/** The record of the run tells that it is not at work any more, though its Job is nowhere to be seen. */
export function isLongOver(taskId: string, { tasks, now }: Pick<Snapshot, 'tasks' | 'now'>): boolean {
  const deadline = tasks.find(({ metadata }) => metadata.name === taskId)?.status.deadline
  return deadline !== undefined && Date.parse(deadline) + LONG_OVER_MS <= now
}
