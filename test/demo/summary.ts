import { styleText } from 'node:util'
import type { TaskState } from '../../src/api/generated.ts'

/** What the demo has shown. `--summary FILE` writes it as it is. */
export interface Summary {
  readonly rotations: number
  readonly logins: { readonly tried: number; readonly failed: number }
  /** Logins in PostgreSQL against those that the credential's status tells of; sorted. */
  readonly roles: { readonly alive: readonly string[]; readonly recorded: readonly string[] }
  readonly tasks: Readonly<Partial<Record<TaskState, number>>>
  /** Versions that were revoked at the end of their time to live. */
  readonly expiries: number
  /** Tasks that were deleted while they were at work. */
  readonly cancels: number
  /** Left at the end. */
  readonly orphans: number
  /** Those that were recorded, and are gone again. */
  readonly orphansGone: number
  /** Accepted writes of the operator on behalf of a task, on average over all; null where there is no audit log. */
  readonly writesPerTask: { readonly create: number | null; readonly delete: number | null }
  /** By step. */
  readonly seconds: Readonly<Record<string, number>>
}

/** Where the demo has not shown what it promises. */
export function flawsOf(summary: Summary): string[] {
  const { rotations, roles, tasks } = summary
  return [
    ...(rotations < 3 ? [`${rotations} rotations instead of 3`] : []),
    ...commonFlaws(summary),
    ...(roles.alive.length === 2 ? [] : [`${roles.alive.length} roles instead of the current and the previous one`]),
    ...((tasks.failed ?? 0) > 0 ? [`${tasks.failed ?? 0} tasks failed`] : []),
    ...(summary.orphansGone === 0 ? ['no orphan has come and gone'] : []),
  ]
}

/** What must not be, whatever is shown. */
export function commonFlaws({ logins, roles, orphans, expiries, cancels }: Summary): string[] {
  const differ = roles.alive.join() !== roles.recorded.join()
  return [
    ...(logins.tried === 0 ? ['the application has tried no login'] : []),
    ...(logins.failed > 0 ? [`${logins.failed} logins failed`] : []),
    ...(differ ? ['PostgreSQL has other roles than the status tells of'] : []),
    ...(orphans > 0 ? [`${orphans} orphaned credentials`] : []),
    ...(expiries === 0 ? ['no version has reached the end of its time to live'] : []),
    ...(cancels === 0 ? ['no task was cancelled'] : []),
  ]
}

/** The summary for people. */
export function render(summary: Summary): string {
  const { rotations, roles } = summary
  return table([
    ['Rotations', String(rotations)],
    loginsRow(summary),
    ['Roles in PostgreSQL', roles.alive.join(', ')],
    ['Roles recorded', roles.recorded.join(', ')],
    ...commonRows(summary),
  ])
}

type Row = readonly [title: string, text: string]

export const table = (rows: readonly Row[]): string =>
  rows.map(([title, text]) => `  ${styleText('bold', title.padEnd(21))}${text}\n`).join('')

export const loginsRow = ({ logins }: Pick<Summary, 'logins'>): Row => [
  'Logins',
  `${logins.tried} tried, ${zero(logins.failed)} failed`,
]

/** The rows with which every summary ends. */
export function commonRows(summary: Summary): Row[] {
  const { tasks, expiries, cancels, orphans, orphansGone, writesPerTask, seconds } = summary
  const writes =
    writesPerTask.create === null
      ? 'no audit log to count them in'
      : `${writesPerTask.create} to create, ${writesPerTask.delete ?? 0} to delete`
  const times = Object.entries(seconds).map(([step, value]) => `${step} ${value}`)
  return [
    ['Tasks', countsText(tasks)],
    ['Expiries', String(expiries)],
    ['Cancels', String(cancels)],
    ['Orphans', `${zero(orphans)} left, ${orphansGone} gone`],
    ['API writes per task', writes],
    ['Seconds', times.join(', ')],
  ]
}

export const countsText = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ')

export const zero = (count: number): string => styleText(count === 0 ? 'green' : 'red', String(count))
