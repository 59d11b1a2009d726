import type { Progress } from '../cluster/index.ts'
import { type Ceiling, measureCeiling } from './ceiling.ts'
import { type Latencies, declareSteadily, latencies } from './latency.ts'
import { declare, eachOf, measureWave, placesFor, rotate, type Place, type Wave } from './load.ts'
import { type Footprint, measureFootprint, seed, wear } from './memory.ts'
import { compileOperator, Operator } from './operator.ts'
import { freshHousehold, type Household, type Specimen, takeHousehold, takeSpecimen } from './specimen.ts'
import { clearJobs, setStage, type Stage } from './stage.ts'
import { StandIn } from './stand-in.ts'

export interface Sizes {
  /** Credentials that are created, and then rotated by every wave. */
  readonly credentials: number
  /** Credentials that are declared one by one for the latencies, at this rate. */
  readonly declared: number
  readonly declaredPerSecond: number
  /** Numbers of credentials to look at the operator's memory with, ascending; 0 is looked at first in any case. */
  readonly footprints: readonly number[]
  /** How long the operator rests before its memory is read. */
  readonly restSeconds: number
  /** How long each bare write loop runs. */
  readonly ceilingSeconds: number
  /** Waves of full rotations, each beside its own bare loops. */
  readonly rounds: number
  /** Where V8 CPU profiles of the operator go. */
  readonly profiles?: string
}

/** A wave of full rotations (a create and a delete task each) and what the API server could do a moment before. */
export interface Round {
  readonly bare: Ceiling
  readonly bareWithPods: Ceiling
  readonly wave: Wave
}

export interface Measurement {
  readonly latencies: Latencies
  /** Credentials that are new: a create task each. */
  readonly created: Wave
  /** Their first rotation: a create task each, since the version before stays usable. */
  readonly rotated: Wave
  readonly rounds: readonly Round[]
  readonly footprints: readonly Footprint[]
  /** Lines of the operator's log at `warn` and above, in all runs under load. */
  readonly complaints: readonly string[]
}

/** Rotations after which ten records of tasks and ten of versions are kept, the most by default. */
const WEARING = 12

/** Requests of the developer, and chains of the bare loop, at the same time: about as many as the operator's workers. */
const SIDE_BY_SIDE = 32

/** Runs the whole bench on a cluster of its own. */
export async function measure(sizes: Sizes, progress: Progress): Promise<Measurement> {
  await progress.step('Compiling the operator', compileOperator)
  const stage = await setStage(progress)
  const standIn = await new StandIn(stage).start()
  const bench: Bench = {
    stage,
    standIn,
    sizes,
    progress,
    complaints: [],
    warm: placesFor(stage, 'declared', sizes.declared),
    places: placesFor(stage, 'rotated', sizes.credentials),
  }
  try {
    const idle = await footprint(bench, { credentials: 0, rotated: false })
    const { specimen, ...beginnings } = await firstTasks(bench)
    const rounds: Round[] = []
    for (let round = 1; round <= sizes.rounds; round++) rounds.push(await measureRound(bench, specimen, round))
    const worn = await wornHousehold(bench)
    const footprints = await footprintsAmong(bench, freshHousehold(specimen), worn)
    return { ...beginnings, rounds, footprints: [idle, ...footprints], complaints: bench.complaints }
  } finally {
    await standIn.stop()
    await stage.close()
  }
}

interface Bench {
  readonly stage: Stage
  readonly standIn: StandIn
  readonly sizes: Sizes
  readonly progress: Progress
  readonly complaints: string[]
  /** Credentials that every operator warms up with before it is measured. */
  readonly warm: readonly Place[]
  readonly places: readonly Place[]
}

/** New credentials one by one, then many at once, then each rotated once. */
function firstTasks(
  bench: Bench,
): Promise<Pick<Measurement, 'latencies' | 'created' | 'rotated'> & { readonly specimen: Specimen }> {
  const { stage, standIn, progress, sizes, warm, places } = bench
  return withOperator(bench, async (operator) => {
    const actors = { stage, standIn, operator }
    const steady = await progress.step(
      `Declaring ${warm.length} credentials, ${sizes.declaredPerSecond} a second`,
      () => measureWave(actors, warm.length, () => declareSteadily(stage, warm, sizes.declaredPerSecond)),
    )
    const measured = latencies(steady.events, standIn.runs)
    const created = await progress.step(`Creating ${places.length} credentials at once`, () =>
      measureWave(actors, places.length, () => eachOf(places, SIDE_BY_SIDE, declare(stage.developer))),
    )
    const specimen = await takeSpecimen(stage, firstOf(places))
    await measureWave(actors, warm.length, () => eachOf(warm, SIDE_BY_SIDE, rotate(stage.developer, 'first')))
    const rotated = await progress.step(`Rotating ${places.length} credentials for the first time`, () =>
      measureWave(actors, places.length, () => eachOf(places, SIDE_BY_SIDE, rotate(stage.developer, 'first'))),
    )
    return { latencies: measured, created, rotated, specimen }
  })
}

async function measureRound(bench: Bench, specimen: Specimen, round: number): Promise<Round> {
  const { stage, standIn, progress, sizes, warm, places } = bench
  const loop = { concurrency: SIDE_BY_SIDE, seconds: sizes.ceilingSeconds }
  const title = `Round ${round} of ${sizes.rounds}`
  const [bare, bareWithPods] = await progress.step(`${title}: bare write loops`, async () => [
    await measureCeiling(stage, specimen, { ...loop, withPods: false }),
    await measureCeiling(stage, specimen, { ...loop, withPods: true }),
  ])
  const wave = await progress.step(`${title}: rotating ${places.length} credentials at once`, () =>
    withOperator(bench, async (operator) => {
      const actors = { stage, standIn, operator }
      const rotateAll = (all: readonly Place[]) => () =>
        eachOf(all, SIDE_BY_SIDE, rotate(stage.developer, `round-${round}`))
      await measureWave(actors, 2 * warm.length, rotateAll(warm))
      return measureWave(actors, 2 * places.length, rotateAll(places))
    }),
  )
  return { bare, bareWithPods, wave }
}

/** One credential is rotated until the histories of its tasks and versions are full. */
function wornHousehold(bench: Bench): Promise<Household> {
  const { stage, standIn, progress, places } = bench
  const place = firstOf(places)
  return progress.step(`Rotating one credential ${WEARING} times`, () =>
    withOperator(bench, async (operator) => {
      for (let n = 1; n <= WEARING; n++) {
        const rotateIt = () => rotate(stage.developer, `worn-${n}`)(place)
        await measureWave({ stage, standIn, operator }, 2, rotateIt)
      }
      return takeHousehold(stage, place)
    }),
  )
}

async function footprintsAmong(bench: Bench, fresh: Household, worn: Household): Promise<Footprint[]> {
  const { stage, progress, sizes, warm, places } = bench
  // The Jobs of the waves would have been removed by their TTL, and their pods with them.
  for (const namespace of stage.namespaces) await clearJobs(stage, namespace)
  const footprints: Footprint[] = []
  const seeded: string[] = []
  const others = warm.length + places.length
  for (const credentials of sizes.footprints) {
    const count = Math.max(0, credentials - others - seeded.length)
    const names = Array.from({ length: count }, (_, n) => `seeded-${seeded.length + n}`)
    await progress.step(`Seeding ${names.length} credentials`, () => seed(stage, fresh, names))
    seeded.push(...names)
    footprints.push(await footprint(bench, { credentials: others + seeded.length, rotated: false }))
  }
  await progress.step(`Having them rotated ${WEARING} times`, () => wear(stage, worn, seeded))
  return [...footprints, await footprint(bench, { credentials: others + seeded.length, rotated: true })]
}

const footprint = (
  { stage, progress, sizes }: Bench,
  among: Pick<Footprint, 'credentials' | 'rotated'>,
): Promise<Footprint> =>
  progress.step(`Memory of the operator at rest among ${among.credentials} credentials`, () =>
    measureFootprint(stage, { ...among, restSeconds: sizes.restSeconds }),
  )

async function withOperator<T>(bench: Bench, work: (operator: Operator) => Promise<T>): Promise<T> {
  const operator = await Operator.start(bench.stage, bench.sizes.profiles)
  try {
    return await work(operator)
  } finally {
    bench.complaints.push(...operator.complaints())
    await operator.stop()
  }
}

function firstOf<T>([first]: readonly T[]): T {
  if (first === undefined) throw new RangeError('the bench needs at least one credential')
  return first
}
