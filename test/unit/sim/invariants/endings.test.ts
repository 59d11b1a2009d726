import {
  added,
  changed,
  credential,
  deleted,
  hostile,
  lease,
  made,
  orphan,
  target,
  task,
  unmade,
  version,
} from './facts-builders.ts'
import { check } from './table.ts'

const made1 = [added(task('task-1', 'queued')), made('a')]
const gone = deleted(credential())
const namesake = (status = {}) => credential(status, { uid: 'uid-new' })
const deletion = (name: string, state: string, spec = {}) =>
  task(name, state, {}, { originTaskId: 'task-1', credentialsId: 'a', ...spec })
const done = changed(deletion('task-8', 'processing'), deletion('task-8', 'credentials_deleted'))

const leads = added(lease('operator-1'))
const staying = { target: { deletionPolicy: 'Retain' } }
const ending = (spec: object) =>
  added(credential({ target: { name: 'db' } }, { deletionTimestamp: '2026-01-01T00:00:00Z' }, { ...spec }))

check([
  {
    id: 'S15',
    keeps: {
      'all is deleted upstream': [...made1, unmade('a'), gone],
      'an orphan takes over': [...made1, added(orphan('task-1', 'a')), gone],
      'what is left is of another credential': [...made1, deleted(namesake())],
      'a person stripped the finalizer': [...made1, hostile('strip finalizers of customcredentials'), gone],
    },
    breaks: {
      'credentials are left': [...made1, gone],
      'the orphan is for others': [...made1, added(orphan('task-1', 'z')), gone],
    },
  },
  {
    id: 'S15 target',
    keeps: {
      'its spec says nothing of it': [leads, added(target(1, 'a')), ending({}), deleted(target(1, 'a'))],
      'a person removes it': [leads, added(target(1, 'a')), ending(staying), deleted(target(1, 'a'), 'person')],
      'it bears another name by now': [
        leads,
        added(target(1, 'a')),
        added(credential({ target: { name: 'login' } }, {}, staying)),
        deleted(target(1, 'a')),
      ],
    },
    breaks: { 'its spec wants it to stay': [leads, added(target(1, 'a')), ending(staying), deleted(target(1, 'a'))] },
  },
  {
    id: 'S16',
    keeps: {
      'a credential names its own tasks': [...made1, added(credential({ versions: [version(1, 'a')] }))],
      'a deletion is ordered by the same credential': [...made1, added(deletion('task-8', 'queued'))],
    },
    breaks: {
      'it takes over a version': [...made1, added(namesake({ versions: [version(1, 'a')] }))],
      'it takes over a debt': [...made1, added(namesake({ unresolved: [{ originTaskId: 'task-1' }] }))],
      'it deletes what the other made': [
        ...made1,
        added(deletion('task-8', 'queued', { credential: { uid: 'uid-new' } })),
      ],
    },
  },
  {
    id: 'S24',
    keeps: {
      'the deletion before failed': [added(deletion('task-8', 'failed')), added(deletion('task-9', 'processing'))],
      'others of the run are deleted': [done, added(deletion('task-9', 'processing', { credentialsId: 'b' }))],
      'a task that came late is not run': [done, added(deletion('task-9', 'queued'))],
      'the record was taken away with its namespace before the status could tell': [
        added(credential({ unresolved: [{ originTaskId: 'task-1', credentialsId: 'a' }] })),
        done,
        deleted(deletion('task-8', 'credentials_deleted'), 'namespace-controller'),
        added(deletion('task-9', 'processing')),
      ],
      'a find is repeated': [
        added(task('task-8', 'credentials_deleted', {}, { originTaskId: 'task-1' })),
        added(task('task-9', 'queued', {}, { originTaskId: 'task-1' })),
      ],
    },
    breaks: {
      'what is deleted is deleted again': [done, added(deletion('task-9', 'processing'))],
      'the operator took the record away before the status could tell': [
        added(credential({ unresolved: [{ originTaskId: 'task-1', credentialsId: 'a' }] })),
        done,
        deleted(deletion('task-8', 'credentials_deleted')),
        added(deletion('task-9', 'processing')),
      ],
    },
  },
])
