import type { ApiCluster } from '../../cluster/index.ts'
import type { Fact } from '../observe/facts.ts'
import { seeded } from '../random.ts'
import { faults, kills, pauses, restarts } from './campaigns.ts'
import type { Broken } from './judge.ts'
import { planFaults } from './plan-faults.ts'
import { Traffic } from './traffic.ts'
import { RealWorld } from './world.ts'

/** How much of everything. */
export interface Extent {
  readonly kills: number
  readonly pauses: number
  readonly restarts: number
  readonly faults: number
  readonly seed: number
  /** Faults that are not to happen. */
  readonly without?: readonly string[]
  /** Lives that go on at the same time. */
  readonly lives: number
  /** How long one may make no progress; while the operator dies every second, some starve. An hour where nothing is said. */
  readonly patienceSeconds?: number
}

interface Surroundings {
  /** Started as `readable`. */
  readonly cluster: ApiCluster
  readonly print: (line: string) => void
  readonly onFact?: (fact: Fact, count: number) => void
}

export interface Figures {
  readonly kills: number
  /** Kinds of steps that were killed at, and how many of them both before and after their effect. */
  readonly steps: number
  readonly stepsBothWays: number
  /** Leaders that were frozen, and found another in their place when they woke up. */
  readonly pauses: number
  readonly restarts: number
  readonly faults: number
  /** Processes of the operator that ended by themselves, as one does that has lost its lease. */
  readonly ends: number
  /** Credentials that were created, rotated and mostly deleted. */
  readonly lives: number
  readonly facts: number
  readonly violations: readonly Broken[]
  readonly seconds: Readonly<Record<string, number>>
}

const TENANTS = ['real-a', 'real-b', 'real-c']
/** What a world that has been mistreated gets to come to rest: backoffs and time-outs of the operator run out by then. */
const REST_SECONDS = 300

/** One world through all that the extent asks for, and then at rest. */
export async function campaign(extent: Extent, { cluster, print, onFact }: Surroundings): Promise<Figures> {
  const seconds: Record<string, number> = {}
  const timed = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    const startedAt = performance.now()
    try {
      return await work()
    } finally {
      seconds[what] = Math.round((performance.now() - startedAt) / 100) / 10
      print(`${what}: ${seconds[what]} s, ${world.judge.facts} facts, ${world.judge.violations.length} violations`)
    }
  }
  const { patienceSeconds } = extent
  await using world = await RealWorld.open({
    cluster,
    ...(onFact && { onFact }),
    ...(patienceSeconds !== undefined && { patienceSeconds }),
  })
  const { people, judge } = world
  for (const tenant of TENANTS) await people.openTenant(tenant)
  const traffic = new Traffic({ world, random: seeded(extent.seed), tenants: TENANTS })
  traffic.start(extent.lives)

  const met = await timed('kills', () => kills(world, extent.kills))
  const killed = world.killed
  await timed('faults', () => faults(world, extent.faults, planFaults(extent.faults, extent.seed, extent.without)))
  const struck = world.places.met.length
  const restarted = await timed('restarts', () => restarts(world, extent.restarts))
  if (extent.pauses > 0) await world.addReplica()
  const taken = await timed('pauses', () => pauses(world, extent.pauses))
  await timed('last lives', () => traffic.stop())
  const unrest = await timed('rest', () => world.rest(REST_SECONDS))
  if (world.failures.length > 0)
    throw new AggregateError(world.failures, `the world has failed: ${world.failures.map(String).join('; ')}`)
  return {
    kills: killed,
    steps: met.size,
    stepsBothWays: [...met.values()].filter((times) => times > 1).length,
    pauses: taken,
    restarts: restarted,
    faults: struck,
    ends: world.replicas.reduce((sum, { ends }) => sum + ends, 0),
    lives: traffic.lived,
    facts: judge.facts,
    violations: [...judge.violations, ...unrest],
    seconds,
  }
}
