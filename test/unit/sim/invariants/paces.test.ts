import {
  added,
  changed,
  credential,
  deleted,
  fault,
  hostile,
  job,
  lease,
  pod,
  started,
  task,
  version,
} from './facts-builders.ts'
import { object } from './facts-builders.ts'
import { annotation, label } from '../../../../src/api/labels.ts'
import { CredentialsProviders, Pods } from '../../../../src/api/resources.ts'
import { type Moment, pass } from './judge.ts'
import { check } from './table.ts'

const owed = { originTaskId: 'task-1', credentialsId: 'a' }
const deletion = (state: string, name = 'task-8') =>
  task(name, state, state === 'queued' ? {} : { startedAt: '2026-01-01T00:00:00Z' }, owed)
const tryAgain = (name = 'task-9') => changed(deletion('queued', name), deletion('processing', name))
const failure = [tryAgain('task-8'), changed(deletion('processing'), deletion('failed'))]
const failures = (times: number): Moment[] => Array.from({ length: times }, () => [pass(3600), ...failure]).flat()

const running = task('task-1', 'processing', {}, { timeoutSeconds: 600 })
const timedOut = task('task-1', 'failed', { errors: [{ code: 'TaskTimedOut' }] }, { timeoutSeconds: 600 })
const claimed = changed(task('task-1', 'queued'), running)

const created = changed(task('task-1', 'processing'), task('task-1', 'credentials_created'))
const hourly = (more = {}) => {
  const described = credential({ versions: [{ ...version(1, 'a'), ...more }] })
  return { ...described, object: { ...described.object, spec: { rotation: { interval: '1h' } } } }
}
const rotation = added(task('task-2', 'queued', {}, { trigger: 'automatic_secret_rotation' }))

const plain = credential()
const asking = (request: string) => credential({}, { annotations: { [annotation.rotateRequestedAt]: request } })
const atOnce = (role: string, more = {}) =>
  credential({}, {}, { applyPolicy: 'Immediate', parameters: { role }, ...more })
const leading = added(lease('operator-1'))
const cancellation = {
  observedGeneration: 1,
  nextVersion: { number: 2, attempts: 1, failures: 1, cancelledAt: '2026-01-01T00:00:00Z' },
}
const cancelled = (meta = {}, spec = {}) => credential(cancellation, { generation: 1, ...meta }, spec)
const again = { annotations: { [annotation.rotateRequestedAt]: 'again' } }
const leak = { revokeIssuedBefore: '2026-01-01T00:00:00Z' }
const failing = (failures: number, meta = {}, spec = {}, more = {}) => {
  const nextVersion = { number: 1, attempts: failures, failures, ...more }
  return credential({ nextVersion, observedGeneration: 1 }, { generation: 1, ...meta }, spec)
}
const asked = cancelled(again)
const waiting = { number: 2, attempts: 0, failures: 0, queued: { taskId: 'task-2' } }
const noted = () => credential({ observedGeneration: 1, nextVersion: waiting }, { generation: 1 })
const calledOff = (by: string) => [leading, added(noted()), manual(2), deleted(task('task-2', 'queued'), by)]
const leaked = credential({}, {}, { revokeIssuedBefore: '2026-01-01T00:00:00Z' })
const manual = (number: number, name = '') =>
  added(
    task(
      `task-${number}${name}`,
      'queued',
      {},
      {
        trigger: 'manual_secret_rotation',
        version: number,
        credential: { uid: 'uid-db', name: 'db' },
      },
    ),
  )

const finished = object(Pods, { name: 'pod-1', labels: { [label.task]: 'task-1' } }, { status: { phase: 'Failed' } })
const stopping = job({}, { deletionTimestamp: '2026-01-01T00:00:00Z' })

check([
  {
    id: 'S24 pace',
    keeps: {
      'the first pause is over': [...failure, pass(10), tryAgain()],
      'other credentials are deleted': [
        ...failure,
        changed(
          task('task-9', 'queued', {}, { originTaskId: 'task-2' }),
          task('task-9', 'processing', {}, { originTaskId: 'task-2' }),
        ),
      ],
      'it turns out to be owed anew': [
        ...failure,
        changed(credential(), credential({ unresolved: [owed] })),
        tryAgain(),
      ],
      'clocks were set': [...failure, fault('clock jumps ahead'), tryAgain()],
      'a day has passed': [...failures(33), pass(86_400), tryAgain()],
    },
    breaks: {
      'the first pause is not over': [...failure, pass(5), tryAgain()],
      'the pause does not grow': [...failure, pass(10), ...failure, pass(10), tryAgain()],
      'it is tried every hour after the first day': [...failures(33), pass(3600), tryAgain()],
    },
  },
  {
    id: 'S28',
    keeps: {
      'its time is up': [claimed, pass(600), changed(running, timedOut)],
      'it fails for another reason': [
        claimed,
        changed(running, task('task-1', 'failed', { errors: [{ code: 'NoReport' }] })),
      ],
    },
    breaks: {
      'a clock has jumped': [claimed, pass(30), fault('clock jumps ahead'), changed(running, timedOut)],
    },
  },
  {
    id: 'S29',
    keeps: {
      'an interval has passed': [created, added(hourly()), pass(3600), rotation],
      'the version is suspect': [created, added(hourly({ suspect: 'its container failed' })), rotation],
      'a clock has jumped': [created, added(hourly()), fault('clock jumps ahead'), rotation],
      'nobody was there for long': [created, added(hourly()), pass(36_000), rotation],
    },
    breaks: {
      'it comes too soon': [created, added(hourly()), pass(1800), rotation],
      'a missed one is made up for': [
        created,
        added(hourly()),
        pass(36_000),
        changed(task('task-2', 'processing'), task('task-2', 'credentials_created')),
        changed(hourly(), hourly({ version: 2, taskId: 'task-2' })),
        added(task('task-3', 'queued', {}, { trigger: 'automatic_secret_rotation' })),
      ],
    },
  },
  {
    id: 'S29 word',
    keeps: {
      'it was asked for': [added(plain), changed(plain, asking('1')), manual(2)],
      'it fails and is tried again': [added(plain), changed(plain, asking('1')), manual(2), manual(2, 'again')],
      'what is to apply at once was edited': [
        added(plain),
        changed(plain, atOnce('a')),
        changed(atOnce('a'), atOnce('b')),
        manual(2),
        manual(3),
      ],
      'what was issued so far has leaked': [added(plain), changed(plain, leaked), manual(2), manual(3)],
      'what its provider has issued so far has leaked': [
        added(plain),
        added(
          object(CredentialsProviders, { name: 'ledger' }, { spec: { revokeIssuedBefore: '2026-01-01T00:00:00Z' } }),
        ),
        manual(2),
      ],
      'nobody was asked, as it is due by itself': [added(plain), rotation],
    },
    breaks: {
      'nobody has asked': [added(plain), manual(2)],
      'it was asked for once': [added(plain), changed(plain, asking('1')), manual(2), manual(3)],
      'what was edited applies later': [
        added(plain),
        changed(plain, credential({}, {}, { parameters: { role: 'a' } })),
        manual(2),
      ],
      'what shapes no version was edited': [
        added(atOnce('a')),
        manual(2),
        changed(atOnce('a'), atOnce('a', { ttl: undefined, target: {} })),
        manual(3),
      ],
    },
  },
  {
    id: 'S29 cancel',
    keeps: {
      'somebody has asked': [leading, added(cancelled(), 'person'), changed(cancelled(), asked), manual(2)],
      'the spec was edited': [leading, added(cancelled({ generation: 2 })), manual(2)],
      'its interval has passed': [leading, added(cancelled({}, { rotation: { interval: '1h' } })), manual(2)],
      'a dead process had sent it': [added(lease('operator-2')), added(cancelled()), manual(2)],
      'it waited, and somebody has asked since': [...calledOff('a person'), changed(noted(), asked), manual(2)],
      'it waited, and the operator has called it off': [...calledOff('operator-1'), manual(2)],
    },
    breaks: {
      'nobody has asked': [leading, added(cancelled()), manual(2)],
      'it waited, and nobody has asked': [...calledOff('a person'), manual(2)],
    },
  },
  {
    id: 'S29 given up',
    keeps: {
      'it has failed less often': [leading, added(failing(249)), manual(1)],
      'somebody has asked': [leading, added(failing(250)), changed(failing(250), failing(250, again)), manual(1)],
      'the spec was edited': [leading, added(failing(250, { generation: 2 })), manual(1)],
      'what consumers have has leaked': [leading, added(failing(250, {}, leak)), manual(1)],
    },
    breaks: {
      'nobody has asked': [leading, added(failing(250)), manual(1)],
      'what was asked for was tried already': [
        leading,
        added(failing(250, again, {}, { rotateRequest: 'again' })),
        manual(1),
      ],
    },
  },
  {
    id: 'S31',
    keeps: {
      'its pods have ended': [added(finished), tryAgain()],
      'its node has not answered for long': [changed(job(), stopping), started(), pass(600), tryAgain()],
      'a person took the Job away': [started(), hostile('strip finalizers of jobs'), tryAgain()],
    },
    breaks: {
      'its container is at work': [started(), tryAgain()],
      'its pod may still begin': [added(pod()), tryAgain()],
      'its node may still answer': [changed(job(), stopping), started(), pass(300), tryAgain()],
    },
  },
])
