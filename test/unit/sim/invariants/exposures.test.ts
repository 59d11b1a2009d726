import {
  added,
  atOnce,
  changed,
  credential,
  deleted,
  exposed,
  fault,
  job,
  lease,
  task,
  version,
} from './facts-builders.ts'
import { pass } from './judge.ts'
import { check } from './table.ts'

const owed = { originTaskId: 'task-1', credentialsId: 'a', reason: 'IssuedBefore', attempts: 0 }
const later = { ...owed, attempts: 1, nextAttemptTime: '2026-01-01T01:00:00Z' }
const reported = { ...exposed(1, 'a'), createdAt: '2026-01-01T00:00:00Z' }
const db = (unresolved: readonly object[] = [], spec: object = {}, first: object = reported) =>
  credential({ versions: [first], unresolved }, {}, { ...atOnce, ...spec })
const deletion = (state: string) => task('task-9', state, {}, { originTaskId: 'task-1', credentialsId: 'a' })
const creation = task('task-2', 'queued')
const gone = credential({ versions: [] }, {}, { ...atOnce })

const ending = [added(lease('operator-1')), added(db([owed])), added(job())]

check([
  {
    id: 'L4 leak',
    keeps: {
      'it is gone in time': [added(db()), pass(60), changed(db(), gone), pass(3600)],
      'a task is at work': [added(db()), pass(60), added(deletion('processing')), pass(3600)],
      'the run that made it is not over': [added(db()), added(job()), pass(3600)],
      'the next try is to come': [added(db([later])), pass(3600)],
      'it was issued later': [added(db([], {}, { ...version(1, 'a'), startedAt: '2026-01-01T00:00:01Z' })), pass(3600)],
      'it is to go after its successor has come': [added(db([], { revokeMode: 'AfterReplacement' })), pass(3600)],
      'a clock was set': [fault('clock jumps back'), added(db()), pass(3600)],
    },
    breaks: {
      'it stays': [added(db()), pass(91)],
      'it is owed, and stays while the credential is suspended': [added(db([owed], { suspend: true })), pass(91)],
      'it waits for the end of an overlap': [added(db([{ ...owed, notBefore: '2026-01-02T00:00:00Z' }])), pass(91)],
      'the next try is late': [added(db([later])), pass(3691)],
      'its run is over': [added(db()), added(job()), pass(60), deleted(job()), pass(91)],
    },
  },
  {
    id: 'S29 leak',
    keeps: {
      'nothing of it is left': [added(lease('operator-1')), added(gone), added(creation)],
      'the operator has not heard of it': [added(lease('operator-1')), added(db()), added(creation)],
      'the next try is to come': [added(lease('operator-1')), added(db([later])), added(creation)],
      'the run that made it goes on for a minute after its report': [...ending, pass(60), added(creation)],
      'it is to go after its successor has come': [
        added(lease('operator-1')),
        added(db([owed], { revokeMode: 'AfterReplacement' })),
        added(creation),
      ],
      'it is deleted': [added(lease('operator-1')), added(db([owed])), added(deletion('queued'))],
    },
    breaks: {
      'it could be deleted': [added(lease('operator-1')), added(db([owed])), added(creation)],
      'the run that made it is about to end': [...ending, pass(59), added(creation)],
    },
  },
])
