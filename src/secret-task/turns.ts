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
  /** When tasks of the provider have begun, turns included, in milliseconds since the epoch. */
  begunAt(provider: string): readonly number[]
  /** A rank by the last turn of a namespace: the smaller, the longer ago. */
  lastServed(namespace: string): number
}

/** Why a task has to wait, and in how many milliseconds time alone may change it. */
export interface Obstacle {
  readonly limit: 'most' | 'concurrency' | 'rate'
  readonly leftMs: number
}

/** What keeps every task of a provider waiting now, if anything. */
export function obstacleTo(floor: Floor, provider: string, now: number): Obstacle | undefined {
  if (floor.atWork.length >= floor.most) return { limit: 'most', leftMs: Infinity }
  const { concurrency = Infinity, rate } = floor.limitsOf(provider)
  const atWork = floor.atWork.filter((other) => other.provider === provider).length
  if (atWork >= concurrency) return { limit: 'concurrency', leftMs: Infinity }
  if (rate === undefined) return undefined
  // What lies ahead was noted by a clock that has been set back since.
  const recent = floor.begunAt(provider).filter((at) => at > now - rate.periodMs && at <= now)
  if (recent.length < rate.tasks) return undefined
  const freeAt = (recent.toSorted((a, b) => a - b).at(-rate.tasks) ?? now) + rate.periodMs
  return { limit: 'rate', leftMs: freeAt - now }
}

/**
 * Whose turn is next among the tasks that nothing keeps waiting: one of the namespace with the fewest at work, among those
 * of the one that was served longest ago, and there the oldest. So nobody's crowd holds up another namespace.
 */
export function nextTurn<T extends Contender>(floor: Floor<T>, now: number): T | undefined {
  if (floor.atWork.length >= floor.most) return undefined
  const free = new Map<string, boolean>()
  const isFree = ({ provider }: T): boolean => {
    const known = free.get(provider) ?? obstacleTo(floor, provider, now) === undefined
    free.set(provider, known)
    return known
  }
  const loads = new Map<string, number>()
  for (const { namespace } of floor.atWork) loads.set(namespace, (loads.get(namespace) ?? 0) + 1)
  const isBefore = (a: T, b: T): boolean => {
    const byLoad = (loads.get(a.namespace) ?? 0) - (loads.get(b.namespace) ?? 0)
    return (byLoad || floor.lastServed(a.namespace) - floor.lastServed(b.namespace)) < 0
  }
  let first: T | undefined
  for (const task of floor.waiting) if (isFree(task) && (first === undefined || isBefore(task, first))) first = task
  return first
}
