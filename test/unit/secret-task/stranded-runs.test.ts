import { describe, expect, it } from 'vitest'
import { annotation } from '../../../src/api/labels.ts'
import type { Job, Pod } from '../../../src/api/resources.ts'
import { createCaches } from '../../../src/caches.ts'
import { runOf } from '../../../src/secret-task/run-facts.ts'
import { StrandedRuns } from '../../../src/secret-task/stranded-runs.ts'
import { seeded } from '../../sim/random.ts'
import { at } from '../../support/builders.ts'
import { FakeApi } from '../../support/fake-api.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { silentLogger } from '../../support/loggers.ts'
import { aTask, jobOf, podOf } from '../../support/task-run.ts'

const MINUTE = 60_000
const running = jobOf(aTask())
const stopped: Job = {
  ...running,
  metadata: {
    ...running.metadata,
    deletionTimestamp: at(),
    annotations: { ...running.metadata.annotations, [annotation.stopped]: 'true' },
  },
}
const failed: Job = { ...running, status: { conditions: [{ type: 'Failed', status: 'True' }] } }
const bound = podOf(running)
const pod = (phase: string, nodeName?: string, state: object = {}): Pod => ({
  ...bound,
  metadata: { ...bound.metadata, labels: { ...bound.metadata.labels, ...running.metadata.labels } },
  spec: { containers: [], ...(nodeName !== undefined && { nodeName }) },
  status: {
    phase,
    containerStatuses: [{ name: 'provider', image: '', imageID: '', ready: true, restartCount: 0, state }],
  },
})
const working = pod('Running', 'node-1')
const pulling = pod('Pending', 'node-1', { waiting: { reason: 'ErrImagePull' } })

/** A process that has seen this Job and these pods. */
function watching(job: Job, pods: readonly Pod[]) {
  const clock = new FakeClock()
  const { caches } = createCaches({ api: new FakeApi(), clock, random: seeded(1), logger: silentLogger })
  const stranded = new StrandedRuns(clock)
  stranded.attend(caches)
  caches.jobs.replace([job], '1')
  caches.pods.replace(pods, '1')
  const facts = () => runOf(job, caches.pods.list(), { now: clock.now(), ...stranded.of(job) })[0]
  const ended = () => facts()?.ended
  const endsBy = () => facts()?.endsBy
  const removed = () => {
    caches.pods.replace([], '2')
  }
  return { clock, ended, endsBy, removed, stranded, caches }
}

describe('a stopped run whose node does not answer', () => {
  it('is waited for ten minutes, on a clock that does not jump', () => {
    const { clock, ended, endsBy, caches } = watching(stopped, [working])
    clock.jump(60 * MINUTE)
    expect(ended()).toBe(false)
    expect(endsBy()).toBe(clock.now() + 10 * MINUTE)
    clock.pause(10 * MINUTE - 1)
    caches.jobs.replace([{ ...stopped, metadata: { ...stopped.metadata, resourceVersion: '2' } }], '2')
    expect(ended()).toBe(false)
    clock.pause(1)
    expect(ended()).toBe(true)
  })

  it('is waited for until the kubelet itself has ended its pod, where that takes longer', () => {
    const spec = {
      template: { spec: { containers: [], activeDeadlineSeconds: 1800, terminationGracePeriodSeconds: 60 } },
    }
    const { clock, ended } = watching({ ...stopped, spec }, [working])
    clock.pause(31 * MINUTE - 1)
    expect(ended()).toBe(false)
    clock.pause(1)
    expect(ended()).toBe(true)
  })
})

describe('a pod that goes', () => {
  const verdicts = (seen: Pod) => {
    const { ended, removed, clock } = watching(failed, [seen])
    removed()
    const before = ended()
    clock.pause(10 * MINUTE)
    return [before, ended()]
  }

  it.each([
    ['while it is at work strands its run: its container may go on', working, [false, true]],
    ['before anybody has heard of it strands its run', pod('Pending', 'node-1'), [false, true]],
    ['before its image was there strands it as well: the kubelet tries again', pulling, [false, true]],
    ['of a task of the same name does not', { ...working, metadata: bound.metadata }, [true, true]],
    ['when it has come to its end does not', pod('Failed', 'node-1'), [true, true]],
    ['before it has a node does not', pod('Pending'), [true, true]],
  ])('%s', (_, seen, expected) => {
    expect(verdicts(seen)).toEqual(expected)
  })

  it('is forgotten with its Job', () => {
    const { removed, caches, stranded } = watching(failed, [working])
    removed()
    caches.jobs.replace([], '3')
    expect(stranded.of(failed)).toEqual({ lostPod: false, leftMs: Infinity })
  })
})
