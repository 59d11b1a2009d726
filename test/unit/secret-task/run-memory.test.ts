import { describe, expect, it } from 'vitest'
import type { Job } from '../../../src/api/resources.ts'
import { RunMemory } from '../../../src/secret-task/run-memory.ts'
import { FakeClock } from '../../support/fake-clock.ts'

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
