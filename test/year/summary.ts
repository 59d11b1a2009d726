import type { TaskTrigger } from '../../src/api/generated.ts'
import { commonFlaws, commonRows, countsText, loginsRow, type Summary, table, zero } from '../demo/summary.ts'

type Triggers = Readonly<Partial<Record<TaskTrigger, number>>>

/** What the year has shown. */
export interface YearSummary extends Summary {
  /** From the first task to the last, by the operator's calendar. */
  readonly years: number
  readonly credentials: number
  /** Versions that were made, the first ones included. */
  readonly versions: number
  /** Locks that were bound to a version. */
  readonly locks: number
  readonly taskFailures: number
  /** What versions were made for, and what they were deleted for. */
  readonly made: Triggers
  readonly deleted: Triggers
  /** Where a credential was not what it should have been, in the course of the year or at its end. */
  readonly lapses: readonly string[]
}

/** Where the year has not shown what it promises. */
export function flawsOf(summary: YearSummary): string[] {
  const { years, locks, lapses } = summary
  return [
    ...(years < 1 ? [`${years} years instead of one`] : []),
    ...commonFlaws(summary),
    ...(locks === 0 ? ['no version was locked'] : []),
    ...lapses,
  ]
}

/** The summary for people. */
export function render(summary: YearSummary): string {
  const { years, credentials, versions, rotations, locks, taskFailures, roles } = summary
  return table([
    ['Years', `${years}, of ${credentials} credentials`],
    ['Versions made', `${versions} (${countsText(summary.made)})`],
    ['Versions deleted', countsText(summary.deleted)],
    ['Rotations', String(rotations)],
    ['Locks', String(locks)],
    loginsRow(summary),
    ['Roles in PostgreSQL', String(roles.alive.length)],
    ['Roles recorded', String(roles.recorded.length)],
    ['Task failures', zero(taskFailures)],
    ...commonRows(summary),
  ])
}
