import { annotation, finalizer, label } from '../../../../src/api/labels.ts'
import { CredentialsProviders } from '../../../../src/api/resources.ts'
import { added, changed, credential, deleted, hostile, job, object, task, version } from './facts-builders.ts'
import { pass } from './judge.ts'
import { check } from './table.ts'

const provider = (meta: object = {}) => object(CredentialsProviders, { name: 'postgres', ...meta }, {})
const held = { finalizers: [finalizer.inUse] }
const going = { deletionTimestamp: '2026-01-01T00:00:00Z' }
const isHeld = added(provider(held))
const isAskedToGo = changed(provider(held), provider({ ...held, ...going }), 'person')
const goes = deleted(provider({ ...held, ...going }))

const having = credential({ versions: [version(1, 'role-1')] })
const owing = credential({ unresolved: [{ originTaskId: 'task-1', provider: { uid: 'uid-postgres' } }] })
const bare = credential()
const gone = changed(having, bare)
const queued = task('task-1', 'queued')
const ofOrphan = { ...queued.object.metadata, labels: { [label.orphan]: 'orphan' } }
const orphaned = { ...queued, object: { ...queued.object, metadata: ofOrphan } }
const spec = { provider: { uid: 'uid-postgres' } }
const run = (finalizers: string[]) =>
  job({}, { finalizers, annotations: { [annotation.taskSpec]: JSON.stringify(spec) } })

check([
  {
    id: 'S35 provider',
    keeps: {
      'nothing was made with it': [isHeld, isAskedToGo, goes],
      'what it had made is gone': [isHeld, added(having), isAskedToGo, gone, goes],
      'its finalizer was taken off by hand': [
        isHeld,
        added(having),
        isAskedToGo,
        deleted(provider({ ...held, ...going }), 'person'),
      ],
      'what uses it was on its way when it was deleted': [isHeld, isAskedToGo, added(queued), goes],
      'an orphan has a task': [isHeld, added(orphaned), isAskedToGo, goes],
    },
    breaks: {
      'a version is left': [isHeld, added(having), isAskedToGo, goes],
      'a deletion is owed': [isHeld, added(owing), isAskedToGo, goes],
      'a task is open': [isHeld, added(queued), isAskedToGo, goes],
      'the outcome of a run is not on record': [isHeld, added(run([finalizer.jobRelease])), isAskedToGo, goes],
      'somebody has stripped a provider before': [
        hostile('strip credentialsproviders shop/other'),
        isHeld,
        added(having),
        isAskedToGo,
        goes,
      ],
    },
  },
  {
    id: 'S20 deleted',
    keeps: {
      'it is to stay': [isHeld, added(queued)],
      'that it was deleted has not been heard of': [isHeld, isAskedToGo, pass(60), added(queued)],
      'it is a deletion': [
        isHeld,
        isAskedToGo,
        pass(600),
        added(task('task-2', 'queued', {}, { originTaskId: 'task-1' })),
      ],
    },
    breaks: {
      'it was deleted long ago': [isHeld, isAskedToGo, pass(600), added(queued)],
    },
  },
  {
    id: 'L5 provider',
    keeps: {
      'it is used and held': [isHeld, added(having)],
      'nobody uses it': [added(provider()), added(bare)],
      'it is held, and was not deleted': [isHeld, added(bare)],
      'it was deleted, and is used': [isHeld, added(having), isAskedToGo],
      'its Jobs are released': [added(provider()), added(run([]))],
    },
    breaks: {
      'it is used, and not held': [added(provider()), added(having)],
      'it was deleted, and nothing uses it': [isHeld, isAskedToGo],
    },
  },
])
