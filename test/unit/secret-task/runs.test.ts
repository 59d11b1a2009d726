import { annotation } from '../../../src/api/labels.ts'
import { describe, expect, it } from 'vitest'
import type { Job, Pod } from '../../../src/api/resources.ts'
import {
  exitOf,
  failureOf,
  hasEnded,
  hasFailed,
  hasStarted,
  hasStartedTwice,
  isBlocked,
  lingers,
} from '../../../src/secret-task/runs.ts'
import { hindranceTo } from '../../../src/secret-task/hindrance.ts'
import { at } from '../../support/builders.ts'
import { aTask, jobOf, podOf } from '../../support/task-run.ts'

type ContainerState = Partial<NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number]>

const running = jobOf(aTask())
const job = (status: Job['status'] & {}): Job => ({ ...running, status })
const ended = (type: string, reason = '') => job({ conditions: [{ type, status: 'True', reason, message: 'why' }] })
const deleted: Job = { ...running, metadata: { ...running.metadata, deletionTimestamp: at() } }
const stopping: Job = { ...deleted, metadata: { ...deleted.metadata, annotations: { [annotation.stopped]: 'true' } } }
const { deletionTimestamp: _at, ...marked } = stopping.metadata
const forged: Job = { ...stopping, metadata: marked }
const counted = (status: NonNullable<Job['status']>): Job => ({ ...stopping, status })
const collecting: Job = { ...stopping, metadata: { ...stopping.metadata, finalizers: ['foregroundDeletion'] } }
const pod = (phase: string, ...containers: ContainerState[]): Pod => ({
  ...podOf(running),
  status: {
    phase,
    containerStatuses: containers.map((more) => ({
      name: 'provider',
      image: '',
      imageID: '',
      ready: false,
      restartCount: 0,
      ...more,
    })),
  },
})
const terminated = (exitCode: number, startedAt?: string) => ({
  state: { terminated: { exitCode, reason: 'Error', ...(startedAt !== undefined && { startedAt }) } },
})

const initially = (state: object, phase = 'Pending'): Pod => {
  const waits = pod(phase, { state: { waiting: { reason: 'PodInitializing' } } })
  const initContainerStatuses = [{ name: 'migrate', image: '', imageID: '', ready: false, restartCount: 0, state }]
  return { ...waits, status: { ...waits.status, initContainerStatuses } }
}

/** One that has been suspended, and resumed by the change of its spec that made it this generation. */
const resumed = (generation: number): Job => {
  const { metadata, ...rest } = job({ active: 1, conditions: [{ type: 'Suspended', status: 'False' }] })
  return { ...rest, metadata: { ...metadata, generation } }
}

describe('a Job', () => {
  it.each<[string, boolean, Job, Pod[]]>([
    ['has not ended while it says nothing', false, running, []],
    ['has ended when it is complete', true, ended('Complete'), []],
    ['has ended when it has failed', true, ended('Failed'), []],
    ['that is over has not ended while a pod is at work that was cut loose', false, ended('Failed'), [pod('Running')]],
    [
      'that is over has not ended while a container is at work whose pod was given up with its node',
      false,
      ended('Failed'),
      [pod('Failed', { state: { running: { startedAt: at() } } })],
    ],
    ['has not ended when it is only about to fail: a pod may be at work', false, ended('FailureTarget'), []],
    ['has not ended when it is about to be complete', false, ended('SuccessCriteriaMet'), []],
    ['that is being deleted has ended when its pods have', true, stopping, [pod('Failed'), pod('Succeeded')]],
    ['that somebody deleted has not ended, though no pod is known', false, deleted, []],
    ['that is stopped has not ended while the garbage collector is at it', false, collecting, []],
    ['that is stopped has not ended while a pod is counted that was not seen', false, counted({ active: 1 }), []],
    ['that is stopped has not ended while a pod is counted that goes', false, counted({ terminating: 1 }), []],
    ['that is stopped has ended when its pods are counted as failed', true, counted({ failed: 1 }), []],
    ['that merely says that it is stopped has not ended: its pod may be on its way', false, forged, []],
    ['that is being deleted has not ended while a pod is at work', false, stopping, [pod('Failed'), pod('Running')]],
    ['that is being deleted has not ended while a pod may begin', false, stopping, [pod('Pending')]],
    ['that is being deleted has not ended while nobody knows of a pod', false, stopping, [pod('Unknown')]],
  ])('%s', (_, expected, of, pods) => {
    expect(hasEnded(of, pods)).toBe(expected)
  })

  it('has failed only if it says so', () => {
    expect([running, ended('Complete'), ended('Failed')].map((job) => hasFailed(job, []))).toEqual([false, false, true])
  })

  it('has not failed where it was stopped when its provider was done', () => {
    const done = { ...stopping, metadata: { ...stopping.metadata, annotations: { [annotation.stopped]: 'done' } } }
    expect([stopping, done].map((job) => hasFailed(job, []))).toEqual([true, false])
  })

  it('says why it failed', () => {
    expect(failureOf(ended('Failed', 'DeadlineExceeded'))).toEqual({ reason: 'DeadlineExceeded', message: 'why' })
    expect(failureOf(ended('Complete'))).toBeUndefined()
  })

  it.each<[string, boolean, Job, Pod[]]>([
    ['not once', false, running, []],
    ['once', false, job({ active: 1 }), [pod('Running')]],
    ['twice, as two pods tell', true, running, [pod('Failed'), pod('Running')]],
    [
      'twice, as the Job controller’s count tells when one pod is gone',
      true,
      job({ active: 1, failed: 1 }),
      [pod('Running')],
    ],
    ['once, though a queue had held it back at first', false, resumed(2), [pod('Running')]],
    [
      'twice, where it was suspended in its midst: what went for that is not counted',
      true,
      resumed(3),
      [pod('Running')],
    ],
  ])('has started a pod %s', (_, expected, of, pods) => {
    expect(hasStartedTwice(of, pods)).toBe(expected)
  })
})

describe('a run that has reported', () => {
  const spec = { ...running.spec, suspend: true } as Job['spec'] & {}
  const cutLoose: Job = { ...ended('Complete'), metadata: deleted.metadata }
  const atWork = pod('Running', { state: { running: {} } })
  it.each<[string, boolean, Job, Pod[]]>([
    ['comes to its end by itself', false, running, [atWork]],
    ['is over, and the news of its pod are on their way', false, ended('Complete'), [atWork]],
    ['lingers where a deletion has cut its pod loose', true, cutLoose, [atWork]],
    ['lingers where the Job controller waits for its pod to go', true, ended('FailureTarget'), [atWork]],
    ['lingers while it is suspended, with no pod at all', true, { ...running, spec }, []],
    ['lingers no more once it is stopped', false, { ...collecting, spec }, []],
    [
      'lingers where only a container beside its provider goes on',
      true,
      running,
      [pod('Running', terminated(0, at()), { name: 'proxy', state: { running: {} } })],
    ],
    [
      'lingers where the proxy that goes on comes before a provider of another name',
      true,
      jobOf(aTask(), 'rotator'),
      [pod('Running', { name: 'proxy', state: { running: {} } }, { name: 'rotator', ...terminated(0, at()) })],
    ],
    [
      'goes on while its provider does, though what comes before it is done',
      false,
      jobOf(aTask(), 'rotator'),
      [pod('Running', { name: 'proxy', ...terminated(0, at()) }, { name: 'rotator', state: { running: {} } })],
    ],
  ])('%s', (_, expected, which, pods) => {
    expect(lingers(which, pods)).toBe(expected)
  })
})

describe('a container has begun', () => {
  it.each<[string, boolean, Pod]>([
    ['if the pod runs', true, pod('Running')],
    ['if the pod has ended well', true, pod('Succeeded')],
    ['if it runs though the pod is pending', true, pod('Pending', { state: { running: {} } })],
    ['if it has exited', true, pod('Failed', terminated(1, at()))],
    ['if it was started before', true, pod('Pending', { restartCount: 1 })],
    ['if it exited before', true, pod('Pending', { lastState: { terminated: { exitCode: 1 } } })],
    ['not while it waits', false, pod('Pending', { state: { waiting: { reason: 'ImagePullBackOff' } } })],
    ['not if it was never started, and its pod has failed', false, pod('Failed', terminated(137))],
    ['not in a pod that says nothing', false, podOf(running)],
    ['if any of several has', true, pod('Pending', { state: { waiting: {} } }, { state: { running: {} } })],
  ])('%s', (_, expected, of) => {
    expect(hasStarted(of)).toBe(expected)
  })
})

describe('a pod that does not get going says why', () => {
  const waiting = (reason: string, message?: string) =>
    pod('Pending', { state: { waiting: { reason, ...(message && { message }) } } })
  const unscheduled = (status: 'True' | 'False'): Pod => ({
    ...podOf(running),
    status: {
      phase: 'Pending',
      conditions: [{ type: 'PodScheduled', status, reason: 'Unschedulable', message: '0/3 nodes' }],
    },
  })
  it.each<[string, string | undefined, Pod]>([
    ['with a message', 'container provider: ErrImagePull: denied', waiting('ErrImagePull', 'denied')],
    ['without one', 'container provider: CrashLoopBackOff', waiting('CrashLoopBackOff')],
    ['not while all is as usual', undefined, waiting('ContainerCreating')],
    ['not while init containers run', undefined, waiting('PodInitializing')],
    [
      'if it is an init container that waits',
      'container migrate: ErrImagePull',
      initially({ waiting: { reason: 'ErrImagePull' } }),
    ],
    ['if no node takes it', 'pod: Unschedulable: 0/3 nodes', unscheduled('False')],
    ['not once it has a node', undefined, unscheduled('True')],
    ['not if it runs', undefined, pod('Running', { state: { running: {} } })],
  ])('%s', (_, expected, of) => {
    const seen = { job: running, pods: [of], podRefusal: undefined, jobRefusal: undefined }
    expect(hindranceTo(seen)?.text).toBe(expected)
  })
})

it('a pod’s exit is that of the init container that has failed, where nothing else has begun', () => {
  const failed = initially({ terminated: { exitCode: 2, reason: 'Error', startedAt: at() } }, 'Failed')
  expect(exitOf(running, failed)).toBe('init container migrate: Error, exit code 2')
  expect(isBlocked({ ...failed, spec: { nodeName: 'node-1', containers: [] } })).toBe(true)
})

it.each(['provider', 'rotator'])('a pod’s exit is that of the provider’s container: %s', (name) => {
  const beside = pod('Failed', { ...terminated(0), name: 'proxy' }, { ...terminated(3), name })
  expect(exitOf(jobOf(aTask(), name), beside)).toBe('Error, exit code 3')
})
