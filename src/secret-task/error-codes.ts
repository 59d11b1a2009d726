/** What the README tells of the code of an error. */
interface Explanation {
  readonly means: string
  readonly remedy: string
}

/**
 * Every code that the operator gives to an error in the `status.errors` of a SecretTask; others are the provider's own. `npm run generate`
 * makes the README's table from it.
 */
export const TASK_ERRORS = {
  TaskTimedOut: {
    means: 'No report came before `status.deadline`. The description says what was last seen of the pod.',
    remedy:
      "Remove what keeps the pod from running (an image, a quota, a node), or raise the provider's `spec.taskTimeout`.",
  },
  NoReport: {
    means: 'The container has ended, and no report of it was accepted.',
    remedy:
      'See its log: `kubectl logs job/<task>`. A provider reports each end, its failures as well, and the description tells of a report that was refused.',
  },
  JobRejected: {
    means: 'The API server refuses the Job, or its namespace or its revocation kit is gone.',
    remedy: 'Remove what refuses it: a quota, a webhook, a policy.',
  },
  JobDeleted: {
    means: 'Somebody has deleted the Job before its provider had reported.',
    remedy: 'Leave Jobs alone: to cancel a task, delete the SecretTask.',
  },
  JobNameTaken: {
    means: "A Job that is not this task's bears its ID, and none was made.",
    remedy: 'Delete that Job where the description asks for it. The next try has another ID.',
  },
  Interrupted: {
    means:
      'The operator ended between its claim of the task and the Job: nothing runs under this ID any more, and whether anything ran is not known.',
    remedy: 'Wait: what it may have made is deleted, and it is tried again.',
  },
  NotOrdered: {
    means: 'Somebody else has made this SecretTask, or changed what it was ordered for. It was not run.',
    remedy: 'Delete it, and see who may create SecretTasks.',
  },
} as const satisfies Record<string, Explanation>

export type TaskErrorCode = keyof typeof TASK_ERRORS

/**
 * The code in a credential's `status.lastFailure` and `status.unresolved` where the task is gone before its outcome was on record: no
 * task bears it.
 */
export const GONE_TASK = {
  TaskDeleted: {
    means: 'Somebody has deleted the SecretTask, which cancels it. What it may have made is to be deleted.',
    remedy:
      'Wait for the next cause, or give the annotation `rotate-requested-at` a new value. A deletion is tried again.',
  },
} as const satisfies Record<string, Explanation>

const TASK_DELETED: keyof typeof GONE_TASK = 'TaskDeleted'

export const taskDeleted = (description: string) => ({ code: TASK_DELETED, description })
