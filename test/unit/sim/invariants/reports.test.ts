import { annotation, CustodyKind, label } from '../../../../src/api/labels.ts'
import { Secrets } from '../../../../src/api/resources.ts'
import {
  added,
  answered,
  changed,
  credential,
  custody,
  deleted,
  job,
  made,
  object,
  orphan,
  started,
  task,
  unmade,
} from './facts-builders.ts'
import { check } from './table.ts'

const processing = task('task-1', 'processing')
const done = task('task-1', 'credentials_created', { result: { credentialsId: 'a' } })
const begun = [added(processing), added(job()), started()]
const unclaimed = [added(task('task-1', 'queued')), added(job()), started()]
const record = (credentialsId: string) =>
  object(
    Secrets,
    {
      name: 'refused',
      labels: { [label.custody]: CustodyKind.refused, [label.task]: 'task-1' },
      annotations: { [annotation.credentialsId]: credentialsId },
    },
    {},
  )

check([
  {
    id: 'S12',
    keeps: {
      'the task has ended with it': [...begun, changed(processing, done), answered(200, 'a')],
      'the task has ended with it and is gone': [
        ...begun,
        changed(processing, done),
        deleted(done),
        answered(200, 'a'),
      ],
      'what is refused is on record': [...begun, added(record('b')), answered(400, 'b')],
      'what is refused is kept as another version': [...begun, added(custody('b')), answered(400, 'b')],
      'the task is gone, and its work on record': [
        ...begun,
        deleted(processing),
        added(record('a')),
        answered(404, 'a'),
      ],
      'nothing is certain': [...begun, answered(503, 'a')],
      'a stranger is turned away': [added(processing), added(job()), answered(403, 'a')],
    },
    breaks: {
      'the task has not ended': [...begun, answered(200, 'a')],
      'the task has ended with others': [...begun, changed(processing, done), answered(200, 'b')],
      'the task has failed': [...begun, changed(processing, task('task-1', 'failed')), answered(200, 'a')],
      'another task of that name has ended': [
        ...begun,
        changed(processing, {
          ...done,
          object: { ...done.object, metadata: { ...done.object.metadata, uid: 'uid-new' } },
        }),
        answered(200, 'a'),
      ],
      'nothing records what is refused': [...begun, answered(400, 'b')],
      'the task is said to be gone': [...begun, added(record('a')), answered(404, 'a')],
    },
  },
  {
    id: 'S12 own',
    keeps: {
      'it has begun without a claim': [...unclaimed, answered(403, 'a')],
      'it is a stranger': [added(processing), added(job()), answered(403, 'a')],
    },
    breaks: { 'its task is at work': [...begun, answered(403, 'a')] },
  },
  {
    id: 'S12 record',
    keeps: {
      'a status names it': [
        made('b'),
        added(credential({ unresolved: [{ originTaskId: 'task-1', credentialsId: 'b' }] })),
        added(record('b')),
        deleted(record('b')),
      ],
      'an orphan names it': [made('b'), added(orphan('task-1', 'b')), added(record('b')), deleted(record('b'))],
      'the provider has undone its work': [made('b'), added(record('b')), unmade('b'), deleted(record('b'))],
      'a person removes it': [made('b'), added(record('b')), deleted(record('b'), 'person')],
    },
    breaks: {
      'nothing names it': [made('b'), added(record('b')), deleted(record('b'))],
      'only its run is owed a search': [
        made('b'),
        added(credential({ unresolved: [{ originTaskId: 'task-1' }] })),
        added(record('b')),
        deleted(record('b')),
      ],
    },
  },
])
