import { added, changed, credential, custody, deleted, ended, hostile } from './facts-builders.ts'
import { job, made, orphan, started, task, version } from './facts-builders.ts'
import { check } from './table.ts'

const processing = task('task-1', 'processing')
const failed = task('task-1', 'failed')
const fresh = credential()
const owned = credential({ versions: [version(1, 'a')] })
const owed = credential({ unresolved: [{ originTaskId: 'task-1' }] })
const owedAnother = credential({ unresolved: [{ originTaskId: 'task-1', credentialsId: 'z' }] })
/** A container makes credentials `a`, and ends; its task goes on. */
const run = [added(fresh), added(processing), added(job()), started(), made('a'), ended()]
const released = [changed(processing, failed), deleted(job())]

check([
  {
    id: 'S5',
    keeps: {
      'the task is open': [added(processing), made('a')],
      'the container is at work': [started(), made('a')],
      'the Job is held': [...run, changed(processing, failed)],
      'a version names it': [...run, changed(fresh, owned), ...released],
      'a version of its run says that another pod was at work': [
        ...run,
        changed(fresh, credential({ versions: [{ ...version(1, 'z'), startedTwice: true }] })),
        ...released,
      ],
      'what its run made is owed': [...run, changed(fresh, owed), ...released],
      'custody holds it': [...run, added(custody('a')), ...released],
      'an orphan names it': [...run, added(orphan('other', 'a')), ...released],
      'an orphan names its run': [...run, added(orphan('task-1')), ...released],
      'a person took the records away': [...run, hostile('strip finalizers of jobs'), ...released],
    },
    breaks: {
      'a person deleted the Job': [...run, hostile('delete jobs shop/task-1'), ...released],
      'a version of its run is all that is known': [
        ...run,
        changed(fresh, credential({ versions: [version(1, 'z')] })),
        ...released,
      ],
      'it comes from nowhere': [made('a')],
      'its Job goes before a record is made': [...run, ...released],
      'its Job is let go before a record is made': [
        ...run,
        changed(processing, failed),
        changed(job(), job({}, { finalizers: [] })),
      ],
      'other credentials of its run are owed': [...run, changed(fresh, owedAnother), ...released],
      'the status forgets it': [...run, changed(fresh, owned), ...released, changed(owned, fresh)],
      'its payload leaves custody': [...run, added(custody('a')), ...released, deleted(custody('a'))],
      'its container is the last to know': [started(), made('a'), ended()],
    },
  },
  {
    id: 'S8',
    keeps: {
      'versions are added and dropped': [
        changed(fresh, owned),
        changed(owned, credential({ versions: [version(2, 'b', 'task-2')], nextVersion: { number: 3 } })),
      ],
      'a provider renews in place': [added(owned), added(credential({ versions: [version(1, 'a'), version(2, 'a')] }))],
      'a namesake counts anew': [
        added(credential({ versions: [version(1, 'a')], nextVersion: { number: 2 } })),
        added(credential({ versions: [version(1, 'b')], nextVersion: { number: 1 } }, { uid: 'uid-new' })),
      ],
    },
    breaks: {
      'a version changes its ID': [added(owned), changed(owned, credential({ versions: [version(1, 'b')] }))],
      'a number is used again after it was dropped': [
        added(owned),
        changed(owned, fresh),
        changed(fresh, credential({ versions: [version(1, 'b')] })),
      ],
      'the count goes back': [
        added(credential({ nextVersion: { number: 3 } })),
        added(credential({ nextVersion: { number: 2 } })),
      ],
    },
  },
])
