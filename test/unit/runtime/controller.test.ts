import { describe, expect, it } from 'vitest'
import { ApiError } from '../../../src/kube/errors.ts'
import { Controller, type ControllerOptions, type Outcome } from '../../../src/runtime/controller.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { recordingLogger } from '../../support/loggers.ts'

const a = { namespace: 'ns', name: 'a' }

function aController(reconcile: ControllerOptions['reconcile'], options: Partial<ControllerOptions> = {}) {
  const clock = new FakeClock()
  const logger = recordingLogger()
  const results: string[] = []
  const active: number[] = []
  const controller = new Controller({
    name: 'test',
    workers: 2,
    reconcile,
    clock,
    random: () => 1,
    logger,
    metrics: {
      reconciled: (result) => results.push(result),
      active: (workers) => active.push(workers),
      depth: () => undefined,
      waited: () => undefined,
    },
    ...options,
  })
  const stop = new AbortController()
  const ended = controller.run(stop.signal)
  return { controller, clock, logger, results, active, stop, ended }
}

/** Counts the calls, and answers them one after the other with what is given; with `{}` after that. */
function script(...answers: (Outcome | Error)[]) {
  const times: number[] = []
  const reconcile = (clock: () => FakeClock) => () => {
    times.push(clock().monotonic() / 1000)
    const answer = answers.shift() ?? {}
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)
  }
  return { times, reconcile }
}

async function timesOf(answers: (Outcome | Error)[], forMs = 600_000) {
  const { times, reconcile } = script(...answers)
  const test = aController(reconcile(() => test.clock))
  test.controller.enqueue(a)
  await test.clock.advance(forMs)
  return { times, ...test }
}

describe('a controller', () => {
  it('leaves a key alone that is done', async () => {
    const { times, results } = await timesOf([{}])
    expect(times).toEqual([0])
    expect(results).toEqual(['done'])
  })

  it('looks again after the time asked for', async () => {
    const { times, results } = await timesOf([{ requeueAfterMs: 30_000 }])
    expect(times).toEqual([0, 30])
    expect(results).toEqual(['requeued', 'done'])
  })

  it('retries what fails, later each time, and starts afresh after a success', async () => {
    const failure = new Error('no')
    const { times, logger } = await timesOf([failure, failure, failure, { requeueAfterMs: 10_000 }, failure])
    expect(times).toEqual([0, 1, 3, 7, 17, 18])
    expect(logger.lines).toEqual(Array(4).fill('a reconcile failed'))
  })

  it('honours Retry-After', async () => {
    const { times } = await timesOf([
      new ApiError('TooManyRequests', 'slow down', { code: 429, retryAfterSeconds: 12 }),
    ])
    expect(times).toEqual([0, 13])
  })

  it('takes a conflict for normal: retried, not logged as an error', async () => {
    const { times, logger, results } = await timesOf([new ApiError('Conflict', 'changed', { code: 409 })])
    expect(times).toEqual([0, 1])
    expect(logger.lines).toEqual([])
    expect(results).toEqual(['conflict', 'done'])
  })

  it('survives a reconcile that throws instead of rejecting', async () => {
    const test = aController(() => {
      throw new TypeError('broken')
    })
    test.controller.enqueue(a)
    await test.clock.advance(1_000)
    expect(test.results).toEqual(['error', 'error'])
  })

  it('works on as many keys at once as it has workers', async () => {
    const test = aController(() => new Promise(() => undefined))
    for (const name of ['a', 'b', 'c']) test.controller.enqueue({ namespace: 'ns', name })
    await test.clock.settle()
    expect(test.active).toEqual([1, 2])
  })

  it('works on keys that were queued before it ran, cluster-scoped ones too', async () => {
    const seen: object[] = []
    const controller = new Controller({
      name: 'test',
      workers: 1,
      reconcile: (key) => {
        seen.push(key)
        return Promise.resolve({})
      },
      clock: new FakeClock(),
      random: () => 0,
      logger: recordingLogger(),
    })
    controller.enqueue({ name: 'wide' })
    controller.enqueue(a)
    const stop = new AbortController()
    const ended = controller.run(stop.signal)
    await new FakeClock().settle()
    stop.abort()
    await ended
    expect(seen).toEqual([{ name: 'wide' }, a])
  })

  it('lets a reconcile under way finish when it is stopped, and starts no other', async () => {
    const gate = Promise.withResolvers<Outcome>()
    const begun: string[] = []
    const test = aController(
      ({ name }) => {
        begun.push(name)
        return gate.promise
      },
      { workers: 1 },
    )
    test.controller.enqueue(a)
    test.controller.enqueue({ namespace: 'ns', name: 'b' })
    await test.clock.settle()
    test.stop.abort()
    let ended = false
    void test.ended.then(() => (ended = true))
    await test.clock.settle()
    expect([ended, begun]).toEqual([false, ['a']])
    gate.resolve({})
    await test.ended
    expect(begun).toEqual(['a'])
    expect(test.clock.pending).toBe(0)
  })
})
