import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Jobs } from '../../../src/api/resources.ts'
import type { KubeApi } from '../../../src/kube/port.ts'
import { sleep } from '../../../src/runtime/clock.ts'
import { ApiError } from '../../../src/kube/errors.ts'
import { fencedApi, LeadershipLost } from '../../../src/kube/fence.ts'
import { leases } from '../../../src/kube/lease-record.ts'
import { createLeaderElector, type LeaderElector } from '../../../src/kube/lease.ts'
import { microTime } from '../../../src/kube/micro-time.ts'
import { FakeApi } from '../../support/fake-api.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { silentLogger } from '../../support/loggers.ts'

const key = { namespace: 'operators', name: 'leader' }
const away = new ApiError('ConnectionFailed', 'the API server is away')

let api: FakeApi
let clock: FakeClock
const unhandled: unknown[] = []
const keep = (reason: unknown) => unhandled.push(reason)

beforeEach(() => {
  api = new FakeApi()
  clock = new FakeClock()
  process.on('unhandledRejection', keep)
})
afterEach(async () => {
  await clock.settle()
  process.off('unhandledRejection', keep)
  expect(unhandled.splice(0)).toEqual([])
})

interface Candidate {
  readonly elector: LeaderElector
  readonly stop: AbortController
  /** What has happened to it so far. */
  readonly story: string[]
  /** Ends the work that it does as the leader. */
  readonly finish: () => void
  readonly clock: FakeClock
}

/** A process that wants to lead. It works until it is told to finish, or is stopped, or loses leadership. */
async function candidate(
  identity: string,
  options: { api?: KubeApi; clock?: FakeClock; slow?: boolean } = {},
): Promise<Candidate> {
  const story: string[] = []
  const own = options.clock ?? clock
  const elector = createLeaderElector({
    api: options.api ?? api,
    clock: own,
    random: () => 0,
    logger: silentLogger,
    ...key,
    identity,
  })
  const stop = new AbortController()
  const finished = Promise.withResolvers<undefined>()
  const finish = () => {
    finished.resolve(undefined)
  }
  const work = async (leadership: AbortSignal) => {
    story.push('leads')
    leadership.addEventListener('abort', () => story.push('is told that it lost'))
    if (options.slow !== true) {
      leadership.addEventListener('abort', finish)
      stop.signal.addEventListener('abort', finish)
    }
    await finished.promise
    story.push('has ended its work')
  }
  elector.run(stop.signal, work).then(
    () => story.push('ends'),
    (error: unknown) => story.push(error instanceof LeadershipLost ? 'ends deposed' : `fails: ${String(error)}`),
  )
  await own.settle()
  return { elector, stop, story, finish, clock: own }
}

const spec = () => api.peek(leases, key)?.spec
/** A network of one process that can be cut, be made to swallow renewals, or to bring answers late. */
function aNetwork() {
  const network = { up: true, swallows: 0, latencyMs: 0 }
  const through = async <T>(call: () => Promise<T>): Promise<T> => {
    if (!network.up) throw away
    const answer = await call()
    if (network.latencyMs > 0) await sleep(clock, network.latencyMs)
    return answer
  }
  const port: KubeApi = {
    ...fencedApi(api, () => true),
    get: (resource, at) => through(() => api.get(resource, at)),
    create: (resource, manifest) => through(() => api.create(resource, manifest)),
    patch: (resource, at, patch, options) => {
      if (network.swallows-- <= 0) return through(() => api.patch(resource, at, patch))
      return new Promise((_resolve, reject) => {
        options?.signal?.addEventListener('abort', () => {
          reject(away)
        })
      })
    },
  }
  return { network, port }
}

describe('a candidate', () => {
  it('takes a lease that does not exist, and writes times with six digits', async () => {
    const one = await candidate('one')
    expect(one.story).toEqual(['leads'])
    expect(one.elector.leading()).toBe(true)
    expect(spec()).toEqual({
      holderIdentity: 'one',
      leaseDurationSeconds: 15,
      acquireTime: '2026-01-01T00:00:00.000000Z',
      renewTime: '2026-01-01T00:00:00.000000Z',
      leaseTransitions: 0,
    })
    expect(microTime(Date.UTC(2026, 0, 2, 3, 4, 5, 67))).toBe('2026-01-02T03:04:05.067000Z')
  })

  it('renews every two seconds for as long as it works', async () => {
    const one = await candidate('one')
    await clock.advance(60_000)
    expect(one.elector.leading()).toBe(true)
    expect(spec()).toMatchObject({
      acquireTime: '2026-01-01T00:00:00.000000Z',
      renewTime: '2026-01-01T00:01:00.000000Z',
      leaseTransitions: 0,
    })
    expect(api.writes.length).toBe(31)
  })

  it('stands by while another renews', async () => {
    await candidate('one')
    const two = await candidate('two')
    await clock.advance(300_000)
    expect(two.story).toEqual([])
    expect(two.elector.leading()).toBe(false)
  })

  it('takes over at most 15 s and one retry after the last renewal that it saw', async () => {
    const { network, port } = aNetwork()
    const one = await candidate('one', { api: port })
    const two = await candidate('two')
    await clock.advance(10_000)
    network.up = false
    await clock.advance(15_000)
    expect(two.story).toEqual([])
    await clock.advance(4_000)
    expect(two.story).toEqual(['leads'])
    expect(one.story).toEqual(['leads', 'is told that it lost', 'has ended its work', 'ends deposed'])
    expect(spec()).toMatchObject({ holderIdentity: 'two', leaseTransitions: 1 })
  })

  it('judges a lease by its own observation, whatever the times in it say', async () => {
    const longAgo = '2001-01-01T00:00:00.000000Z'
    const held = { holderIdentity: 'other', leaseDurationSeconds: 15, renewTime: longAgo, acquireTime: longAgo }
    api.put(leases, { metadata: { ...key, uid: 'u', resourceVersion: '' }, spec: held })
    const one = await candidate('one')
    clock.jump(86_400_000)
    await clock.advance(15_000)
    expect(one.story).toEqual([])
    clock.jump(-86_400_000)
    await clock.advance(4_000)
    expect(one.story).toEqual(['leads'])
  })

  it.each([
    ['the longer lease of another version of itself', 60, 60_000],
    ['a leader that asks for less than the usual 15 s', 1, 15_000],
  ])('waits long enough for %s', async (_, leaseDurationSeconds, ms) => {
    const held = { holderIdentity: 'other', leaseDurationSeconds }
    api.put(leases, { metadata: { ...key, uid: 'u', resourceVersion: '' }, spec: held })
    const one = await candidate('one')
    await clock.advance(ms)
    expect(one.story).toEqual([])
    await clock.advance(4_000)
    expect(one.story).toEqual(['leads'])
  })

  it('takes a lease that is nobody’s at once', async () => {
    api.put(leases, { metadata: { ...key, uid: 'u', resourceVersion: '' } })
    expect((await candidate('one')).story).toEqual(['leads'])
  })

  it('loses a race, and stands by', async () => {
    api.meet('create', () => {
      api.put(leases, { metadata: { ...key, uid: 'u', resourceVersion: '' }, spec: { holderIdentity: 'fast' } })
    })
    const one = await candidate('one')
    expect(one.story).toEqual([])
    expect(spec()).toMatchObject({ holderIdentity: 'fast' })
  })

  it('finds out that a lost answer made it the leader', async () => {
    api.meet('create', 'lost')
    const one = await candidate('one')
    expect(one.story).toEqual([])
    await clock.advance(2_000)
    expect(one.story).toEqual(['leads'])
    expect(spec()).toMatchObject({ leaseTransitions: 0 })
  })

  it('survives an API server that is away', async () => {
    for (let i = 0; i < 5; i++) api.meet('get', away)
    const one = await candidate('one')
    await clock.advance(10_000)
    expect(one.story).toEqual(['leads'])
  })

  it('that is stopped ends without having led, and leaves no timer', async () => {
    await candidate('one')
    const leaderTimers = clock.pending
    const two = await candidate('two')
    two.stop.abort()
    await clock.settle()
    expect(two.story).toEqual(['ends'])
    expect(clock.pending).toBe(leaderTimers)
  })
})

describe('a leader', () => {
  it('that is stopped keeps the lease until its work has ended, and releases it then', async () => {
    const one = await candidate('one', { slow: true })
    const two = await candidate('two')
    one.stop.abort()
    await clock.advance(60_000)
    expect([one.story, two.story]).toEqual([['leads'], []])
    one.finish()
    await clock.advance(2_000)
    expect(one.story).toEqual(['leads', 'has ended its work', 'ends'])
    expect(two.story).toEqual(['leads'])
  })

  it('that is stopped leaves no timer', async () => {
    const one = await candidate('one')
    one.stop.abort()
    await clock.settle()
    expect(one.story.at(-1)).toBe('ends')
    expect(spec()?.holderIdentity).toBeUndefined()
    expect(clock.pending).toBe(0)
  })

  it('survives failures that are shorter than its deadline', async () => {
    const one = await candidate('one')
    for (let i = 0; i < 3; i++) api.meet('patch', away)
    await clock.advance(60_000)
    expect(one.story).toEqual(['leads'])
    expect(one.elector.leading()).toBe(true)
  })

  it('goes on after a renewal whose answer was lost', async () => {
    const one = await candidate('one')
    api.meet('patch', 'lost')
    await clock.advance(60_000)
    expect(one.elector.leading()).toBe(true)
  })

  it('stops 10 s after its last renewal was sent, long before anybody takes over', async () => {
    const { network, port } = aNetwork()
    const one = await candidate('one', { api: port })
    network.up = false
    await clock.advance(9_999)
    expect(one.elector.leading()).toBe(true)
    await clock.advance(1)
    expect(one.elector.leading()).toBe(false)
    expect(one.story.at(1)).toBe('is told that it lost')
  })

  it('counts from when a renewal was sent, not from its answer', async () => {
    const { network, port } = aNetwork()
    const one = await candidate('one', { api: port })
    network.latencyMs = 3_000
    await clock.advance(5_000)
    network.up = false
    // Sent at 2 s, answered at 5 s.
    await clock.advance(6_999)
    expect(one.elector.leading()).toBe(true)
    await clock.advance(1)
    expect(one.elector.leading()).toBe(false)
  })

  it('that is stopped during a renewal releases the lease all the same', async () => {
    const { network, port } = aNetwork()
    const one = await candidate('one', { api: port })
    network.latencyMs = 3_000
    await clock.advance(3_000)
    one.stop.abort()
    await clock.advance(10_000)
    expect(one.story.at(-1)).toBe('ends')
    expect(spec()?.holderIdentity).toBeUndefined()
  })

  it('stops on time even if every renewal hangs', async () => {
    const { network, port } = aNetwork()
    const one = await candidate('one', { api: port })
    network.swallows = 9
    await clock.advance(10_000)
    expect(one.elector.leading()).toBe(false)
    expect(one.story.at(1)).toBe('is told that it lost')
  })

  it('gives up a renewal that hangs in time for another', async () => {
    const { network, port } = aNetwork()
    const one = await candidate('one', { api: port })
    network.swallows = 1
    await clock.advance(60_000)
    expect(one.elector.leading()).toBe(true)
  })

  it.each<[string, () => void]>([
    [
      'another has taken it',
      () => api.put(leases, { metadata: { ...key, uid: 'u', resourceVersion: '' }, spec: { holderIdentity: 'x' } }),
    ],
    ['it was deleted', () => { api.drop(leases, key) }], // prettier-ignore
  ])('gives up at its next renewal when %s', async (_, act) => {
    const one = await candidate('one')
    act()
    await clock.advance(2_000)
    expect(one.story).toEqual(['leads', 'is told that it lost', 'has ended its work', 'ends deposed'])
  })

  it('does not write a lease that it no longer holds', async () => {
    const one = await candidate('one', { slow: true })
    api.put(leases, { metadata: { ...key, uid: 'u', resourceVersion: '' }, spec: { holderIdentity: 'x' } })
    await clock.advance(60_000)
    one.finish()
    await clock.settle()
    expect(one.story.at(-1)).toBe('ends deposed')
    expect(spec()).toEqual({ holderIdentity: 'x' })
  })

  it('whose work fails releases the lease and passes the failure on', async () => {
    const elector = createLeaderElector({ api, clock, random: () => 0, logger: silentLogger, ...key, identity: 'one' })
    const run = elector.run(new AbortController().signal, () => Promise.reject(new Error('broken')))
    await expect(run).rejects.toThrow('broken')
    expect(spec()?.holderIdentity).toBeUndefined()
  })
})

describe('a leader that was frozen for longer than its lease', () => {
  const write = (port: KubeApi) => port.create(Jobs, { metadata: { namespace: 'ns', name: 'a' } })

  it('knows it before any timer fires, and its writes are refused', async () => {
    const one = await candidate('one', { slow: true })
    const fenced = fencedApi(api, () => one.elector.leading())
    await expect(write(fenced)).resolves.toBeDefined()
    clock.pause(20_000)
    expect(one.story).toEqual(['leads'])
    expect(one.elector.leading()).toBe(false)
    await expect(write(fenced)).rejects.toThrow(LeadershipLost)
  })

  it('is told as soon as it wakes up, and does not take up again what has lapsed', async () => {
    const one = await candidate('one')
    const writes = api.writes.length
    clock.pause(20_000)
    await clock.advance(0)
    expect(one.story.at(1)).toBe('is told that it lost')
    await clock.advance(60_000)
    expect(one.story.at(-1)).toBe('ends deposed')
    expect(api.writes.length).toBe(writes)
  })

  it('never leads together with its successor, wherever it was frozen', async () => {
    for (let frozenAt = 0; frozenAt < 4_000; frozenAt += 250) {
      api = new FakeApi()
      // Two processes, so two clocks: one stands still while the other goes on.
      const slow = new FakeClock()
      const one = await candidate('one', { clock: slow })
      const two = await candidate('two')
      await slow.advance(frozenAt)
      await clock.advance(frozenAt)
      for (let t = 0; t < 30_000; t += 500) {
        slow.pause(500)
        await clock.advance(500)
        expect(one.elector.leading() && two.elector.leading()).toBe(false)
      }
      expect(two.elector.leading()).toBe(true)
      await slow.advance(10_000)
      expect(one.elector.leading()).toBe(false)
      expect(spec()).toMatchObject({ holderIdentity: 'two' })
    }
  })
})

describe('a fence', () => {
  const a = { namespace: 'ns', name: 'a' }
  it.each<[string, boolean, (port: KubeApi) => Promise<unknown>]>([
    ['create', false, (port) => port.create(Jobs, { metadata: a })],
    ['patch', false, (port) => port.patch(Jobs, a, { operations: [] })],
    ['remove', false, (port) => port.remove(Jobs, a)],
    ['dry run', true, (port) => port.create(Jobs, { metadata: a }, { dryRun: true })],
    ['dry run of a patch', true, (port) => port.patch(Jobs, a, { operations: [] }, { dryRun: true })],
    ['get', true, (port) => port.get(Jobs, a)],
    ['list', true, (port) => port.list(Jobs)],
    ['review', true, (port) => port.review(Jobs, { spec: { token: 'x' } })],
  ])('while not leading: %s passes: %s', async (_, passes, call) => {
    await call(fencedApi(api, () => false)).catch((error: unknown) => {
      expect(error instanceof LeadershipLost).toBe(!passes)
    })
    expect(api.calls.length).toBe(passes ? 1 : 0)
  })
})
