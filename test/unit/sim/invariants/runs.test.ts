import { label } from '../../../../src/api/labels.ts'
import { added, changed, credential, deleted, job, started, task } from './facts-builders.ts'
import { pass } from './judge.ts'
import { check } from './table.ts'

const queued = task('task-1', 'queued')
const processing = task('task-1', 'processing')
const done = task('task-1', 'credentials_created')
const suspect = task('task-1', 'credentials_created', { suspect: 'its container failed' })
const rival = task('task-2', 'processing')
const suspended = (meta = {}) => {
  const described = credential({}, meta)
  return { ...described, object: { ...described.object, spec: { suspend: true } } as typeof described.object }
}
const deletion = task('task-2', 'processing', {}, { originTaskId: 'task-1' })

check([
  {
    id: 'S1',
    keeps: {
      'a Job starts two pods': [started(), started('job-1', 'task-1', 'uid-pod-2')],
      'two tasks have a Job each': [started(), started('job-2', 'task-2')],
    },
    breaks: {
      'a second Job of the same task runs': [started(), started('job-2')],
      'a fence runs': [added(job({ suspend: true })), started()],
    },
  },
  {
    id: 'S24 suspended',
    keeps: {
      'it is resumed': [added(suspended()), pass(90), changed(suspended(), credential()), added(queued)],
      'the task was ordered a moment before': [added(suspended()), pass(30), added(queued)],
      'it is being deleted': [added(suspended({ deletionTimestamp: '2026-01-01T00:00:00Z' })), pass(90), added(queued)],
      'an orphan of it is revoked': [
        added(suspended()),
        pass(90),
        added({
          ...queued,
          object: { ...queued.object, metadata: { ...queued.object.metadata, labels: { [label.orphan]: 'o' } } },
        }),
      ],
    },
    breaks: { 'a task is made': [added(suspended()), pass(90), added(queued)] },
  },
  {
    id: 'S2',
    keeps: {
      'the claim came first': [added(queued), changed(queued, processing), added(job())],
      'a late Job comes after the end of its task': [added(processing), deleted(processing), added(job())],
      'the Job is a fence': [added(job({ suspend: true }))],
      'a person made the Job': [added(job(), 'person')],
    },
    breaks: {
      'the task is only queued': [added(queued), added(job())],
      'another task of that name was claimed': [added(processing), added(job({}, { labels: {} }))],
    },
  },
  {
    id: 'S3',
    keeps: {
      'a task ends': [changed(processing, done)],
      'an end turns out to be suspect': [changed(done, suspect)],
      'an ended task is removed': [deleted(done)],
    },
    breaks: {
      'an ended task runs again': [changed(done, processing)],
      'the result changes': [changed(done, task('task-1', 'credentials_created', { result: { credentialsId: 'b' } }))],
    },
  },
  {
    id: 'S4',
    keeps: {
      'it passes every state': [added(queued), changed(queued, processing), changed(processing, done)],
      'nobody ordered it': [changed(queued, task('task-1', 'failed'))],
    },
    breaks: {
      'it begins claimed': [added(processing)],
      'it skips the claim': [added(queued), changed(queued, done)],
      'it goes back': [changed(processing, queued)],
    },
  },
  {
    id: 'S13',
    keeps: {
      'one creation follows another': [added(done), added(rival)],
      'another credential has a creation under way': [
        added(processing),
        added(task('task-2', 'processing', {}, { credential: { uid: 'uid-other' } })),
      ],
      'an older version is being deleted': [
        added(processing),
        added(task('task-2', 'processing', {}, { originTaskId: 'task-0' })),
      ],
    },
    breaks: {
      'two creations are under way': [added(processing), added(rival)],
      'a deletion of what is being created begins': [added(processing), added(deletion)],
      'a creation begins under a deletion of it': [added(deletion), added(queued), changed(queued, processing)],
    },
  },
])
