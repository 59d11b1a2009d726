import { styleText } from 'node:util'
import type { TaskState } from '../../src/api/generated.ts'

/** What the demo has shown. `--summary FILE` writes it as it is. */
export interface Summary {
  readonly rotations: number
  readonly logins: { readonly tried: number; readonly failed: number }
  /** Logins in PostgreSQL against those that the credential's status tells of; sorted. */
  readonly roles: { readonly alive: readonly string[]; readonly recorded: readonly string[] }
  readonly tasks: Readonly<Partial<Record<TaskState, number>>>
  readonly orphans: number
  /** Accepted writes of the operator on behalf of a task, on average over all; null where there is no audit log. */
  readonly writesPerTask: { readonly create: number | null; readonly delete: number | null }
  /** By step. */
  readonly seconds: Readonly<Record<string, number>>
}

/** Where the demo has not shown what it promises. */
export function flawsOf({ rotations, logins, roles, tasks, orphans }: Summary): string[] {
  const differ = roles.alive.join() !== roles.recorded.join()
  return [
    ...(rotations < 3 ? [`${rotations} rotations instead of 3`] : []),
    ...(logins.tried === 0 ? ['the application has tried no login'] : []),
    ...(logins.failed > 0 ? [`${logins.failed} logins failed`] : []),
    ...(differ ? ['PostgreSQL has other roles than the status tells of'] : []),
    ...(roles.alive.length === 2 ? [] : [`${roles.alive.length} roles instead of the current and the previous one`]),
    ...(orphans > 0 ? [`${orphans} orphaned credentials`] : []),
    ...((tasks.failed ?? 0) > 0 ? [`${tasks.failed ?? 0} tasks failed`] : []),
  ]
}

/** The summary for people. */
export function render(summary: Summary): string {
  const { rotations, logins, roles, tasks, orphans, writesPerTask, seconds } = summary
  const writes =
    writesPerTask.create === null
      ? 'no audit log to count them in'
      : `${writesPerTask.create} to create, ${writesPerTask.delete ?? 0} to delete`
  const rows = [
    ['Rotations', String(rotations)],
    ['Logins', `${logins.tried} tried, ${zero(logins.failed)} failed`],
    ['Roles in PostgreSQL', roles.alive.join(', ')],
    ['Roles recorded', roles.recorded.join(', ')],
    [
      'Tasks',
      Object.entries(tasks)
        .map(([state, count]) => `${count} ${state}`)
        .join(', '),
    ],
    ['Orphans', zero(orphans)],
    ['API writes per task', writes],
    [
      'Seconds',
      Object.entries(seconds)
        .map(([step, value]) => `${step} ${value}`)
        .join(', '),
    ],
  ] as const
  return rows.map(([title, text]) => `  ${styleText('bold', title.padEnd(21))}${text}\n`).join('')
}

const zero = (count: number): string => styleText(count === 0 ? 'green' : 'red', String(count))
