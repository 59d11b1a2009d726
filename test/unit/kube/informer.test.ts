import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ApiError } from '../../../src/kube/errors.ts'
import { createInformer, type InformerOptions } from '../../../src/kube/informer.ts'
import type { Page } from '../../../src/kube/port.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { ListWatchScript, page, type Answer } from '../../support/list-watch-script.ts'
import { recordingLogger } from '../../support/loggers.ts'
import { thing, things, type Thing } from '../../support/things.ts'

const expired = new ApiError('Expired', 'too old resource version', { code: 410 })
const broken = new ApiError('ConnectionFailed', 'read ECONNRESET')

async function anInformer(lists: Answer[], options: Partial<InformerOptions<Thing, never>> = {}) {
  const api = new ListWatchScript().willList(...lists)
  const clock = new FakeClock()
  const logger = recordingLogger()
  const informer = createInformer<Thing>({
    api,
    resource: things,
    indexers: {},
    clock,
    random: () => 0.5,
    logger,
    ...options,
  })
  const stop = new AbortController()
  let ended = false
  const end = informer.start(stop.signal).then(() => (ended = true))
  await clock.settle()
  return { api, clock, logger, informer, stop, end, hasEnded: () => ended, names: () => namesIn(informer.store.list()) }
}

const namesIn = (objects: readonly Thing[]) =>
  objects.map(({ metadata }) => `${metadata.name}@${metadata.resourceVersion}`)

const unhandled: unknown[] = []
const keep = (reason: unknown) => unhandled.push(reason)
beforeEach(() => {
  process.on('unhandledRejection', keep)
})
afterEach(() => {
  process.off('unhandledRejection', keep)
  expect(unhandled.splice(0)).toEqual([])
})

describe('an informer', () => {
  it('lists exactly and in pages, then watches from there with bookmarks', async () => {
    const test = await anInformer([page(7, [thing('a', 3)])])
    expect(test.api.asked).toEqual(['list limit=500', 'watch from 7'])
    expect(test.names()).toEqual(['a@3'])
    await expect(test.informer.synced()).resolves.toBeUndefined()
  })

  it('asks for a watch of five to ten minutes, at random', async () => {
    const seconds: number[] = []
    for (const random of [0, 0.5, 0.999]) {
      const { api } = await anInformer([page(1, [])], { random: () => random })
      seconds.push(api.lastWatch.options.timeoutSeconds)
    }
    expect(seconds).toEqual([300, 450, 600])
  })

  it('passes its selection on to lists and watches', async () => {
    const selection = { namespace: 'ns', labelSelector: 'a=b', metadataOnly: true }
    const { api } = await anInformer([page(1, [])], selection)
    expect(api.lastWatch.options).toMatchObject(selection)
  })

  it('reads all pages', async () => {
    const test = await anInformer([
      page(9, [thing('a', 1)], 'two'),
      page(9, [thing('b', 2)], 'three'),
      page(9, [thing('c', 3)]),
    ])
    expect(test.api.asked).toEqual([
      'list limit=500',
      'list limit=500 continue=two',
      'list limit=500 continue=three',
      'watch from 9',
    ])
    expect(test.names()).toEqual(['a@1', 'b@2', 'c@3'])
  })

  it('has made a page small before it asks for the next', async () => {
    const slimmed: string[] = []
    const slim = (object: Thing) => {
      slimmed.push(object.metadata.name)
      return object
    }
    await anInformer([page(9, [thing('a', 1), thing('b', 2)], 'two'), 'silence'], { slim })
    expect(slimmed).toEqual(['a', 'b'])
  })

  it('begins anew where the snapshot expires between two pages', async () => {
    const test = await anInformer([page(9, [thing('a', 1)], 'two'), expired, page(20, [thing('b', 12)])])
    await test.clock.advance(400)
    expect(test.api.asked).toEqual(['list limit=500', 'list limit=500 continue=two', 'list limit=500', 'watch from 20'])
    expect(test.names()).toEqual(['b@12'])
  })

  it('follows events, and takes up the watch again where it ended', async () => {
    const test = await anInformer([page(1, [])])
    test.api.lastWatch.send('ADDED', thing('a', 2))
    test.api.lastWatch.send('BOOKMARK', thing('', 50))
    await test.clock.settle()
    test.api.lastWatch.end()
    await test.clock.settle()
    expect(test.names()).toEqual(['a@2'])
    expect(test.api.asked.slice(1)).toEqual(['watch from 1', 'watch from 50'])
  })

  it('takes up the watch again after a reset, without a list', async () => {
    const test = await anInformer([page(1, [])])
    test.api.lastWatch.send('ADDED', thing('a', 2))
    test.api.lastWatch.fail(broken)
    await test.clock.advance(400)
    expect(test.api.asked.slice(1)).toEqual(['watch from 1', 'watch from 2'])
  })

  it('lists exactly when the server has forgotten the position, and reports what it missed', async () => {
    const test = await anInformer([page(1, [thing('a', 1)]), page(90, [thing('b', 80)])])
    const seen: string[] = []
    test.informer.store.subscribe(({ type, object }) => seen.push(`${type} ${object.metadata.name}`))
    test.api.lastWatch.fail(expired)
    await test.clock.advance(400)
    expect(test.api.asked.slice(2)).toEqual(['list limit=500', 'watch from 90'])
    expect(seen).toEqual(['added a', 'deleted a', 'added b'])
  })

  it('rejects a list from the past and asks for another, an exact one', async () => {
    const test = await anInformer([page(50, [thing('a', 40)]), page(30, []), page(60, [thing('a', 40)])])
    test.api.lastWatch.fail(expired)
    await test.clock.advance(400)
    expect(test.names()).toEqual(['a@40'])
    await test.clock.advance(800)
    expect(test.api.asked.slice(2)).toEqual(['list limit=500', 'list limit=500', 'watch from 60'])
  })

  it('doubles its delay up to 30 s, at random, and starts afresh after two healthy minutes', async () => {
    const test = await anInformer([page(1, []), ...Array<Error>(12).fill(broken), page(1, [])])
    test.api.lastWatch.fail(expired)
    const delays: number[] = []
    for (let i = 0; i < 8; i++) {
      const since = test.clock.monotonic()
      const asked = test.api.asked.length
      while (test.api.asked.length === asked) await test.clock.advance(50)
      delays.push(test.clock.monotonic() - since)
    }
    // Half of each bound, with a random source that always says one half.
    expect(delays).toEqual([400, 800, 1600, 3200, 6400, 12_800, 15_000, 15_000])
    await test.clock.advance(120_000)
    test.api.lastWatch.send('BOOKMARK', thing('', 2))
    await test.clock.advance(121_000)
    const watches = test.api.watches.length
    test.api.lastWatch.fail(broken)
    await test.clock.advance(400)
    expect(test.api.watches.length).toBe(watches + 1)
  })

  it('honours Retry-After', async () => {
    const busy = new ApiError('TooManyRequests', 'slow down', { code: 429, retryAfterSeconds: 17 })
    const test = await anInformer([busy, page(1, [])])
    await test.clock.advance(17_000)
    expect(test.api.asked).toEqual(['list limit=500'])
    await test.clock.advance(400)
    expect(test.api.asked.length).toBe(3)
  })

  it('gives up a watch that has been silent for two and a half minutes', async () => {
    const test = await anInformer([page(1, [])])
    await test.clock.advance(100_000)
    test.api.lastWatch.send('BOOKMARK', thing('', 2))
    await test.clock.advance(149_000)
    expect(test.api.watches.length).toBe(1)
    expect(test.informer.silentForMs()).toBe(149_000)
    await test.clock.advance(1_400)
    expect(test.api.watches.map(({ options }) => options.signal.aborted)).toEqual([true, false])
    expect(test.api.asked.at(-1)).toBe('watch from 2')
  })

  it('gives up a watch that outlives its agreed end', async () => {
    const test = await anInformer([page(1, [])])
    for (let minute = 1; minute <= 8; minute++) {
      test.api.watches[0]?.send('BOOKMARK', thing('', 1 + minute))
      await test.clock.advance(60_000)
    }
    await test.clock.advance(400)
    expect(test.api.watches.length).toBe(2)
    expect(test.api.watches[0]?.options.signal.aborted).toBe(true)
  })

  it('takes a watch that ends as soon as it has begun for a failure, not for a busy loop', async () => {
    const test = await anInformer([page(1, [])])
    test.api.lastWatch.end()
    await test.clock.settle()
    expect(test.api.watches.length).toBe(1)
    await test.clock.advance(400)
    expect(test.api.watches.length).toBe(2)
  })

  it('doubts its position after five watches that brought nothing but errors', async () => {
    const test = await anInformer([page(1, []), page(40, [])])
    for (let i = 0; i < 5; i++) {
      test.api.lastWatch.fail(new ApiError('ServerError', 'too large resource version', { code: 500 }))
      await test.clock.advance(30_000)
    }
    expect(test.api.asked.slice(-2)).toEqual(['list limit=500', 'watch from 40'])
  })

  it('survives an error that is none of the API server', async () => {
    const test = await anInformer([page(1, []), page(2, [])])
    test.api.lastWatch.fail(new TypeError('a mistake'))
    await test.clock.advance(400)
    expect(test.api.asked.at(-1)).toBe('watch from 2')
  })

  it('refreshes with an exact list that begins after the wish', async () => {
    const test = await anInformer([page(1, []), page(9, [thing('a', 8)])])
    await test.informer.refresh()
    await test.clock.settle()
    expect(test.names()).toEqual(['a@8'])
    expect(test.api.asked.slice(1)).toEqual(['watch from 1', 'list limit=500', 'watch from 9'])
    expect(test.logger.lines).toEqual([])
  })

  it('refreshes in spite of failures, and of a list that hangs', async () => {
    const test = await anInformer(['silence', broken, page(9, [])])
    let refreshed = false
    void test.informer.refresh().then(() => (refreshed = true))
    await test.clock.settle()
    expect(refreshed).toBe(false)
    await test.clock.advance(400)
    expect(refreshed).toBe(true)
  })

  it('takes no list for a refresh that was under way before', async () => {
    const early = Promise.withResolvers<Page<Thing>>()
    const test = await anInformer([early.promise, page(9, [thing('a', 8)])])
    const refreshed = test.informer.refresh().then(() => test.names())
    early.resolve(page(3, []))
    expect(await refreshed).toEqual(['a@8'])
  })

  it.each([
    ['while it watches', [page(1, [])]],
    ['while it lists', ['silence' as const]],
    ['while it waits to try again', [broken]],
  ])('stops %s, and leaves nothing behind', async (_, lists) => {
    const test = await anInformer(lists)
    test.stop.abort()
    await test.clock.settle()
    expect(test.hasEnded()).toBe(true)
    expect(test.clock.pending).toBe(0)
    expect(test.api.watches.every(({ options }) => options.signal.aborted)).toBe(true)
  })
})
