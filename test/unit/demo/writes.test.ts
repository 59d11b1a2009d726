import { expect, test } from 'vitest'
import type { SecretTask, TaskType } from '../../../src/api/generated.ts'
import type { AuditEvent } from '../../cluster/index.ts'
import { meanWrites, writesByTask } from '../../demo/writes.ts'

const task = (name: string, type: TaskType, originTaskId?: string): SecretTask =>
  ({ metadata: { name }, spec: { type, originTaskId } }) as unknown as SecretTask

const tasks = [
  task('make-1', 'create_credentials'),
  task('make-2', 'create_credentials'),
  task('end-1', 'delete_credentials', 'make-1'),
]
const ledger = { tasks, credential: 'orders', target: 'login' }

/** `verb resource/subresource name`, as the audit log has it. */
const write = (line: string): AuditEvent => {
  const [verb = '', path = '', name = ''] = line.split(' ')
  const [resource = '', subresource] = path.split('/')
  const objectRef = { resource, name, ...(subresource !== undefined && { subresource }) }
  return { stage: 'ResponseComplete', requestURI: '', verb, user: { username: 'operator' }, objectRef }
}

const creation = (id: string, target: 'create' | 'patch'): string[] => [
  `create secrettasks ${id}`,
  `patch secrettasks/status ${id}`,
  `create jobs ${id}`,
  `create secrets ${id}`,
  `patch secrettasks/status ${id}`,
  `${target} secrets login`,
  'patch customcredentials/status orders',
  `patch jobs ${id}`,
]
const deletion = (id: string, of: string): string[] => [
  `create secrettasks ${id}`,
  `patch secrettasks/status ${id}`,
  `create jobs ${id}`,
  `patch secrettasks/status ${id}`,
  `delete secrets ${of}`,
  'patch customcredentials/status orders',
  `patch jobs ${id}`,
]
/** What comes once, or for a person's edit: no task's. */
const beside = ['patch customcredentials/status orders', 'patch customcredentials orders', 'create secrets kit']
const other = ['patch customcredentials/status billing', 'create secrettasks of-billing', 'create events orders']

const counted = (lines: string[]) => writesByTask(lines.map(write), ledger)

test('each write of a task, its payload, its target and its status is counted for it, and no other write', () => {
  const lines = [
    ...beside,
    ...creation('make-1', 'create'),
    ...other,
    ...creation('make-2', 'patch'),
    ...deletion('end-1', 'make-1'),
    ...beside,
  ]
  expect(Object.fromEntries(counted(lines))).toEqual({ 'make-1': 8, 'make-2': 8, 'end-1': 7 })
})

test('a write too many is seen', () => {
  const lines = [...creation('make-1', 'create'), 'patch jobs make-1', ...creation('make-2', 'patch')]
  const counts = counted(lines)
  expect(counts.get('make-1')).toBe(9)
  expect(meanWrites(counts, tasks, 'create_credentials')).toBe(8.5)
})

test('without a task there is no mean', () => {
  expect(meanWrites(new Map(), [], 'delete_credentials')).toBeNull()
})
