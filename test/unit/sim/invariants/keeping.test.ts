import { added, changed, credential, custody, deleted, hostile, job, lease, task, version } from './facts-builders.ts'
import { check } from './table.ts'

const leading = added(lease('operator-1'))
const queued = task('task-1', 'queued')
const inUse = added(credential({ versions: [version(1, 'a')] }))
const retiring = { versions: [version(1, 'a')], unresolved: [{ originTaskId: 'task-1', credentialsId: 'a' }] }

const limited = (limit: number) => {
  const described = credential()
  return added({
    ...described,
    object: { ...described.object, spec: { taskHistoryLimit: limit } } as typeof described.object,
  })
}
const record = (number: number) => task(`task-${number}`, 'failed')
const records = (count: number) => Array.from({ length: count }, (_, index) => added(record(index)))

const gone = (count: number) => Array.from({ length: count }, (_, index) => version(index + 1, `c-${index + 1}`))

check([
  {
    id: 'S26 versions',
    keeps: {
      'ten are told of where nothing is said': [added(credential({ history: gone(10) }))],
      'as many as its spec wants': [added(credential({ history: gone(12) }, {}, { versionHistoryLimit: 12 }))],
      'fifty are there': [added(credential({ versions: gone(50) }))],
      'a person has written it': [added(credential({ history: gone(11) }), 'person')],
    },
    breaks: {
      'one too many is told of': [added(credential({ history: gone(11) }))],
      'its spec wants none': [added(credential({ history: gone(1) }, {}, { versionHistoryLimit: 0 }))],
      'one too many is there': [added(credential({ versions: gone(51) }))],
    },
  },
  {
    id: 'S26',
    keeps: {
      'the oldest goes': [limited(1), ...records(2), deleted(record(0))],
      'ten are kept where nothing is said': [added(credential()), ...records(10)],
      'a person removes a record': [limited(1), added(record(0)), deleted(record(0), 'person')],
      'the credential is being deleted': [
        added(credential({}, { deletionTimestamp: '2026-01-01T00:00:00Z' })),
        added(record(0)),
        deleted(record(0)),
      ],
    },
    breaks: {
      'one too many is kept': [added(credential()), ...records(11)],
      'one too many goes': [limited(2), ...records(2), deleted(record(0))],
      'one that is open goes': [limited(0), added(queued), deleted(queued)],
      'one that runs goes': [added(task('task-1', 'processing')), deleted(task('task-1', 'processing'))],
      'one whose Job is held goes': [limited(0), added(job()), deleted(task('task-1', 'failed'))],
    },
  },
  {
    id: 'S30',
    keeps: {
      'a person removed it': [leading, added(queued), deleted(queued, 'person'), added(queued)],
      'another one is made': [leading, added(queued), deleted(queued), added(task('task-2', 'queued'))],
      'a dead process had sent it': [
        added(lease('operator-2')),
        added(queued),
        deleted(queued, 'operator-2'),
        added(queued),
      ],
    },
    breaks: {
      'a task is made again': [leading, added(queued), deleted(queued), added(queued)],
      'a Job is made again': [leading, added(job()), deleted(job()), added(job())],
    },
  },
  {
    id: 'S35',
    keeps: {
      'the version is owed a deletion': [added(credential(retiring)), added(custody('a')), deleted(custody('a'))],
      'the credential is being deleted': [
        added(credential({ versions: [version(1, 'a')] }, { deletionTimestamp: '2026-01-01T00:00:00Z' })),
        deleted(custody('a')),
      ],
      'a person removed it': [inUse, deleted(custody('a'), 'person')],
      'a person took the finalizers': [inUse, hostile('strip finalizers of customcredentials'), deleted(custody('a'))],
      'it is of another version': [inUse, deleted(custody('b', {}, 2))],
    },
    breaks: {
      'the operator removes it': [inUse, deleted(custody('a'))],
      'it goes with what somebody deleted': [inUse, deleted(custody('a'), 'garbage-collector')],
      'it goes as soon as its status does not owe it': [
        added(credential(retiring)),
        changed(credential(retiring), credential({ versions: [version(1, 'a')] })),
        deleted(custody('a')),
      ],
    },
  },
])
