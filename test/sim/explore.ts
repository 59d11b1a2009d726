import { faultsAt } from './faults.ts'
import type { Occasions, PlannedFault } from './places.ts'
import type { Plan } from './plan.ts'
import { seeded } from './random.ts'
import { run } from './run.ts'
import { WORKLOADS } from './workloads/index.ts'

/** The places that each workload meets when nothing goes wrong. */
export type KnownPlaces = ReadonlyMap<string, Occasions>

const calm = (workload: string): Plan => ({ workload, seed: 0, faults: [] })

export async function knownPlaces(): Promise<KnownPlaces> {
  const known = new Map<string, Occasions>()
  for (const { name } of WORKLOADS) known.set(name, (await run(calm(name))).places)
  return known
}

/** Every single fault at every occasion that the calm run of a workload has for it. */
export const singleFaults = (workload: string, known: KnownPlaces): Plan[] =>
  [...(known.get(workload) ?? [])].flatMap(([place, occasions]) =>
    faultsAt(place).flatMap((fault) =>
      occasions.map((_, at) => ({ workload, seed: 0, faults: [{ place, nth: at + 1, fault }] })),
    ),
  )

/**
 * These workloads as they go when nothing goes wrong, then their single faults, well mixed, and each kind of fault at each kind
 * of place and for each standing of what it strikes in its turn: the first minutes have seen something of everything, though
 * most faults are those that may strike at any change. `turns`: how many of a kind there are at most.
 */
export function allSingleFaults(
  known: KnownPlaces,
  { workloads = [...known.keys()], turns = Infinity }: { workloads?: readonly string[]; turns?: number } = {},
): Plan[] {
  const random = seeded(1)
  const plans = workloads.flatMap((workload) => singleFaults(workload, known))
  for (let at = plans.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1))
    ;[plans[at], plans[other]] = [plans[other] as Plan, plans[at] as Plan]
  }
  const taken = new Map<string, number>()
  const turnOf = ({ workload, faults: [fault] }: Plan): number => {
    const { place = '', nth = 1 } = fault ?? {}
    const kind = `${fault?.fault} at ${place} ${known.get(workload)?.get(place)?.[nth - 1]}`
    const turn = taken.get(kind) ?? 0
    taken.set(kind, turn + 1)
    return turn
  }
  const inTurn = plans
    .map((plan) => ({ plan, turn: turnOf(plan) }))
    .filter(({ turn }) => turn < turns)
    .sort((a, b) => a.turn - b.turn)
  return [...workloads.map(calm), ...inTurn.map(({ plan }) => plan)]
}

/** The plan of a seed: a workload, its latencies, and a few faults out of a random part of the catalogue. */
export function planOf(seed: number, known: KnownPlaces): Plan {
  const random = seeded(seed)
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T
  const workload = pick(WORKLOADS).name
  const places = [...(known.get(workload) ?? [])].filter(() => random() < 0.5)
  const faults: PlannedFault[] = []
  const wanted = Math.floor(random() * 5)
  for (let n = 0; n < wanted && places.length > 0; n++) {
    const [place, { length }] = pick(places)
    const possible = faultsAt(place)
    if (possible.length > 0) faults.push({ place, nth: 1 + Math.floor(random() * length), fault: pick(possible) })
  }
  return { workload, seed, faults }
}

/** The plans of the first so many seeds, and after them pairs of single faults. */
export function* randomPlans(
  known: KnownPlaces,
  { seeds, pairs }: { readonly seeds: number; readonly pairs: number },
): Iterable<Plan> {
  for (let seed = 1; seed <= seeds; seed++) yield planOf(seed, known)
  const singles = [...known.keys()].map((workload) => singleFaults(workload, known))
  for (let seed = 1; seed <= pairs; seed++) yield pairOf(seed, singles)
}

/** Two single faults of one workload, chosen by a seed. */
function pairOf(seed: number, singles: readonly (readonly Plan[])[]): Plan {
  const random = seeded(seed)
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T
  const [first, second] = ((plans) => [pick(plans), pick(plans)] as const)(pick(singles))
  return { ...first, faults: [...first.faults, ...second.faults] }
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
  const unhurried = { ...smallest, seed: 0 }
  return (await breaks(unhurried)) ? unhurried : smallest
}
