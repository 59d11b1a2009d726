import { describe, expect, it } from 'vitest'
import type { SecretTask } from '../../../src/api/generated.ts'
import type { Job, Pod } from '../../../src/api/resources.ts'
import { createCaches } from '../../../src/caches.ts'
import { RunMemory } from '../../../src/secret-task/run-memory.ts'
import { seeded } from '../../sim/random.ts'
import { FakeApi } from '../../support/fake-api.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { silentLogger } from '../../support/loggers.ts'
import { aTask, jobOf, podOf } from '../../support/task-run.ts'

const setUp = () => {
  const clock = new FakeClock()
  return { clock, memory: new RunMemory(clock) }
}
const task = { name: 'sm-task-1', uid: 'uid-1' }
/** A Job whose pods the Job controller has counted so. */
const jobWith = (status: Job['status'] = {}): Job => ({
  metadata: { namespace: 'team-a', name: task.name, uid: 'job-1', resourceVersion: '1' },
  status,
})
const job = jobWith()

describe('the time that a run has lasted', () => {
  it('is counted from the claim', () => {
    const { clock, memory } = setUp()
    memory.elapsedMs(task.uid)
    clock.pause(5000)
    memory.claimed(task.uid)
    clock.pause(3000)
    expect(memory.elapsedMs(task.uid)).toBe(3000)
  })

  it('begins anew in a process that has just seen the run', () => {
    expect(setUp().memory.elapsedMs(task.uid)).toBe(0)
  })

  it('does not jump with the wall clock (S28)', () => {
    const { clock, memory } = setUp()
    memory.claimed(task.uid)
    clock.jump(3_600_000)
    expect(memory.elapsedMs(task.uid)).toBe(0)
  })
})

describe('nothing is taken for certain', () => {
  it('by a process that did not create the Job', () => {
    const { memory } = setUp()
    expect(memory.neverStarted(task, job)).toBe(false)
    memory.claimed(task.uid)
    expect(memory.neverStarted(task, job)).toBe(false)
    expect(memory.isCreated(task.uid)).toBe(false)
  })

  it('except by the one that did, until a container begins', () => {
    const { memory } = setUp()
    memory.created(task.uid)
    expect(memory.neverStarted(task, job)).toBe(true)
  })

  it('once a run is forgotten', () => {
    const { memory } = setUp()
    memory.claimed(task.uid)
    memory.created(task.uid)
    memory.forget(task)
    expect([memory.isClaimedHere(task.uid), memory.isCreated(task.uid), memory.neverStarted(task, job)]).toEqual([
      false,
      false,
      false,
    ])
  })
})

describe('a pod that has no node', () => {
  const open = aTask()
  const unbound: Pod = { ...podOf(jobOf(open)), status: { phase: 'Pending' } }

  it.each([
    ['proves that nothing began, when a watch tells that it goes', true],
    ['proves nothing, when it was there in one list and is not in the next', false],
  ])('%s', (_, isWatched) => {
    const { clock, memory } = setUp()
    const { caches } = createCaches({ api: new FakeApi(), clock, random: seeded(1), logger: silentLogger })
    memory.attend(caches)
    memory.created(open.metadata.uid)
    caches.tasks.replace([open], '1')
    caches.pods.replace([unbound], '1')
    expect(memory.neverStarted(open.metadata, jobOf(open))).toBe(true)
    const last = { ...unbound, metadata: { ...unbound.metadata, resourceVersion: '2' } }
    if (isWatched) caches.pods.apply({ type: 'DELETED', object: last })
    else caches.pods.replace([], '2')
    expect(memory.neverStarted(open.metadata, jobOf(open))).toBe(isWatched)
  })
})

describe('what was seen of a pod', () => {
  /** Whether it is held against a run that a pod of it was seen at work. */
  function counts(run: SecretTask, tasks: readonly SecretTask[]): boolean {
    const { clock, memory } = setUp()
    const { caches } = createCaches({ api: new FakeApi(), clock, random: seeded(1), logger: silentLogger })
    memory.attend(caches)
    memory.created(run.metadata.uid)
    caches.tasks.replace(tasks, '1')
    caches.pods.replace([{ ...podOf(jobOf(run)), status: { phase: 'Running' } }], '1')
    return !memory.neverStarted(run.metadata, jobOf(run))
  }

  it('counts while its task goes on, and is not kept for one that has ended or gone', () => {
    const [open, ended] = [aTask(), aTask({ state: 'failed' })]
    expect([counts(open, [open]), counts(ended, [ended]), counts(open, [])]).toEqual([true, false, false])
  })
})
