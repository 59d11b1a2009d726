import { forbidAmbient } from './guard.ts'
import { INVARIANTS } from './invariants/index.ts'
import type { Fact } from './observe/facts.ts'
import { State } from './observe/state.ts'
import type { PlannedFault } from './places.ts'
import type { Plan } from './plan.ts'
import { WORKLOADS } from './workloads.ts'
import { World } from './world.ts'

/** A step is given up after so long: whatever befell the world, the system has had its retries by then. */
const PATIENCE_MS = 6 * 3_600_000
/** What is left over when the last step is reached gets so long to be done; more where people have deleted out of turn. */
const REST_MS = 5 * 60_000
const LONG_REST_MS = 60 * 60_000
/** A run with more events than this goes round in circles. */
const MOST_EVENTS = 200_000

export interface Violation {
  readonly rule: string
  readonly says: string
  readonly what: string
}

export interface Verdict {
  readonly violation?: Violation
  /** How often each place was met, without what lies beyond the violation. */
  readonly places: ReadonlyMap<string, number>
  readonly met: readonly PlannedFault[]
  /** Of everything that happened, in order: equal for equal runs. */
  readonly hash: string
  readonly events: number
}

/** Runs one plan from an empty world to its rest, or to the first rule that is broken. */
export async function run(plan: Plan, onFact?: (fact: Fact, world: World) => void): Promise<Verdict> {
  const giveBack = forbidAmbient()
  try {
    return await play(plan, onFact)
  } finally {
    giveBack()
  }
}

async function play(plan: Plan, onFact?: (fact: Fact, world: World) => void): Promise<Verdict> {
  const workload = WORKLOADS.find(({ name }) => name === plan.workload)
  if (workload === undefined) throw new Error(`no workload is called ${plan.workload}`)
  const world = new World({ seed: plan.seed, faults: [...(workload.given ?? []), ...plan.faults] })
  const state = new State()
  const checkers = INVARIANTS.map((invariant) => ({ invariant, checker: invariant.begin() }))
  let violation: Violation | undefined
  let hash = 0
  const fail = (rule: string, says: string, what: string | undefined) => {
    if (what !== undefined) violation ??= { rule, says, what }
  }
  const judge = (fact: Fact) => {
    state.take(fact, world.scheduler.now())
    hash = mix(hash, world.scheduler.now(), fact)
    onFact?.(fact, world)
    for (const { invariant, checker } of checkers) fail(invariant.id, invariant.says, checker.on?.(fact, state))
  }
  let struck = 0
  world.onFact((fact) => {
    const { met } = world.places
    while (struck < met.length) judge({ kind: 'fault', ...(met[struck++] as PlannedFault) })
    judge(fact)
  })
  world.open()
  const stop = () => violation !== undefined || world.scheduler.count > MOST_EVENTS
  for (const step of workload.steps) {
    step.act(world)
    const reached = () => step.reached(world) || isMoot(world)
    await world.scheduler.runUntil(world.scheduler.now() + PATIENCE_MS, () => stop() || reached())
    if (!reached()) fail('L1', 'What is asked for is reached.', `not reached: ${step.what}`)
    if (stop()) break
  }
  world.places.close()
  await world.scheduler.runUntil(world.scheduler.now() + restMs(world), stop)
  state.now = world.scheduler.now()
  if (!stop())
    for (const { invariant, checker } of checkers) fail(invariant.id, invariant.says, checker.atRest?.(state))
  if (world.scheduler.count > MOST_EVENTS) fail('L1', 'The system comes to rest.', `${MOST_EVENTS} events`)
  for (const process of world.processes) process.discard()
  const { places, scheduler } = world
  return {
    ...(violation !== undefined && { violation }),
    places: places.counts,
    met: places.met,
    hash: (hash >>> 0).toString(16).padStart(8, '0'),
    events: scheduler.count,
  }
}

const restMs = (world: World): number => (isMoot(world) ? LONG_REST_MS : REST_MS)

/** Somebody has deleted what the step is about: it cannot be reached, and need not be. */
const isMoot = (world: World): boolean => world.places.met.some(({ fault }) => MOOT.has(fault))
const MOOT = new Set(['credential is deleted', 'credential is made anew', 'namespace is deleted'])

const mix = (hash: number, now: number, fact: Fact): number => {
  const text =
    fact.kind === 'object' ? `${fact.revision}${fact.type}${fact.object.metadata.name}${fact.by}` : JSON.stringify(fact)
  let mixed = Math.imul(hash ^ now, 0x01000193)
  for (let at = 0; at < text.length; at++) mixed = Math.imul(mixed ^ text.charCodeAt(at), 0x01000193)
  return mixed
}
