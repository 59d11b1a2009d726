import type { SecretTask } from '../../api/generated.ts'
import type { Action } from '../actions.ts'
import { wasDeletedBy } from './deleted.ts'
import type { Ledger } from '../ledger.ts'
import type { Snapshot } from '../snapshot.ts'
import { isOpen, isRecorded } from '../steps.ts'

/** Records of finished tasks that are kept: by an orphan, and by a credential whose spec says nothing. */
export const TASK_HISTORY_LIMIT = 10

/**
 * Records of finished tasks beyond the limit, the oldest first. What the status does not account for yet is no record, but
 * evidence; so is the deletion of a credential whose payload is still in custody.
 */
export function spentRecords({ credential, tasks, runs, custody }: Snapshot, ledger: Ledger): Action[] {
  const { taskHistoryLimit = TASK_HISTORY_LIMIT } = credential.spec
  const isEvidence = (task: SecretTask): boolean =>
    !isRecorded(task, ledger) ||
    runs.some(({ taskUid, held }) => held && taskUid === task.metadata.uid) ||
    custody.some((secret) => wasDeletedBy(task, secret))
  return tasks
    .filter((task) => !isOpen(task))
    .toSorted((a, b) => finishedAt(b) - finishedAt(a))
    .slice(taskHistoryLimit)
    .filter((task) => !isEvidence(task))
    .map(({ metadata }) => ({ kind: 'deleteTask', name: metadata.name }))
}

const finishedAt = ({ status }: SecretTask): number => Date.parse(status.finishedAt ?? '') || 0
