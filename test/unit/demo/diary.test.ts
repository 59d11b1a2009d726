import { expect, test } from 'vitest'
import type { CustomCredential, OrphanedCredential, SecretTask } from '../../../src/api/generated.ts'
import { Store } from '../../../src/kube/store.ts'
import { silentLogger as logger } from '../../support/loggers.ts'
import { countTriggers, Diary } from '../../demo/diary.ts'

const stage = () => {
  const tasks = new Store<SecretTask>({ indexers: {}, logger })
  const credentials = new Store<CustomCredential>({ indexers: {}, logger })
  const orphans = new Store<OrphanedCredential>({ indexers: {}, logger })
  return { tasks, credentials, orphans, diary: new Diary({ tasks, credentials, orphans }) }
}

let revision = 0
const metadata = (name: string) => ({
  namespace: 'shop',
  name,
  uid: `uid of ${name}`,
  resourceVersion: String((revision += 1)),
})

const task = (name: string, status: Partial<SecretTask['status']>, spec: Partial<SecretTask['spec']> = {}) =>
  ({
    metadata: metadata(name),
    spec: { type: 'create_credentials', trigger: 'automatic_secret_rotation', ...spec },
    status,
  }) as SecretTask

const credential = (name: string, ready: 'True' | 'False', more: Partial<CustomCredential['status']> = {}) =>
  ({
    metadata: metadata(name),
    status: { conditions: [{ type: 'Ready', status: ready, reason: 'Some' }], ...more },
  }) as CustomCredential

test('a record that is gone by now is counted as it was last seen', () => {
  const { tasks, diary } = stage()
  tasks.apply({ type: 'ADDED', object: task('a', { state: 'processing' }) })
  const ended = task('a', { state: 'credentials_created' })
  tasks.apply({ type: 'MODIFIED', object: ended })
  tasks.apply({ type: 'DELETED', object: ended })
  expect(diary.tasks).toEqual([ended])
  expect(diary.cancels).toBe(0)
})

test('a task that goes while it is at work was cancelled, and has no other end', () => {
  const { tasks, diary } = stage()
  tasks.apply({ type: 'ADDED', object: task('a', { state: 'processing' }) })
  tasks.apply({ type: 'DELETED', object: task('a', { state: 'processing' }) })
  expect(diary.tasks).toEqual([])
  expect(diary.cancels).toBe(1)
})

test('a version has expired once the deletion that its end had asked for is done', () => {
  const { tasks, diary } = stage()
  const expiry = { type: 'delete_credentials', trigger: 'secret_version_expiration' } as const
  tasks.apply({ type: 'ADDED', object: task('a', { state: 'processing' }, expiry) })
  expect(diary.expiries).toBe(0)
  tasks.apply({ type: 'MODIFIED', object: task('a', { state: 'credentials_deleted' }, expiry) })
  expect(diary.expiries).toBe(1)
})

test('an orphan counts when it has gone', () => {
  const { orphans, diary } = stage()
  const orphan = () => ({ metadata: metadata('owed') }) as OrphanedCredential
  orphans.apply({ type: 'ADDED', object: orphan() })
  expect(diary.orphansGone).toHaveLength(0)
  orphans.apply({ type: 'DELETED', object: orphan() })
  expect(diary.orphansGone).toHaveLength(1)
})

test('a lock counts once, however often it is seen', () => {
  const { credentials, diary } = stage()
  const locks = [{ name: 'audit', version: 1 }]
  credentials.apply({ type: 'ADDED', object: credential('orders', 'True', { locks }) })
  credentials.apply({ type: 'MODIFIED', object: credential('orders', 'True', { locks }) })
  credentials.apply({ type: 'ADDED', object: credential('ledger', 'True', { locks }) })
  expect(diary.locks).toBe(2)
})

test('what was ready, and is not any more, has lapsed', () => {
  const { credentials, diary } = stage()
  // As it comes, and while its first version is being made.
  credentials.apply({ type: 'ADDED', object: credential('orders', 'False', { conditions: [] }) })
  credentials.apply({ type: 'MODIFIED', object: credential('orders', 'False') })
  credentials.apply({ type: 'MODIFIED', object: credential('orders', 'True') })
  expect(diary.lapses).toEqual([])
  credentials.apply({ type: 'MODIFIED', object: credential('orders', 'False') })
  expect(diary.lapses).toEqual([{ credential: 'orders', why: 'Some' }])
})

test('the span is that of the tasks, by their own dates', () => {
  const { tasks, diary } = stage()
  const [from, until] = ['2027-01-01T00:00:00Z', '2028-01-01T00:00:00Z']
  tasks.apply({ type: 'ADDED', object: task('a', { startedAt: from, finishedAt: '2027-01-02T00:00:00Z' }) })
  tasks.apply({ type: 'ADDED', object: task('b', { startedAt: until }) })
  tasks.apply({ type: 'ADDED', object: task('c', { state: 'queued' }) })
  expect(diary.span).toEqual({ from: Date.parse(from), to: Date.parse(until) })
})

test('only what a task has done counts for its trigger', () => {
  const tasks = [
    task('a', { state: 'credentials_created' }),
    task('b', { state: 'failed' }),
    task('c', { state: 'credentials_created' }, { trigger: 'secret_creation' }),
    task('d', { state: 'credentials_deleted' }, { type: 'delete_credentials' }),
  ]
  expect(countTriggers(tasks, 'create_credentials')).toEqual({ automatic_secret_rotation: 1, secret_creation: 1 })
})
