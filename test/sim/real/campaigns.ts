import { setTimeout as sleep } from 'node:timers/promises'
import { Places, type PlannedFault } from '../places.ts'
import { killAt } from './deaths.ts'
import type { RealWorld } from './world.ts'

const POLL_MS = 50
/** A campaign that meets nothing new for so long will never meet it. */
const MOST_IDLE_MS = 300_000
/** Much longer than the lease of the operators: on a busy machine its successor takes its time. */
const PAUSE_MS = 60_000
/** What a world gets to go on by itself between two blows. */
const BREATH_MS = 3_000

/**
 * Kills the operator at each of `count` consecutive writes: whenever it is about to do to a credential what it has not
 * done so far, right before and right after the effect by turns for each kind of step. What a successor does again
 * passes: killed at every repetition, too, it would never come further. Resolves with how often each step was met.
 */
export async function kills(world: RealWorld, count: number): Promise<ReadonlyMap<string, number>> {
  const done = new Set<string>()
  const met = new Map<string, number>()
  killAt(world, (point) => {
    const name = `${point.credential} ${point.name}`
    if (world.killed === count || done.has(name)) return undefined
    done.add(name)
    const times = met.get(point.name) ?? 0
    met.set(point.name, times + 1)
    return times % 2 === 0 ? 'before' : 'after'
  })
  await reaches(count, world, () => world.killed)
  world.onWrite = () => undefined
  return met
}

/**
 * Freezes the leader until another one leads, and wakes it up again, `count` times. Resolves with how often another one
 * did lead.
 */
export async function pauses(world: RealWorld, count: number): Promise<number> {
  let taken = 0
  for (let turn = 0; turn < count; turn++) {
    await reaches(1, world, () => (world.leader?.isUp ? 1 : 0))
    const { leader } = world
    leader?.freeze()
    const isSucceeded = () => world.leader !== leader
    for (let frozenMs = 0; frozenMs < PAUSE_MS && !isSucceeded(); frozenMs += POLL_MS) await sleep(POLL_MS)
    world.strikes('leader is frozen', leader?.name ?? '')
    if (isSucceeded()) taken += 1
    leader?.thaw()
    await sleep(BREATH_MS)
  }
  return taken
}

/** Kills and restarts the API server and etcd, by turns. Resolves with how many of them are ready again. */
export async function restarts(world: RealWorld, count: number): Promise<number> {
  const { cluster } = world
  let ready = 0
  for (let turn = 0; turn < count; turn++) {
    const isTurnOfEtcd = turn % 2 === 1
    if (isTurnOfEtcd) cluster.killEtcd()
    else cluster.killApiServer()
    await sleep(BREATH_MS / 3)
    await (isTurnOfEtcd ? cluster.startEtcd() : cluster.startApiServer())
    if (await cluster.isReady()) ready += 1
    world.strikes('restart', isTurnOfEtcd ? 'etcd' : 'kube-apiserver')
    await sleep(BREATH_MS)
  }
  return ready
}

/** Has faults of the simulator's catalogue happen as planned, until `count` of them were met. */
export async function faults(world: RealWorld, count: number, planned: readonly PlannedFault[]): Promise<void> {
  world.places = new Places(planned)
  await reaches(count, world, () => world.places.met.length)
  world.places.close()
}

async function reaches(count: number, world: RealWorld, soFar: () => number): Promise<void> {
  for (let idleMs = 0, last = 0; last < count && !world.isOver; idleMs += POLL_MS) {
    if (idleMs > MOST_IDLE_MS) throw new Error(`${last} of ${count} were met, and no more for minutes`)
    await sleep(POLL_MS)
    if (soFar() > last) idleMs = 0
    last = soFar()
  }
}
