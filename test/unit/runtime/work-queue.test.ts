import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { WorkQueue, type WorkQueueOptions } from '../../../src/runtime/work-queue.ts'
import { FakeClock } from '../../support/fake-clock.ts'

function aQueue(options: Partial<WorkQueueOptions> = {}) {
  const clock = new FakeClock()
  let depth = 0
  const onDepth = (keys: number) => {
    depth = keys
    options.onDepth?.(keys)
  }
  const queue = new WorkQueue({ clock, random: () => 1, ...options, onDepth })
  /** The number of keys that wait for a worker, as the queue has told it. */
  const depthNow = () => depth
  /** Keys that can be had without waiting, in order. They stay under way. */
  const takeAll = async (): Promise<string[]> => {
    const keys: string[] = []
    while (depth > 0) keys.push((await queue.next()) ?? 'shut down')
    return keys
  }
  return { clock, queue, depthNow, takeAll }
}

describe('a work queue', () => {
  it('holds a key once, however often it is added', async () => {
    const { queue, takeAll } = aQueue()
    for (let i = 0; i < 5; i++) queue.add('ns/a')
    expect(await takeAll()).toEqual(['ns/a'])
  })

  it('hands a key out again only after it is done, if it was added meanwhile', async () => {
    const { queue, depthNow, takeAll } = aQueue()
    queue.add('ns/a')
    await queue.next()
    queue.add('ns/a')
    queue.add('ns/a')
    expect(depthNow()).toBe(0)
    queue.done('ns/a')
    expect(await takeAll()).toEqual(['ns/a'])
    queue.done('ns/a')
    expect(depthNow()).toBe(0)
  })

  it('gives a key to a worker that waits', async () => {
    const { queue } = aQueue()
    const next = queue.next()
    queue.add('ns/a')
    expect(await next).toBe('ns/a')
  })

  it('adds later, at the earliest of several times', async () => {
    const { clock, queue, depthNow, takeAll } = aQueue()
    queue.addAfter('ns/a', 5_000)
    queue.addAfter('ns/a', 1_000)
    queue.addAfter('ns/a', 9_000)
    await clock.advance(999)
    expect(depthNow()).toBe(0)
    await clock.advance(1)
    expect(await takeAll()).toEqual(['ns/a'])
    queue.done('ns/a')
    await clock.advance(60_000)
    expect(depthNow()).toBe(0)
  })

  it('fires delays in order with a single timer', async () => {
    const { clock, queue, takeAll } = aQueue()
    for (const seconds of [7, 3, 9, 1, 5, 8, 2, 6, 4]) queue.addAfter(`ns/${seconds}`, seconds * 1000)
    expect(clock.pending).toBe(1)
    await clock.advance(10_000)
    expect(await takeAll()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => `ns/${n}`))
  })

  it('doubles the delay of a failing key from 1 s to 5 min, until it is forgotten', async () => {
    const { clock, queue } = aQueue()
    const delays: number[] = []
    const fail = async () => {
      const since = clock.monotonic()
      queue.retry('ns/a')
      const next = queue.next()
      void next.then(() => delays.push((clock.monotonic() - since) / 1000))
      await clock.advance(300_000)
      queue.done('ns/a')
    }
    for (let i = 0; i < 11; i++) await fail()
    queue.forget('ns/a')
    await fail()
    expect(delays).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 1])
  })

  it('spreads retries over the upper half of the delay', async () => {
    const { clock, queue, depthNow } = aQueue({ random: () => 0 })
    queue.retry('ns/a')
    await clock.advance(499)
    expect(depthNow()).toBe(0)
    await clock.advance(1)
    expect(depthNow()).toBe(1)
  })

  it('waits at least as long as the server asks for', async () => {
    const { clock, queue, depthNow } = aQueue({ random: () => 0 })
    queue.retry('ns/a', 20_000)
    await clock.advance(19_999)
    expect(depthNow()).toBe(0)
    await clock.advance(1)
    expect(depthNow()).toBe(1)
  })

  it('lets namespaces take turns, so that a crowded one does not starve the others', async () => {
    const { queue, takeAll } = aQueue()
    for (let i = 0; i < 10_000; i++) queue.add(`crowded/${i}`)
    queue.add('quiet/a')
    queue.add('quiet/b')
    queue.add('other/a')
    expect((await takeAll()).slice(0, 6)).toEqual([
      'crowded/0',
      'quiet/a',
      'other/a',
      'crowded/1',
      'quiet/b',
      'crowded/2',
    ])
  })

  it('tells its depth and how long a key has waited', async () => {
    const depths: number[] = []
    const waits: number[] = []
    const { clock, queue, takeAll } = aQueue({ onDepth: (n) => depths.push(n), onWaited: (s) => waits.push(s) })
    queue.add('ns/a')
    queue.add('ns/b')
    await clock.advance(3_000)
    await takeAll()
    expect(depths).toEqual([1, 2, 1, 0])
    expect(waits).toEqual([3, 3])
  })

  describe('that shuts down', () => {
    it('sends waiting workers home, drops what waits, and leaves no timer', async () => {
      const { clock, queue } = aQueue()
      const idle = queue.next()
      queue.addAfter('ns/later', 1_000)
      await queue.shutDown()
      expect(await idle).toBeUndefined()
      queue.add('ns/new')
      queue.addAfter('ns/new', 1)
      expect(await queue.next()).toBeUndefined()
      expect(clock.pending).toBe(0)
    })

    it('is drained when the keys under way are done', async () => {
      const { clock, queue } = aQueue()
      queue.add('ns/a')
      await queue.next()
      let drained = false
      void queue.shutDown().then(() => (drained = true))
      await clock.settle()
      expect(drained).toBe(false)
      queue.done('ns/a')
      await clock.settle()
      expect(drained).toBe(true)
    })
  })
})

type Step =
  | { readonly do: 'add' | 'retry' | 'done'; readonly key: number }
  | { readonly do: 'addAfter'; readonly key: number; readonly ms: number }
  | { readonly do: 'take' }
  | { readonly do: 'advance'; readonly ms: number }

const key = fc.nat({ max: 7 })
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constantFrom('add' as const, 'retry' as const, 'done' as const), key }),
  fc.record({ do: fc.constant('addAfter' as const), key, ms: fc.nat({ max: 5_000 }) }),
  fc.record({ do: fc.constant('take' as const) }),
  fc.record({ do: fc.constant('advance' as const), ms: fc.nat({ max: 3_000 }) }),
)
const nameOf = (n: number) => `ns${n % 3}/${n}`

/** Plays steps against a queue, and knows what is owed. */
class Player {
  readonly #made = aQueue()
  readonly clock = this.#made.clock
  readonly queue = this.#made.queue
  readonly #depthNow = this.#made.depthNow
  /** Keys asked for since they were last handed out. */
  readonly owed = new Set<string>()
  readonly #underWay = new Set<string>()
  #wishes = 0
  #takes = 0

  async play(step: Step): Promise<void> {
    if (step.do === 'take') return this.take()
    if (step.do === 'advance') return this.clock.advance(step.ms)
    const key = nameOf(step.key)
    if (step.do === 'done') {
      if (this.#underWay.delete(key)) this.queue.done(key)
      return
    }
    this.owed.add(key)
    this.#wishes += 1
    if (step.do === 'addAfter') this.queue.addAfter(key, step.ms)
    else if (step.do === 'retry') this.queue.retry(key)
    else this.queue.add(key)
  }

  async take(): Promise<void> {
    if (this.#depthNow() === 0) return
    const key = (await this.queue.next()) ?? 'shut down'
    expect(this.#underWay).not.toContain(key)
    expect((this.#takes += 1)).toBeLessThanOrEqual(this.#wishes)
    this.#underWay.add(key)
    this.owed.delete(key)
  }

  /** Lets the workers go on until nothing is left. */
  async finish(): Promise<void> {
    const finishAll = () => {
      for (const key of this.#underWay) this.queue.done(key)
      this.#underWay.clear()
    }
    finishAll()
    await this.clock.advance(400_000)
    while (this.#depthNow() > 0) {
      await this.take()
      finishAll()
    }
  }
}

describe('for any order of events, a work queue', () => {
  it('never hands a key to two workers, and loses none', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
        const player = new Player()
        for (const next of steps) await player.play(next)
        await player.finish()
        expect([...player.owed]).toEqual([])
      }),
      { numRuns: 200 },
    )
  })

  it('serves every namespace within one round', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.tuple(fc.nat({ max: 4 }), fc.nat({ max: 30 })), { selector: String }),
        async (all) => {
          const { queue, takeAll } = aQueue()
          for (const [group, n] of all) queue.add(`ns${group}/${n}`)
          const order = (await takeAll()).map((taken) => taken.slice(0, 3))
          const left = new Map<string, number>()
          for (const group of order) left.set(group, (left.get(group) ?? 0) + 1)
          for (let at = 0; at < order.length;) {
            const round = order.slice(at, at + left.size)
            expect(new Set(round)).toEqual(new Set(left.keys()))
            for (const group of round) {
              const rest = (left.get(group) ?? 0) - 1
              if (rest === 0) left.delete(group)
              else left.set(group, rest)
            }
            at += round.length
          }
        },
      ),
    )
  })
})
