import { CustomCredentials, Pods } from '../../../src/api/resources.ts'
import { cut, REFUSALS } from '../operator/errors.ts'
import { FROZEN_MS, type World } from '../world.ts'
import { DAY_MS, type Disturbances, MINUTE_MS } from './disturbance.ts'
import { removeAll } from './hand.ts'

/** What may befall the operator's processes, their clocks, the API servers and the node. */
export const MACHINERY: Disturbances = {
  'leader crashes': {
    catalogue: 'F3',
    strike: (world) => {
      world.leader()?.life.end()
    },
  },
  'leader crashes, the next clock is ahead': {
    catalogue: 'F18',
    strike: (world) => {
      succeed(world, { skewMs: 10 * MINUTE_MS })
    },
  },
  'leader crashes, the next clock is behind': {
    catalogue: 'F18',
    strike: (world) => {
      succeed(world, { skewMs: -10 * MINUTE_MS })
    },
  },
  /** Its successor reads the world as it was, from an API server that follows only after a minute. */
  'leader crashes, the next API server is stale': {
    catalogue: 'F15',
    strike: (world, { revision }) => {
      world.scheduler.after(3_000, 'the leader crashes', () => {
        succeed(world, { frozenAt: revision })
      })
    },
  },
  'API server of the leader is stale': {
    catalogue: 'F15, F24',
    strike: (world, { revision }) => {
      world.leader()?.view.freeze(revision, FROZEN_MS)
    },
  },
  'API server is away': {
    catalogue: 'F5, F9',
    strike: ({ weather }) => {
      weather.turn(/./, cut, 2 * MINUTE_MS)
    },
  },
  'quota is used up': {
    catalogue: 'F10',
    strike: ({ weather }) => {
      weather.turn(/^(write create|read dry-run) (jobs|pods|secrets)$/, FORBIDDEN, 3 * MINUTE_MS)
    },
  },
  'rights are taken away': {
    catalogue: 'F10',
    strike: ({ weather }) => {
      weather.turn(/^(write|read|open watch) /, FORBIDDEN, 3 * MINUTE_MS)
    },
  },
  /** Longer than its lease: another process leads when it wakes, with everything in its memory. */
  'leader is frozen': {
    catalogue: 'F16',
    strike: (world) => {
      const leader = world.leader()
      if (leader === undefined) return
      leader.life.pause(40_000)
      world.start()
    },
  },
  'event loop is blocked': {
    catalogue: 'F24',
    strike: (world) => {
      world.leader()?.life.pause(9_000)
    },
  },
  'clock jumps ahead': {
    catalogue: 'F18',
    strike: (world) => {
      skewAll(world, DAY_MS)
    },
  },
  /** What was noted meanwhile lies ahead for as long. */
  'clock runs ahead, then is right': {
    catalogue: 'F18',
    strike: (world) => {
      skewAll(world, DAY_MS)
      putRight(world, 5 * MINUTE_MS)
    },
  },
  /** Somebody notices in the end. */
  'clock jumps back': {
    catalogue: 'F18',
    strike: (world) => {
      skewAll(world, -DAY_MS)
      putRight(world, 5 * 60 * MINUTE_MS)
    },
  },
  /** The moment before the rotation is due. */
  'clock leaps to the rotation': {
    catalogue: 'F18',
    strike: (world) => {
      const [credential] = world.server.list(CustomCredentials).items
      const due = Date.parse(credential?.status.nextRotationTime ?? '')
      if (Number.isNaN(due)) return
      for (const { life } of world.processes) life.skewMs += Math.max(0, due - life.clock.now() - 5)
    },
  },
  'history is compacted': {
    catalogue: 'F7',
    strike: ({ server }) => {
      server.compact(server.revision)
    },
  },
  'pods are evicted': {
    catalogue: 'F19',
    strike: (world) => {
      removeAll(world, Pods)
    },
  },
  'containers are killed': {
    catalogue: 'F19',
    strike: ({ cluster }) => {
      cluster.kubelet.killAll()
    },
  },
}

const FORBIDDEN = REFUSALS['forbidden'] as NonNullable<(typeof REFUSALS)[string]>

function succeed(world: World, conditions: World['conditions']): void {
  const leader = world.leader()
  if (leader === undefined) return
  world.conditions = conditions
  leader.life.end()
}

function putRight(world: World, inMs: number): void {
  world.scheduler.after(inMs, 'the clock is put right', () => {
    for (const { life } of world.processes) life.skewMs = 0
  })
}

function skewAll({ processes }: World, ms: number): void {
  for (const { life } of processes) life.skewMs += ms
}
