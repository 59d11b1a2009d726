import { expect, test } from 'vitest'
import { flawsOf, render, type YearSummary } from '../../year/summary.ts'

const good: YearSummary = {
  years: 1,
  credentials: 10,
  versions: 80,
  rotations: 70,
  expiries: 8,
  locks: 2,
  cancels: 1,
  taskFailures: 0,
  logins: { tried: 5000, failed: 0 },
  roles: { alive: ['cc_3', 'cc_4'], recorded: ['cc_3', 'cc_4'] },
  made: { secret_creation: 10, automatic_secret_rotation: 65, manual_secret_rotation: 5 },
  deleted: { automatic_secret_rotation: 50, secret_version_expiration: 8 },
  tasks: { credentials_created: 80, credentials_deleted: 58 },
  orphans: 0,
  orphansGone: 2,
  lapses: [],
  writesPerTask: { create: 8, delete: 7 },
  seconds: { year: 1051 },
}

test('a year that went well has no flaw', () => {
  expect(flawsOf(good)).toEqual([])
})

test('a task that fails is no flaw, as long as all came right', () => {
  expect(flawsOf({ ...good, taskFailures: 1, tasks: { ...good.tasks, failed: 1 } })).toEqual([])
})

test.each<[string, Partial<YearSummary>]>([
  ['0.99 years instead of one', { years: 0.99 }],
  ['1 logins failed', { logins: { tried: 5000, failed: 1 } }],
  ['PostgreSQL has other roles than the status tells of', { roles: { alive: ['cc_3'], recorded: ['cc_3', 'cc_4'] } }],
  ['1 orphaned credentials', { orphans: 1 }],
  ['no version has reached the end of its time to live', { expiries: 0 }],
  ['no version was locked', { locks: 0 }],
  ['no task was cancelled', { cancels: 0 }],
  ['campaign ended as Ready, not as Expired', { lapses: ['campaign ended as Ready, not as Expired'] }],
])('%s: a flaw', (flaw, change) => {
  expect(flawsOf({ ...good, ...change })).toEqual([flaw])
})

test('people read what programs read', () => {
  const text = render(good)
  for (const part of [
    '1, of 10 credentials',
    '80 (10 secret_creation',
    '5000 tried',
    '8 secret_version_expiration',
    '1051',
  ])
    expect(text).toContain(part)
})
