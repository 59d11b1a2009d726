import { faultsAt } from '../faults.ts'
import type { PlannedFault } from '../places.ts'
import { seeded } from '../random.ts'

/** What a life of credentials passes again and again, by the names that the simulator has for it. */
const PLACES = [
  'write create secrettasks',
  'write patch secrettasks/status',
  'write delete secrettasks',
  'write create jobs',
  'write patch jobs',
  'write create secrets',
  'write patch secrets',
  'write delete secrets',
  'write patch customcredentials',
  'write patch customcredentials/status',
  'read get jobs',
  'read get secrets',
  'read review',
  'read list pods',
  'open watch jobs',
  'open watch secrettasks',
  'watch customcredentials',
  'watch secrettasks',
  'watch jobs',
  'watch pods',
  'watch secrets',
  'gateway GET',
  'gateway PUT',
  'upstream:create',
  'upstream:delete',
]

/** What of the simulator's catalogue is played here, and a connection that ends before the request has had its effect. */
const PLAYED: Readonly<Record<string, readonly string[]>> = {
  write: [
    ...['crash before', 'crash after', 'lost', 'garbled', 'timeout', 'conflict', 'race', 'throttled', 'overloaded'],
    ...['broken', 'forbidden', 'invalid', 'denied', 'slow', 'stray', 'cut'],
  ],
  read: ['crash before', 'timeout', 'throttled', 'broken', 'garbled', 'forbidden', 'expired', 'cut'],
  open: ['timeout', 'expired'],
  watch: ['cut', 'closed', 'silent', 'expired', 'lag'],
  gateway: ['unreachable', 'lost', 'late', 'twice', 'bad gateway'],
  upstream: ['lost', 'down', 'refuse', 'slow'],
}

/** The simulator's network has no such fault: its calls fail before their effect by a time-out. */
const OURS_ALONE = 'cut'

/** The operator notices these by a time-out of its own, half a minute or more later. */
export const LASTING: readonly string[] = ['timeout', 'silent']

/** Twice as many of each as are wanted in all: some of their occasions may be rare. */
const SPARE = 2
/** Occasions of a place between two of its faults, at most. */
const MOST_BETWEEN = 6

/** So many faults that `count` of them will be met soon, spread over the places. */
export function planFaults(count: number, seed: number, without: readonly string[] = []): PlannedFault[] {
  const random = seeded(seed)
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T
  const last = new Map<string, number>()
  return Array.from({ length: count * SPARE }, () => {
    const place = pick(PLACES)
    const known = [...faultsAt(place), OURS_ALONE]
    const possible = (PLAYED[/^\w+/.exec(place)?.[0] ?? ''] ?? []).filter((fault) => known.includes(fault))
    const nth = (last.get(place) ?? 0) + 1 + Math.floor(random() * MOST_BETWEEN)
    last.set(place, nth)
    return { place, nth, fault: pick(possible.filter((fault) => !without.includes(fault))) }
  })
}
