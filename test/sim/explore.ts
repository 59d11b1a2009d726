import { faultsAt } from './faults.ts'
import type { PlannedFault } from './places.ts'
import type { Plan } from './plan.ts'
import { seeded } from './random.ts'
import { run } from './run.ts'
import { WORKLOADS } from './workloads.ts'

/** Every single fault at every occasion that the calm run of a workload has for it. */
export async function singleFaults(workload: string): Promise<Plan[]> {
  const { places } = await run({ workload, seed: 0, faults: [] })
  return [...places].flatMap(([place, count]) =>
    faultsAt(place).flatMap((fault) =>
      Array.from({ length: count }, (_, at) => ({ workload, seed: 0, faults: [{ place, nth: at + 1, fault }] })),
    ),
  )
}

/** The plan of a seed: a workload, its latencies, and a few faults out of a random part of the catalogue. */
export function planOf(seed: number, known: ReadonlyMap<string, ReadonlyMap<string, number>>): Plan {
  const random = seeded(seed)
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T
  const workload = pick(WORKLOADS).name
  const places = [...(known.get(workload) ?? [])].filter(() => random() < 0.5)
  const faults: PlannedFault[] = []
  const wanted = Math.floor(random() * 5)
  for (let n = 0; n < wanted && places.length > 0; n++) {
    const [place, count] = pick(places)
    const possible = faultsAt(place)
    if (possible.length > 0) faults.push({ place, nth: 1 + Math.floor(random() * count), fault: pick(possible) })
  }
  return { workload, seed, faults }
}

/** The places that each workload meets when nothing goes wrong. */
export async function knownPlaces(): Promise<Map<string, ReadonlyMap<string, number>>> {
  const known = new Map<string, ReadonlyMap<string, number>>()
  for (const { name } of WORKLOADS) known.set(name, (await run({ workload: name, seed: 0, faults: [] })).places)
  return known
}

/** The smallest plan that still breaks the same rule: without the faults that do not matter, calm where that is enough. */
export async function shrink(plan: Plan, rule: string): Promise<Plan> {
  const breaks = async (candidate: Plan) => (await run(candidate)).violation?.rule === rule
  let smallest = plan
  for (let at = 0; at < smallest.faults.length;) {
    const candidate = { ...smallest, faults: smallest.faults.filter((_, index) => index !== at) }
    if (await breaks(candidate)) smallest = candidate
    else at += 1
  }
  const calm = { ...smallest, seed: 0 }
  return (await breaks(calm)) ? calm : smallest
}
