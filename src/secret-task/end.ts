import type { SecretTask, SecretTaskStatus, TaskError } from '../api/generated.ts'
import { label } from '../api/labels.ts'
import { keyOf } from '../api/meta.ts'
import { SecretTasks } from '../api/resources.ts'
import { cut } from '../api/text.ts'
import type { KubeApi } from '../kube/port.ts'

export const TERMINAL_STATES = ['credentials_created', 'credentials_deleted', 'failed'] as const
export const isTerminal = (task: SecretTask): boolean => TERMINAL_STATES.some((state) => state === task.status.state)

export type TaskEnd =
  | { readonly state: 'credentials_created'; readonly credentialsId: string }
  | { readonly state: 'credentials_deleted' }
  | {
      readonly state: 'failed'
      readonly errors: readonly TaskError[]
      /** What may exist upstream: nothing, or unknown (then it is owed a `find` or a person's look). */
      readonly outcome: 'Nothing' | 'Unknown'
    }

/** Errors of a task: 1 to 10 entries, bounded in length, as the CRD and IBM's API want them. */
export const boundedErrors = (errors: readonly TaskError[]): TaskError[] =>
  errors.slice(0, 10).map(({ code, description }) => ({ code: cut(code, 64), description: cut(description, 2048) }))

/** The status of a task that has ended so. */
export function endedStatus(task: SecretTask, end: TaskEnd, at: string, jobUid?: string): SecretTaskStatus {
  const { message: _over, ...status } = task.status
  return {
    ...status,
    finishedAt: at,
    state: end.state,
    ...(jobUid !== undefined && {
      jobRef: { namespace: task.spec.jobNamespace, name: task.metadata.name, uid: jobUid },
    }),
    ...(end.state === 'credentials_created' && {
      outcome: 'Created' as const,
      result: { credentialsId: end.credentialsId },
    }),
    ...(end.state === 'credentials_deleted' && { outcome: 'Deleted' as const }),
    ...(end.state === 'failed' && {
      outcome: end.outcome,
      errors: boundedErrors(end.errors),
      message: sequelOf(task, end.outcome),
    }),
  }
}

/** Whether and when it is tried again is not the task's to know: who does is named. */
function sequelOf({ metadata, spec }: SecretTask, outcome: 'Nothing' | 'Unknown'): string {
  const left = spec.type === 'create_credentials' && outcome === 'Unknown'
  const orphan = metadata.labels?.[label.orphan]
  const { name, namespace } = spec.credential
  const where = orphan === undefined ? `ccred ${name} --namespace ${namespace}` : `orphan ${orphan}`
  return `${left ? 'What it may have made is to be deleted. ' : ''}What comes next, and when: kubectl describe ${where}`
}

/**
 * Writes a task's status, on condition that the task is still as it was read: a report, a time-out and a cancellation
 * race here, and exactly one wins. Rejects with `Conflict` when another was first.
 */
export function writeTaskStatus(api: KubeApi, task: SecretTask, status: SecretTaskStatus): Promise<SecretTask> {
  return api.patch(SecretTasks, keyOf(task), {
    subresource: 'status',
    operations: [
      { op: 'replace', path: '/metadata/resourceVersion', value: task.metadata.resourceVersion },
      { op: 'add', path: '/status', value: status },
    ],
  })
}
