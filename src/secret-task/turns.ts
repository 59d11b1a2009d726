/** What an administrator allows of a provider's tasks. */
export interface Limits {
  /** How many may be at work at the same time. */
  readonly concurrency?: number | undefined
  /** How many may begin within a period. */
  readonly rate?: { readonly tasks: number; readonly periodMs: number } | undefined
}

/** A task, as far as it competes with others. */
export interface Contender {
  readonly uid: string
  /** Of its credential: what is fair is judged between namespaces. */
  readonly namespace: string
  /** UID of its provider. */
  readonly provider: string
}

/** Everything that it depends on whose turn it is. */
export interface Floor<T extends Contender = Contender> {
  /** The oldest first. */
  readonly waiting: Iterable<T>
  /** At work, or given a turn. */
  readonly atWork: readonly Contender[]
  /** How many may be at work at the same time, whatever their providers. */
  readonly most: number
  limitsOf(provider: string): Limits
  /** When tasks of the provider have begun, in milliseconds since the epoch; turns that wait for their claims begin `now`. */
  begunAt(provider: string, now: number): readonly number[]
  /** A rank by the last turn of a namespace: the smaller, the longer ago. */
  lastServed(namespace: string): number
}

/** Why a task has to wait, and in how many milliseconds time alone may change it. */
export interface Obstacle {
  readonly limit: 'most' | 'share' | 'concurrency' | 'rate'
  readonly leftMs: number
}

/** What keeps a task waiting now, if anything. */
export function obstacleTo(floor: Floor, { namespace, provider }: Contender, now: number): Obstacle | undefined {
  const free = floor.most - floor.atWork.length
  if (free <= 0) return { limit: 'most', leftMs: Infinity }
  if (countOf(floor, (other) => other.namespace === namespace) >= free) return { limit: 'share', leftMs: Infinity }
  return providerObstacle(floor, provider, now)
}

const countOf = ({ atWork }: Floor, is: (other: Contender) => boolean): number => atWork.filter(is).length

/** What keeps every task of a provider waiting now, as far as it is the provider's own. */
export function providerObstacle(floor: Floor, provider: string, now: number): Obstacle | undefined {
  const { concurrency = Infinity, rate } = floor.limitsOf(provider)
  if (countOf(floor, (other) => other.provider === provider) >= concurrency)
    return { limit: 'concurrency', leftMs: Infinity }
  if (rate === undefined) return undefined
  // What lies ahead was noted by a clock that has been set back since.
  const recent = floor.begunAt(provider, now).filter((at) => at > now - rate.periodMs && at <= now)
  if (recent.length < rate.tasks) return undefined
  const freeAt = (recent.toSorted((a, b) => a - b).at(-rate.tasks) ?? now) + rate.periodMs
  return { limit: 'rate', leftMs: freeAt - now }
}

/**
 * Whose turn is next among the tasks that nothing keeps waiting: one of the namespace with the fewest at work, among those
 * of the one that was served longest ago, and there the oldest. So nobody's crowd holds up another namespace; and since none
 * has more at work than it leaves to all others, not even by tasks that never end.
 */
export function nextTurn<T extends Contender>(floor: Floor<T>, now: number): T | undefined {
  const free = floor.most - floor.atWork.length
  if (free <= 0) return undefined
  const known = new Map<string, boolean>()
  const isFree = ({ provider }: T): boolean => {
    const isSo = known.get(provider) ?? providerObstacle(floor, provider, now) === undefined
    known.set(provider, isSo)
    return isSo
  }
  const loads = new Map<string, number>()
  for (const { namespace } of floor.atWork) loads.set(namespace, (loads.get(namespace) ?? 0) + 1)
  const isBefore = (a: T, b: T): boolean => {
    const byLoad = (loads.get(a.namespace) ?? 0) - (loads.get(b.namespace) ?? 0)
    return (byLoad || floor.lastServed(a.namespace) - floor.lastServed(b.namespace)) < 0
  }
  let first: T | undefined
  const mayHaveMore = ({ namespace }: T): boolean => (loads.get(namespace) ?? 0) < free
  for (const task of floor.waiting)
    if (mayHaveMore(task) && isFree(task) && (first === undefined || isBefore(task, first))) first = task
  return first
}
