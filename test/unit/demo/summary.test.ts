import { expect, test } from 'vitest'
import { flawsOf, render, type Summary } from '../../demo/summary.ts'

const good: Summary = {
  rotations: 3,
  logins: { tried: 300, failed: 0 },
  roles: { alive: ['cc_3', 'cc_4'], recorded: ['cc_3', 'cc_4'] },
  tasks: { credentials_created: 4, credentials_deleted: 2 },
  expiries: 1,
  cancels: 1,
  orphans: 0,
  orphansGone: 1,
  writesPerTask: { create: 8, delete: 7 },
  seconds: { cluster: 45 },
}

test('a demo that went well has no flaw', () => {
  expect(flawsOf(good)).toEqual([])
})

test.each<[string, Partial<Summary>]>([
  ['2 rotations instead of 3', { rotations: 2 }],
  ['the application has tried no login', { logins: { tried: 0, failed: 0 } }],
  ['1 logins failed', { logins: { tried: 300, failed: 1 } }],
  [
    'PostgreSQL has other roles than the status tells of',
    { roles: { alive: ['cc_2', 'cc_4'], recorded: ['cc_3', 'cc_4'] } },
  ],
  [
    '3 roles instead of the current and the previous one',
    { roles: { alive: ['cc_2', 'cc_3', 'cc_4'], recorded: ['cc_2', 'cc_3', 'cc_4'] } },
  ],
  ['1 orphaned credentials', { orphans: 1 }],
  ['no orphan has come and gone', { orphansGone: 0 }],
  ['no version has reached the end of its time to live', { expiries: 0 }],
  ['no task was cancelled', { cancels: 0 }],
  ['1 tasks failed', { tasks: { ...good.tasks, failed: 1 } }],
])('%s: a flaw', (flaw, change) => {
  expect(flawsOf({ ...good, ...change })).toEqual([flaw])
})

test('people read what programs read', () => {
  const text = render({ ...good, writesPerTask: { create: null, delete: null } })
  for (const part of ['300 tried', 'cc_3, cc_4', '4 credentials_created', '1 gone', 'no audit log', 'cluster 45']) {
    expect(text).toContain(part)
  }
})
