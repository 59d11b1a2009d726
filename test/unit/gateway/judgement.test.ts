import { describe, expect, it } from 'vitest'
import type { SecretTask } from '../../../src/api/generated.ts'
import type { Field } from '../../../src/credentials-provider/schema.ts'
import { judge, type Facts } from '../../../src/gateway/judgement.ts'
import type { Report } from '../../../src/gateway/report.ts'
import { aDeleteTask, aTask } from '../../support/task-run.ts'

const outputs: Field[] = [
  { name: 'username', type: 'string', required: true },
  { name: 'port', type: 'integer' },
]
const made = (credentialsId = 'role-1', payload: unknown = { username: 'u', port: 5432 }): Report => ({
  status: 'credentials_created',
  credentialsId,
  payload,
})
const gone: Report = { status: 'credentials_deleted' }
const failed = (code = 'E1'): Report => ({ status: 'failed', errors: [{ code, description: 'no route' }] })

const stored = { credentialsId: 'role-1', data: { username: 'u', port: '5432' } }
const created = aTask({ state: 'credentials_created', result: { credentialsId: 'role-1' }, outcome: 'Created' })
const timedOut = (task: SecretTask): SecretTask => ({
  ...task,
  status: { state: 'failed', outcome: 'Unknown', errors: [{ code: 'Timeout', description: 'no report' }] },
})
const terminating = (task: SecretTask): SecretTask => ({
  ...task,
  metadata: { ...task.metadata, deletionTimestamp: '2026-01-01T00:00:02Z' },
})
const end = { state: 'credentials_created', credentialsId: 'role-1' }
const refusal = (code: string, message: unknown = expect.any(String)) => ({ do: 'refuse', code, message })

type Table = Record<string, [Report, Facts, unknown]>
const check = (table: Table) => {
  it.each(Object.entries(table))('%s', (_, [report, facts, verdict]) => {
    expect(judge(report, facts)).toEqual(verdict)
  })
}

describe('a report of new credentials while the task is processing', () => {
  const task = aTask()
  check({
    'needs the schema': [made(), { task }, { do: 'learn', fact: 'outputs' }],
    'is kept before the task ends': [made(), { task, outputs }, { do: 'keep', version: stored }],
    'ends the task once it is kept': [made(), { task, outputs, stored }, { do: 'end', end, version: stored }],
    'may leave out an optional output': [
      made('role-1', { username: 'u' }),
      { task, outputs },
      { do: 'keep', version: { credentialsId: 'role-1', data: { username: 'u' } } },
    ],
    'ends the task as suspect if custody holds other values of the same credentials': [
      made('role-1', { username: 'other' }),
      { task, outputs, stored },
      { do: 'end', end, version: stored, suspect: expect.stringContaining('twice') as string },
    ],
    'is refused if custody holds other credentials': [
      made('role-2'),
      { task, outputs, stored },
      refusal('invalid_report', 'other credentials were reported for this task before: undo these'),
    ],
    'is not refused for its values before custody was asked': [
      made('role-1', {}),
      { task, outputs },
      { do: 'learn', fact: 'stored' },
    ],
    'is refused with all that is wrong': [
      made('role-1', { port: 'x', token: 't' }),
      { task, outputs, stored: 'none' },
      refusal(
        'invalid_report',
        "credentials.payload: token: is not in the provider's schema, which has username, port; " +
          'username: is required, but missing; port: must be an integer',
      ),
    ],
    'is refused if its payload is no object': [
      made('role-1', ['u']),
      { task, outputs, stored: 'none' },
      refusal('invalid_report', 'credentials.payload: must be an object'),
    ],
    'is suspect rather than refused if its values are wrong and its credentials kept': [
      made('role-1', {}),
      { task, outputs, stored },
      { do: 'end', end, version: stored, suspect: expect.any(String) as string },
    ],
    'cannot end a task that deletes': [made(), { task: aDeleteTask(), outputs }, refusal('invalid_report')],
    'cannot end a task that was not started': [made(), { task: aTask({ state: 'queued' }) }, refusal('not_your_task')],
    'is an order to undo if the task was cancelled': [
      made(),
      { task: undefined, account: 'none' },
      refusal('task_not_found'),
    ],
    'is an order to undo if the task is being cancelled': [
      made(),
      { task: terminating(task), outputs, account: 'none' },
      refusal('task_not_found'),
    ],
    'is an order to undo if the task is gone, and another run’s credentials are in use': [
      made(),
      { task: undefined, account: { credentialsId: 'role-2' } },
      refusal('task_not_found'),
    ],
  })
})

describe('a report of new credentials after the end', () => {
  check({
    'is compared with what custody holds': [made(), { task: created }, { do: 'learn', fact: 'stored' }],
    'is acknowledged if it is the same': [made(), { task: created, stored }, { do: 'acknowledge' }],
    'is acknowledged if the version has come and gone': [
      made(),
      { task: created, stored: 'none' },
      { do: 'acknowledge' },
    ],
    'is looked up on its credential if the record of the task is gone': [
      made(),
      { task: undefined },
      { do: 'learn', fact: 'account' },
    ],
    'is no order to undo what consumers use if the record is gone (S6)': [
      made(),
      { task: undefined, account: { credentialsId: 'role-1' } },
      { do: 'acknowledge' },
    ],
    'is to be sent again while its credential does not tell what became of it': [
      made(),
      { task: undefined, account: 'pending' },
      { do: 'defer', message: expect.any(String) as unknown },
    ],
    'is acknowledged if the task is being deleted': [
      made(),
      { task: terminating(created), stored },
      { do: 'acknowledge' },
    ],
    'is suspect if its values differ': [
      made('role-1', { username: 'other' }),
      { task: created, stored },
      { do: 'suspect', reason: expect.any(String) as string },
    ],
    'is suspect if it has no values': [
      made('role-1', null),
      { task: created, stored },
      { do: 'suspect', reason: expect.any(String) as string },
    ],
    'is suspect once': [
      made('role-1', {}),
      { task: { ...created, status: { ...created.status, suspect: 'before' } } },
      { do: 'acknowledge' },
    ],
    'is refused if it names other credentials': [
      made('role-2'),
      { task: created },
      refusal('task_ended', 'the task has ended as credentials_created: undo what this run made'),
    ],
    'is refused after a time-out': [
      made(),
      { task: timedOut(aTask()), stored },
      refusal('task_ended', 'the task has ended as failed (Timeout): undo what this run made'),
    ],
  })
})

describe('a report of a failure', () => {
  const errors = [{ code: 'E1', description: 'no route' }]
  const task = aTask()
  check({
    'asks custody whether this run has reported anything': [failed(), { task }, { do: 'learn', fact: 'stored' }],
    'ends a create task that made nothing': [
      failed(),
      { task, stored: 'none' },
      { do: 'end', end: { state: 'failed', errors, outcome: 'Nothing' } },
    ],
    'ends a create task of which another pod has made something as unknown': [
      failed(),
      { task, stored },
      { do: 'end', end: { state: 'failed', errors, outcome: 'Unknown' } },
    ],
    'ends a delete task as unknown': [
      failed(),
      { task: aDeleteTask() },
      { do: 'end', end: { state: 'failed', errors, outcome: 'Unknown' } },
    ],
    'is acknowledged if it is repeated': [
      failed(),
      { task: aTask({ state: 'failed', errors, outcome: 'Nothing' }) },
      { do: 'acknowledge' },
    ],
    'is refused if the task has failed otherwise': [failed(), { task: timedOut(task) }, refusal('task_ended')],
    'is refused if credentials were reported': [failed(), { task: created }, refusal('task_ended')],
  })
})

describe('a report of a deletion', () => {
  const deleted = aDeleteTask({ state: 'credentials_deleted', outcome: 'Deleted' })
  check({
    'ends a delete task': [gone, { task: aDeleteTask() }, { do: 'end', end: { state: 'credentials_deleted' } }],
    'is acknowledged if it is repeated': [gone, { task: deleted }, { do: 'acknowledge' }],
    'cannot end a create task': [gone, { task: aTask() }, refusal('invalid_report')],
    'is refused after a time-out': [gone, { task: timedOut(aDeleteTask()) }, refusal('task_ended')],
  })
})
