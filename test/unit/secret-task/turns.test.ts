import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Contender, type Floor, type Limits, nextTurn, obstacleTo } from '../../../src/secret-task/turns.ts'

/** `a1`: a task of team a at provider `pg`; `b1@jfrog`: of team b at another. */
const contender = (text: string): Contender => {
  const [uid = '', provider = 'pg'] = text.split('@')
  return { uid, namespace: `team-${uid.at(0) ?? ''}`, provider }
}
const tasks = (text: string): Contender[] => text.split(' ').filter(Boolean).map(contender)

interface Situation {
  readonly waiting: string
  readonly atWork?: string
  readonly most?: number
  readonly limits?: Readonly<Record<string, Limits>>
  readonly begunAt?: Readonly<Record<string, readonly number[]>>
  readonly served?: Readonly<Record<string, number>>
}
const floor = ({ waiting, atWork = '', most = 100, limits = {}, begunAt = {}, served = {} }: Situation): Floor => ({
  waiting: tasks(waiting),
  atWork: tasks(atWork),
  most,
  limitsOf: (provider) => limits[provider] ?? {},
  begunAt: (provider) => begunAt[provider] ?? [],
  lastServed: (namespace) => served[namespace] ?? -Infinity,
})
const MINUTE = 60_000
const NOW = 10 * MINUTE
const one = { pg: { concurrency: 1 } }
const twoAMinute = { pg: { rate: { tasks: 2, periodMs: MINUTE } } }

describe('the next turn is', () => {
  it.each<[string, string | undefined, Situation]>([
    ['nobody’s where nobody waits', undefined, { waiting: '' }],
    ['the oldest’s', 'a1', { waiting: 'a1 a2' }],
    ['that of the namespace with the fewest at work', 'b1', { waiting: 'a2 a3 b1', atWork: 'a1' }],
    [
      'among equals that of the namespace that was served longest ago',
      'b1',
      { waiting: 'a2 b1', served: { 'team-a': 9 } },
    ],
    ['nobody’s where its namespace leaves no more than it has', undefined, { waiting: 'a2', atWork: 'a1', most: 2 }],
    ['nobody’s while the operator runs as many as it may', undefined, { waiting: 'a2', atWork: 'a1 b1', most: 2 }],
    ['nobody’s while the provider runs as many as it may', undefined, { waiting: 'a2 b1', atWork: 'a1', limits: one }],
    ['that of a task whose provider has room', 'a3', { waiting: 'a2 a3@jfrog', atWork: 'a1', limits: one }],
    [
      'nobody’s while as many have begun as the rate allows',
      undefined,
      { waiting: 'a1', limits: twoAMinute, begunAt: { pg: [NOW - 2, NOW - 1] } },
    ],
    [
      'the oldest’s once a start is older than the period',
      'a1',
      { waiting: 'a1', limits: twoAMinute, begunAt: { pg: [NOW - MINUTE, NOW - 1] } },
    ],
    [
      'not hindered by starts that a clock since set back has noted',
      'a1',
      { waiting: 'a1', limits: twoAMinute, begunAt: { pg: [NOW + 1, NOW + 2] } },
    ],
  ])('%s', (_, expected, situation) => {
    expect(nextTurn(floor(situation), NOW)?.uid).toBe(expected)
  })
})

describe('a task that waits is told', () => {
  const waitsAt = (situation: Omit<Situation, 'waiting'>) =>
    obstacleTo(floor({ waiting: 'a1', ...situation }), contender('a1'), NOW)
  it.each<[string, object | undefined, Omit<Situation, 'waiting'>]>([
    ['nothing where it may begin', undefined, { limits: one }],
    ['that the operator is busy', { limit: 'most', leftMs: Infinity }, { atWork: 'b1@jfrog', most: 1 }],
    ['that its namespace is', { limit: 'share', leftMs: Infinity }, { atWork: 'a2', most: 2 }],
    ['that its provider is busy', { limit: 'concurrency', leftMs: Infinity }, { atWork: 'b1', limits: one }],
    [
      'when the rate allows another',
      { limit: 'rate', leftMs: MINUTE - 30 },
      { limits: twoAMinute, begunAt: { pg: [NOW - 1, NOW - 30] } },
    ],
  ])('%s', (_, expected, situation) => {
    expect(waitsAt(situation)).toEqual(expected)
  })
})

describe('however tasks come and end', () => {
  const LIMITS: Readonly<Record<string, Limits>> = {
    p: { concurrency: 2 },
    q: { rate: { tasks: 3, periodMs: 5 } },
    r: {},
  }
  const name = fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('p', 'q', 'r'))
  const step = fc.oneof(
    name.map(([team, provider]) => ({ come: `${team}@${provider}` })),
    fc.nat(9).map((end) => ({ end })),
  )
  /** Plays the steps, one a millisecond, and shows every turn to `judge`. */
  function play(
    steps: readonly ({ come: string } | { end: number })[],
    judge: (now: number, floor: Floor, turn: Contender) => void,
  ) {
    const waiting: Contender[] = []
    const atWork: Contender[] = []
    const begun: Record<string, number[]> = {}
    const served: Record<string, number> = {}
    steps.forEach((what, now) => {
      if ('come' in what) waiting.push({ ...contender(what.come), uid: String(now) })
      else atWork.splice(what.end, 1)
      const at: Floor = { ...floor({ waiting: '', most: 4, limits: LIMITS, begunAt: begun, served }), waiting, atWork }
      for (let turn = nextTurn(at, now); turn; turn = nextTurn(at, now)) {
        judge(now, at, turn)
        waiting.splice(waiting.indexOf(turn), 1)
        atWork.push(turn)
        begun[turn.provider] = [...(begun[turn.provider] ?? []), now]
        served[turn.namespace] = now
      }
    })
    return { waiting, atWork, begun }
  }

  it('no limit is passed, of the operator nor of a provider', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { begun } = play(steps, (_, { atWork }, { provider }) => {
          expect(atWork.length).toBeLessThan(4)
          if (provider === 'p') expect(atWork.filter((other) => other.provider === 'p').length).toBeLessThan(2)
        })
        const starts = begun['q'] ?? []
        for (const [nth, at] of starts.entries()) expect(at - (starts[nth - 3] ?? -Infinity)).toBeGreaterThanOrEqual(5)
      }),
    )
  })

  it('nobody waits while there is room, but who would have more than is left for others', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { waiting, atWork } = play(steps, () => undefined)
        const loadOf = (namespace: string) => atWork.filter((other) => other.namespace === namespace).length
        const idle = waiting.filter(
          ({ provider, namespace }) => provider === 'r' && loadOf(namespace) < 4 - atWork.length,
        )
        expect(idle).toEqual([])
      }),
    )
  })

  it('one namespace leaves room for another, though its tasks never end', () => {
    const crowd = Array.from({ length: 50 }, () => ({ come: 'a@r' }))
    const { atWork } = play([...crowd, { come: 'b@r' }], () => undefined)
    expect(atWork.map(({ namespace }) => namespace)).toEqual(['team-a', 'team-a', 'team-b'])
  })

  it('a crowd of one namespace holds up no other: it waits for one end at most', () => {
    const crowd = Array.from({ length: 50 }, () => ({ come: 'a@r' }))
    const { atWork } = play([...crowd, { come: 'b@r' }, { end: 0 }], () => undefined)
    expect(atWork.map(({ namespace }) => namespace)).toContain('team-b')
  })
})
