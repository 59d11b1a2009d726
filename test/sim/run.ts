import { DISTURBANCES } from './disturbances.ts'
import { LONG } from './faults.ts'
import { forbidAmbient } from './guard.ts'
import { Jury, type Violation } from './jury.ts'
import type { Fact } from './observe/facts.ts'
import type { Invariant } from './observe/invariant.ts'
import type { Occasions, PlannedFault } from './places.ts'
import type { Plan } from './plan.ts'
import { WORKLOADS } from './workloads/index.ts'
import type { Step, Workload } from './workloads/workload.ts'
import { World } from './world.ts'

/** A step is given up after so long: whatever befell the world, the system has had its retries by then. */
const PATIENCE_MS = 6 * 3_600_000
/**
 * What is left over when the last step is reached gets so long to be done: longer than a run is waited for whose end nothing
 * tells. More where people have deleted out of turn.
 */
const REST_MS = 15 * 60_000
const LONG_REST_MS = 60 * 60_000
/** Longer than any wait for something that is on its way. */
const QUIET_MS = 30_000
const QUIET = { id: 'L1 quiet', says: 'With nothing due, nothing is written for a day.' }
/** A run with more events than this goes round in circles. */
const MOST_EVENTS = 200_000

export interface Verdict {
  readonly violation?: Violation
  /** Each place that was met, without what lies beyond the violation. */
  readonly places: Occasions
  readonly met: readonly PlannedFault[]
  /** Of everything that happened, in order: equal for equal runs. */
  readonly hash: string
  readonly events: number
}

interface Options {
  readonly onFact?: ((fact: Fact, world: World) => void) | undefined
  /** In place of all. */
  readonly rules?: readonly Invariant[]
  /** In place of the one that the plan names. */
  readonly workload?: Workload
  /** How long the world is watched once it has come to rest: for workloads after which nothing is due. */
  readonly watchMs?: number
}

/** Runs one plan from an empty world to its rest, or to the first rule that is broken. */
export async function run(plan: Plan, options: Options = {}): Promise<Verdict> {
  const giveBack = forbidAmbient()
  try {
    return await play(plan, options)
  } finally {
    giveBack()
  }
}

async function play(plan: Plan, { onFact, rules, workload = named(plan), watchMs = 0 }: Options): Promise<Verdict> {
  const world = new World({
    seed: plan.seed,
    faults: [...(workload.given ?? []), ...plan.faults],
    provider: workload.provider,
    replicas: workload.replicas,
  })
  const jury = new Jury(rules)
  const hash = listen(world, (fact) => {
    onFact?.(fact, world)
    jury.hear(fact, world.scheduler.now())
  })
  const stop = () => jury.violation !== undefined || world.scheduler.count > MOST_EVENTS
  world.open()
  for (const step of workload.steps) if (!stop()) await take(step, { world, jury, stop })
  await rest({ world, jury, stop })
  if (watchMs > 0) await watch({ world, jury }, watchMs)
  for (const process of world.processes) process.discard()
  const { places, scheduler } = world
  return {
    ...(jury.violation && { violation: jury.violation }),
    places: places.occasions,
    met: places.met,
    hash: hash(),
    events: scheduler.count,
  }
}

function named(plan: Plan): Workload {
  const workload = WORKLOADS.find(({ name }) => name === plan.workload)
  if (workload === undefined) throw new Error(`no workload is called ${plan.workload}`)
  return workload
}

interface Run {
  readonly world: World
  readonly jury: Jury
  readonly stop: () => boolean
}

/** Hands over every fact, each fault before what comes of it. Returns the hash of all of them so far. */
function listen(world: World, onFact: (fact: Fact) => void): () => string {
  let hash = 0
  let struck = 0
  const hear = (fact: Fact) => {
    hash = mix(hash, world.scheduler.now(), fact)
    onFact(fact)
  }
  world.onFact((fact) => {
    const { met } = world.places
    while (struck < met.length) hear({ kind: 'fault', ...(met[struck++] as PlannedFault) })
    hear(fact)
  })
  return () => (hash >>> 0).toString(16).padStart(8, '0')
}

async function take(step: Step, { world, jury, stop }: Run): Promise<void> {
  step.act(world)
  const reached = () => step.reached(world) || isMoot(world)
  await world.scheduler.runUntil(world.scheduler.now() + PATIENCE_MS, () => stop() || reached())
  if (!reached()) jury.fail('L1', 'What is asked for is reached.', `not reached: ${step.what}`)
}

/**
 * What is left to do when the last step is reached can go wrong as well, such as the end of an orphan: only when all of that is
 * done nothing goes wrong any more, and what it has done to the system has to heal.
 */
async function rest(running: Run): Promise<void> {
  const { world, jury, stop } = running
  const { scheduler } = world
  await settle(running)
  const struck = world.places.met.length
  world.places.close()
  if (struck > 0) await settle(running)
  if (!stop()) jury.close(scheduler.now())
  if (scheduler.count > MOST_EVENTS) jury.fail('L1', 'The system comes to rest.', `${MOST_EVENTS} events`)
}

/** Leases go on, and nothing else. */
async function watch({ world, jury }: Pick<Run, 'world' | 'jury'>, ms: number): Promise<void> {
  const { scheduler, changedAt } = world
  const isDisturbed = () => world.changedAt > changedAt
  await scheduler.runUntil(scheduler.now() + ms, isDisturbed)
  const after = `${Math.round((world.changedAt - changedAt) / 1000)} s after the last change something was written`
  jury.fail(QUIET.id, QUIET.says, isDisturbed() ? after : undefined)
}

async function settle({ world, jury, stop }: Run): Promise<void> {
  const { scheduler } = world
  const end = scheduler.now() + (healsSlowly(world) ? LONG_REST_MS : REST_MS)
  while (scheduler.now() < end && !stop() && !(isQuiet(world, end) && jury.isContent(scheduler.now()))) {
    await scheduler.runUntil(Math.min(end, scheduler.now() + QUIET_MS), stop)
  }
}

/** Nothing has changed for a while, and until `end` nothing is on its way but what comes again and again. */
const isQuiet = ({ changedAt, scheduler }: World, end: number): boolean =>
  changedAt + QUIET_MS <= scheduler.now() && scheduler.upcoming(end).every((what) => RECURRING.test(what))

/** Timers of a process are among them: one that matters belongs to something that is not yet as it should be. */
const RECURRING = /^(timer|answer|bookmark|aside )/

/** Somebody has deleted what the step is about: it cannot be reached, and need not be. */
const isMoot = (world: World): boolean => world.places.met.some(({ fault }) => DISTURBANCES[fault]?.moot)

const healsSlowly = (world: World): boolean => isMoot(world) || world.places.met.some(({ fault }) => LONG.has(fault))

const mix = (hash: number, now: number, fact: Fact): number => {
  const text =
    fact.kind === 'object' ? `${fact.revision}${fact.type}${fact.object.metadata.name}${fact.by}` : JSON.stringify(fact)
  let mixed = Math.imul(hash ^ now, 0x01000193)
  for (let at = 0; at < text.length; at++) mixed = Math.imul(mixed ^ text.charCodeAt(at), 0x01000193)
  return mixed
}
