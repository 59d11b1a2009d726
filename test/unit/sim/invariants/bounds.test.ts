import { annotation } from '../../../../src/api/labels.ts'
import type { Fact } from '../../../sim/observe/facts.ts'
import { MOST_TASKS } from '../../../sim/observe/limits.ts'
import { added, changed, credential, deleted, exposed, fault, hostile, job, lease } from './facts-builders.ts'
import { orphan, sent, task, version } from './facts-builders.ts'
import { pass } from './judge.ts'
import { check } from './table.ts'

const queued = task('task-1', 'queued')
const processing = task('task-1', 'processing', {}, { timeoutSeconds: 600 })
/** So many are at work for another namespace that there is no turn for any. */
const atWork = (nth: number) =>
  task(
    `busy-${nth}`,
    'processing',
    {},
    { timeoutSeconds: 86_400, credential: { uid: 'uid-other', namespace: 'other' } },
  )
const busy = Array.from({ length: MOST_TASKS }, (_, nth) => added(atWork(nth)))
const ready = { versions: [version(1, 'a')], nextVersion: { number: 2, attempts: 0, failures: 0 } }
const asked = credential({ ...ready }, { annotations: { [annotation.rotateRequestedAt]: 'now' } })
const daily = credential({ versions: [{ ...version(1, 'a'), createdAt: '2026-01-01T00:00:00Z' }] })
const dueDaily = { ...daily, object: { ...daily.object, spec: { rotation: { interval: '1d' } } } }
const leaked = (one: object, revokeIssuedBefore = '2026-01-01T00:00:00Z') =>
  credential(
    { ...ready, versions: [{ startedAt: '2026-01-01T00:00:00Z', ...one }] },
    {},
    { revokeIssuedBefore, suspend: true },
  )
const stalled = credential({ ...ready, conditions: [{ type: 'Stalled', status: 'True' }] }, asked.object.metadata)
const going = { deletionTimestamp: '2026-01-01T00:00:00Z' }
const owing = (more = {}) =>
  credential({ unresolved: [{ originTaskId: 'task-1', credentialsId: 'a', attempts: 0, ...more }] })
const later = { nextAttemptTime: '2026-01-01T01:00:00Z' }
const DAY = 86_400
/** Made as every run begins, for a day. */
const ending = (status: object = {}, rotation: object = {}) => {
  const versions = [{ ...version(1, 'a'), createdAt: '2026-01-01T00:00:00Z', expiresAt: '2026-01-02T00:00:00Z' }]
  const described = credential({ ...ready, versions, ...status })
  return { ...described, object: { ...described.object, spec: { rotation } } as typeof described.object }
}
const given = { originTaskId: 'task-1', credentialsId: 'a', attempts: 0, notBefore: '2026-01-03T00:00:00Z' }
const succeeded = (minOverlap: string) => {
  const [first] = (ending().object as unknown as { status: { versions: object[] } }).status.versions
  const next = { ...version(2, 'b', 'task-2'), createdAt: '2026-01-01T12:00:00Z', deliveredAt: '2026-01-01T12:00:00Z' }
  return ending({ versions: [first, next] }, { minOverlap })
}
const tries = (count: number): Fact[] =>
  Array.from({ length: count }, () => sent('patch customcredentials/status', 'db'))

const forgotten = (() => {
  const { object, ...described } = orphan('task-1', 'a')
  const annotations = { [annotation.forget]: 'true' }
  return { ...described, object: { ...object, metadata: { ...object.metadata, annotations } } }
})()

/** Both are at their end, and the older one is locked. */
const kept = (() => {
  const { object, ...described } = succeeded('1h')
  const [first, next] = (object as unknown as { status: { versions: object[] } }).status.versions
  const versions = [first, { ...next, expiresAt: '2026-01-02T00:00:00Z' }]
  const locked = credential(
    { ...ready, versions, locks: [{ name: 'audit', version: 1 }] },
    {},
    { locks: [{ name: 'audit' }] },
  )
  return { ...described, object: locked.object }
})()

check([
  {
    id: 'L2 bound',
    keeps: {
      'it ends in time': [added(processing), pass(600), changed(processing, task('task-1', 'failed')), pass(3600)],
      'trouble comes in between': [added(processing), pass(600), fault('lost'), pass(1000)],
    },
    breaks: {
      'it goes on': [added(processing), pass(700)],
      'it goes on long after the trouble': [added(processing), fault('lost'), pass(3600)],
      'only clocks were set': [added(processing), fault('clock jumps back'), pass(700)],
    },
  },
  {
    id: 'L3 bound',
    keeps: {
      'people have had an orphan forgotten': [added(forgotten), pass(3600)],
      'a deletion is under way': [
        added(owing()),
        added(task('task-9', 'queued', {}, { originTaskId: 'task-1' })),
        pass(600),
      ],
      'its time has not come': [added(owing(later)), pass(3600)],
      'the run that made it is not over': [added(job()), added(owing()), pass(3600)],
      'a person took the records away': [hostile('strip finalizers of jobs'), added(owing()), pass(3600)],
      'clocks were set': [fault('clock jumps ahead'), added(owing(later)), pass(DAY)],
    },
    breaks: {
      'it is due and not tried': [added(owing()), pass(120)],
      'its time has come': [added(owing(later)), pass(3720)],
      'an orphan is due and not tried': [added(orphan('task-1', 'a')), pass(120)],
      'it is owed for ever': [fault('clock jumps ahead'), added(owing()), pass(11 * DAY)],
    },
  },
  {
    id: 'L4',
    keeps: {
      'it is begun': [added(asked), added(queued), pass(3600)],
      'it is not due': [added(dueDaily), pass(DAY)],
      'a person has to act': [added(stalled), pass(3600)],
      'nothing is asked for': [added(credential(ready)), pass(DAY)],
      'it was issued after what has leaked': [added(leaked(version(1, 'a'))), pass(3600)],
      'the moment of the leak is to come': [added(leaked(exposed(1, 'a'), '2026-01-02T00:00:00Z')), pass(DAY)],
    },
    breaks: {
      'a request is not heard': [added(asked), pass(120)],
      'an interval is over': [added(dueDaily), pass(DAY + 120)],
      'what has leaked is not replaced': [added(leaked(exposed(1, 'a'))), pass(120)],
      'the first version is not begun': [added(credential()), pass(120)],
      'a request is not heard after the trouble': [added(asked), fault('lost'), pass(3600)],
    },
  },
  {
    id: 'L4 expiry',
    keeps: {
      'it is given up': [added(ending()), pass(DAY), changed(ending(), ending({ unresolved: [given] })), pass(3600)],
      'its time has not come': [added(ending()), pass(DAY)],
      'consumers have its successor for less than they are promised': [added(succeeded('2d')), pass(DAY + 3600)],
      'an older one is locked': [added(kept), pass(DAY + 3600)],
      'its rotation is late': [added(ending({}, { interval: '1h' })), pass(DAY + 3600)],
      'its successor is asked for': [
        added({ ...ending(), object: { ...ending().object, metadata: asked.object.metadata } }),
        pass(DAY + 3600),
      ],
    },
    breaks: {
      'it stays': [added(ending()), pass(DAY + 120)],
      'consumers have its successor': [added(succeeded('1h')), pass(DAY + 120)],
    },
  },
  {
    id: 'L5 bound',
    keeps: { 'it goes': [added(credential({}, going)), pass(2000), deleted(credential({}, going)), pass(3600)] },
    breaks: { 'it stays': [added(credential({}, going)), pass(3600)] },
  },
  {
    id: 'L8',
    keeps: {
      'it is claimed': [added(queued), pass(30), changed(queued, processing), pass(3600)],
      'it is not its turn': [...busy, added(queued), pass(3600)],
    },
    breaks: {
      'it is not claimed': [added(queued), pass(120)],
      'it is its turn at last': [...busy, added(queued), pass(3600), deleted(atWork(0)), pass(120)],
    },
  },
  {
    id: 'L9',
    keeps: {
      'it is renewed': [
        added(lease('operator-1')),
        pass(15),
        changed(lease('operator-1'), lease('operator-1', 2)),
        pass(15),
      ],
      'it has just been taken over': [added(lease('operator-1')), pass(60), fault('leader crashes'), pass(60)],
    },
    breaks: {
      'nobody takes it over': [added(lease('operator-1')), pass(60)],
      'nobody takes it over after the trouble': [added(lease('operator-1')), fault('leader crashes'), pass(600)],
    },
  },
  {
    id: 'L10',
    keeps: {
      'one in twenty has its effect': [...tries(20), changed(credential(), owing()), ...tries(20)],
      'it is created again and again': Array.from({ length: 30 }, () => sent('create jobs', 'task-1')),
    },
    breaks: { 'none has an effect': tries(21) },
  },
])
