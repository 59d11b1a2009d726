import { type Point, WritePoints } from '../../support/write-points.ts'
import { live } from './life.ts'
import type { RealWorld } from './world.ts'

/** Relative to the effect of a write. */
export type Moment = 'before' | 'after'

/** The operator is killed right before or right after a write of a life. */
export interface Death {
  readonly point: string
  readonly moment: Moment
}

/** Kills the operator at each write for which `choose` tells a moment. Nothing it still sends then reaches the server. */
export function killAt(world: RealWorld, choose: (point: Point) => Moment | undefined): void {
  const points = new WritePoints()
  let dying = ''
  world.onWrite = ({ method, path, body }, replica) => {
    const point = points.of({ method: method as 'POST', path: path.split('?')[0] ?? '', body })
    if (point === undefined) return undefined
    const process = `${replica.name}/${replica.generation}`
    // What a process that is as good as dead still sends would not have been sent.
    if (!replica.isUp || dying === process) return 'cut'
    const moment = choose(point)
    if (moment === undefined) return undefined
    dying = process
    return `crash ${moment}`
  }
}

/** A credential is created, rotated twice and deleted. */
const WHOLE = { rotations: 2 }
/** Lives that go on at the same time: while one waits out a backoff, another comes to the next write. */
const AT_ONCE = 6
/** An earlier death may make a life skip the write at which it was to die: then a further life gets there. */
const MOST_LIVES = 60

/** A life without a death; resolves with the names of its writes. */
export async function recordLife(world: RealWorld, tenant: string): Promise<readonly string[]> {
  const names: string[] = []
  killAt(world, ({ name }) => {
    names.push(name)
    return undefined
  })
  await live(world, { tenant, name: 'undisturbed' }, WHOLE)
  return names
}

/** Life after life, until every death was met and all lives are over. Resolves with the deaths that never were. */
export async function dieAll(world: RealWorld, tenant: string, deaths: readonly Death[]): Promise<readonly Death[]> {
  const waiting = [...deaths]
  killAt(world, ({ name }) => {
    const met = waiting.findIndex(({ point }) => point === name)
    return met === -1 ? undefined : waiting.splice(met, 1)[0]?.moment
  })
  let lives = 0
  const work = async () => {
    while (waiting.length > 0 && lives < MOST_LIVES && !world.isOver)
      await live(world, { tenant, name: `life-${(lives += 1)}` }, WHOLE)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return waiting
}

/**
 * Every write of a life, and every kind of write at both moments: what recurs with each version is killed at both moments
 * for the first one, and by turns for the others.
 */
export function deathsOf(points: readonly string[]): readonly Death[] {
  const seen = new Map<string, number>()
  return points.flatMap((point): Death[] => {
    const kind = point.replace(/v\d+/, '')
    const count = seen.get(kind) ?? 0
    seen.set(kind, count + 1)
    const moments: Moment[] = count === 0 ? ['before', 'after'] : [count % 2 === 1 ? 'before' : 'after']
    return moments.map((moment) => ({ point, moment }))
  })
}
