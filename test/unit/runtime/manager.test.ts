import { describe, expect, it } from 'vitest'
import { LeadershipLost } from '../../../src/kube/fence.ts'
import type { LeaderElector } from '../../../src/kube/lease.ts'
import { runManager } from '../../../src/runtime/manager.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { silentLogger } from '../../support/loggers.ts'

const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => {
      resolve()
    })
  })

/** A manager whose parts write down what happens to them. */
async function aManager(parts: { synced?: boolean; refreshed?: boolean } = {}) {
  const story: string[] = []
  const clock = new FakeClock()
  const stop = new AbortController()
  const lease = new AbortController()
  const never = new Promise<void>(() => undefined)
  const informer = {
    start: async (signal: AbortSignal) => {
      story.push('informer starts')
      await aborted(signal)
      story.push('informer stops')
    },
    synced: () => (parts.synced === false ? never : Promise.resolve()),
    refresh: () => {
      story.push('informer refreshes')
      return parts.refreshed === false ? never : Promise.resolve()
    },
  }
  const elector: LeaderElector = {
    leading: () => !lease.signal.aborted,
    run: async (_, work) => {
      story.push('lease is taken')
      await work(lease.signal)
      if (lease.signal.aborted) throw new LeadershipLost()
      story.push('lease is released')
    },
  }
  const controller = {
    run: async (stopping: AbortSignal) => {
      story.push('controller starts')
      await aborted(stopping)
      story.push('controller drains')
    },
  }
  const attend = () => {
    story.push('caches are attended')
  }
  const run = runManager(
    { informers: [informer], elector, controllers: [controller], attend, logger: silentLogger },
    stop.signal,
  )
  run.then(
    () => story.push('ends'),
    (error: unknown) => story.push(`rejects: ${String(error)}`),
  )
  await clock.settle()
  return { story, clock, stop, lease }
}

describe('a manager', () => {
  it('starts caches, lease and controllers in this order, and stops them in reverse', async () => {
    const { story, stop, clock } = await aManager()
    expect(story).toEqual([
      'informer starts',
      'lease is taken',
      'informer refreshes',
      'caches are attended',
      'controller starts',
    ])
    story.length = 0
    stop.abort()
    await clock.settle()
    expect(story).toEqual(['controller drains', 'lease is released', 'informer stops', 'ends'])
    expect(clock.pending).toBe(0)
  })

  it('stands for no lease before its caches are in sync', async () => {
    const { story, stop, clock } = await aManager({ synced: false })
    expect(story).toEqual(['informer starts'])
    stop.abort()
    await clock.settle()
    expect(story).toEqual(['informer starts', 'informer stops', 'ends'])
  })

  it('starts no controller before its caches know the writes of the previous leader', async () => {
    const { story, lease, clock } = await aManager({ refreshed: false })
    expect(story.at(-1)).toBe('informer refreshes')
    lease.abort()
    await clock.settle()
    expect(story.at(-1)).toBe('rejects: LeadershipLost: leadership was lost')
  })

  it('stops everything and rejects when leadership is lost', async () => {
    const { story, lease, clock } = await aManager()
    lease.abort()
    await clock.settle()
    expect(story.slice(-3)).toEqual([
      'controller drains',
      'informer stops',
      'rejects: LeadershipLost: leadership was lost',
    ])
  })
})
