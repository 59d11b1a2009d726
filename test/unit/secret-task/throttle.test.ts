import { describe, expect, it } from 'vitest'
import type { CredentialsProvider, SecretTask } from '../../../src/api/generated.ts'
import { createCaches } from '../../../src/caches.ts'
import { Throttle } from '../../../src/secret-task/throttle.ts'
import { seeded } from '../../sim/random.ts'
import { aCredential, after, aProvider, at, START } from '../../support/builders.ts'
import { aCreation, type TaskBuilder } from '../../support/builders-tasks.ts'
import { FakeApi } from '../../support/fake-api.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { silentLogger } from '../../support/loggers.ts'

interface Situation {
  readonly spec?: Partial<CredentialsProvider['spec']>
  readonly most?: number
  readonly clock?: FakeClock
}

/** A throttle among these tasks, all of the provider `postgres`. */
function setUp({ spec = {}, most = 100, clock = new FakeClock(START) }: Situation = {}) {
  const { caches } = createCaches({ api: new FakeApi(), clock, random: seeded(1), logger: silentLogger })
  let revision = 0
  const put = ({ object }: TaskBuilder, type: 'ADDED' | 'MODIFIED' | 'DELETED' = 'ADDED'): SecretTask => {
    const seen = { ...object, metadata: { ...object.metadata, resourceVersion: String((revision += 1)) } }
    caches.tasks.apply({ type, object: seen })
    return seen
  }
  const limit = (more: Partial<CredentialsProvider['spec']>) => {
    const provider = aProvider()
    const metadata = { ...provider.metadata, resourceVersion: String((revision += 1)) }
    caches.providers.apply({ type: 'MODIFIED', object: { ...provider, metadata, spec: { ...provider.spec, ...more } } })
  }
  limit(spec)
  const held = new Set<string>()
  const throttle = new Throttle({ clock, most, mayBegin: ({ metadata }) => !held.has(metadata.name) })
  const suspend = (is: boolean) => {
    const credential = aCredential().spec({ suspend: is }).object
    const metadata = { ...credential.metadata, resourceVersion: String((revision += 1)) }
    caches.credentials.apply({ type: 'MODIFIED', object: { ...credential, metadata } })
  }
  const queued: string[] = []
  const later: number[] = []
  const attend = () => {
    throttle.attend(caches, {
      enqueue: ({ name }) => queued.push(name),
      enqueueAfter: (_, ms) => later.push(ms),
    })
  }
  return { clock, throttle, put, limit, attend, queued, later, held, suspend }
}
const task = (version: number): TaskBuilder => aCreation(version)
const MINUTE = 60_000

describe('a task has its turn', () => {
  it('at once where nothing limits it', () => {
    const { throttle, put, attend } = setUp()
    attend()
    expect(throttle.of(put(task(1)))).toEqual({ given: true })
  })

  it('when another one has ended, and is looked at again by then', () => {
    const { throttle, put, attend, queued } = setUp({ spec: { concurrency: 1 } })
    attend()
    put(task(1))
    const second = put(task(2))
    expect(throttle.of(second)).toEqual({
      given: false,
      why: 'Provider "postgres" is at its limit of 1 at the same time (spec.concurrency).',
    })
    put(task(1).processing(), 'MODIFIED')
    put(task(1).created(), 'MODIFIED')
    expect(queued.at(-1)).toBe(task(2).id)
    expect(throttle.of(second)).toEqual({ given: true })
  })

  it('when the one before is deleted, even before it has begun', () => {
    const { throttle, put, attend } = setUp({ most: 1 })
    attend()
    put(task(1))
    const second = put(task(2))
    expect(throttle.of(second)).toMatchObject({
      given: false,
      why: expect.stringContaining('MAX_RUNNING_TASKS') as string,
    })
    put(task(1), 'DELETED')
    expect(throttle.of(second)).toEqual({ given: true })
  })

  it('when an administrator raises the limit', () => {
    const { throttle, put, attend, limit } = setUp({ spec: { concurrency: 1 } })
    attend()
    put(task(1))
    const second = put(task(2))
    limit({ concurrency: 2 })
    expect(throttle.of(second)).toEqual({ given: true })
  })

  it('once its credential is not suspended any more, in its place; as long, others go first, and it says why', () => {
    const { throttle, put, attend, queued, held, suspend } = setUp({ spec: { concurrency: 1 } })
    attend()
    put(task(1))
    const [second, third] = [put(task(2)), put(task(3))]
    suspend(true)
    held.add(task(2).id)
    put(task(1), 'DELETED')
    expect(throttle.of(second)).toEqual({ given: false, why: 'Its credential is suspended (spec.suspend).' })
    expect(throttle.of(third)).toEqual({ given: true })
    put(task(3), 'DELETED')
    held.clear()
    queued.length = 0
    suspend(false)
    expect(queued).toEqual([task(2).id])
    expect(throttle.of(second)).toEqual({ given: true })
  })

  it('and keeps it while its claim is on its way: no other takes its place', () => {
    const { throttle, put, attend } = setUp({ spec: { concurrency: 1 } })
    attend()
    const first = put(task(1))
    expect(throttle.of(first)).toEqual({ given: true })
    expect(throttle.of(put(task(2)))).toMatchObject({ given: false })
    expect(throttle.of(first)).toEqual({ given: true })
  })
})

describe('a rate', () => {
  const spec = { rateLimit: { tasks: 1, period: '1m' } }
  it('is kept, and the next one looked at when its time has come', () => {
    const { throttle, put, attend, later, clock } = setUp({ spec })
    attend()
    put(task(1))
    put(task(1).processing(), 'MODIFIED')
    put(task(1).created(), 'MODIFIED')
    const second = put(task(2))
    expect(throttle.of(second)).toEqual({
      given: false,
      why: 'Provider "postgres" is at its limit of 1 in 60 s (spec.rateLimit).',
    })
    expect(later.at(-1)).toBe(MINUTE)
    clock.jump(MINUTE)
    expect(throttle.of(second)).toEqual({ given: true })
  })

  it('counts a task from its claim, however long that was on its way', () => {
    const { throttle, put, attend, clock } = setUp({ spec })
    attend()
    put(task(1))
    clock.jump(2 * MINUTE)
    const second = put(task(2))
    expect(throttle.of(second)).toMatchObject({ given: false })
    put(task(1).processing(new Date(clock.now()).toISOString()), 'MODIFIED')
    clock.jump(MINUTE - 1)
    expect(throttle.of(second)).toMatchObject({ given: false })
    clock.jump(1)
    expect(throttle.of(second)).toEqual({ given: true })
  })

  it('is kept though the clock goes on while it is judged', () => {
    class Running extends FakeClock {
      override now(): number {
        this.jump(1)
        return super.now()
      }
    }
    const { throttle, put, attend } = setUp({ spec, clock: new Running(START) })
    attend()
    expect(throttle.of(put(task(1)))).toEqual({ given: true })
    expect(throttle.of(put(task(2)))).toMatchObject({ given: false })
  })

  it('is not used up for ever by a task whose claim is refused', () => {
    const { throttle, put, attend, clock } = setUp({ spec })
    attend()
    put(task(1))
    const second = put(task(2))
    clock.jump(10 * MINUTE)
    expect(throttle.of(second)).toMatchObject({ given: false })
    clock.jump(MINUTE)
    expect(throttle.of(second)).toEqual({ given: true })
  })

  it('survives a restart: the records tell what has begun of late', () => {
    const { throttle, put, attend } = setUp({ spec })
    put(task(1).status({ ...task(1).created().object.status, startedAt: at() }))
    const second = put(task(2))
    attend()
    expect(throttle.of(second)).toMatchObject({ given: false })
  })
})

it('a record that is removed is no second start', () => {
  const { throttle, put, attend } = setUp({ spec: { rateLimit: { tasks: 2, period: '1d' } } })
  attend()
  put(task(1))
  put(task(1).processing(), 'MODIFIED')
  put(task(1).created(), 'MODIFIED')
  put(task(1).created(), 'DELETED')
  expect(throttle.of(put(task(2)))).toEqual({ given: true })
  expect(throttle.of(put(task(3)))).toMatchObject({ given: false })
})

describe('after a restart', () => {
  it('what is at work counts, whatever is seen first', () => {
    const { throttle, put, attend } = setUp({ spec: { concurrency: 1 } })
    const waiting = put(task(1))
    put(task(2).processing(new Date(after('0s')).toISOString()))
    attend()
    expect(throttle.of(waiting)).toMatchObject({ given: false })
  })
})
