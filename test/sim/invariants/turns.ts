import { parseDuration } from '../../../src/api/duration.ts'
import type { SecretTask } from '../../../src/api/generated.ts'
import { SecretTasks } from '../../../src/api/resources.ts'
import { MOST_TASKS } from '../observe/limits.ts'
import type { Checker, Invariant } from '../observe/invariant.ts'
import type { State } from '../observe/state.ts'
import { changeOf, providerBy } from './reading.ts'
import { NETWORK_MS } from './waits.ts'

const isSameProvider = (a: SecretTask, b: SecretTask): boolean => a.spec.provider.uid === b.spec.provider.uid

/** When a task was claimed, and by which process. */
interface Claim {
  readonly at: number
  readonly by: string
}

/** Less than it takes another process to lead. */
const HEARD_MS = 12_000

/** Of what another process has just claimed, and is perhaps dead since, a leader may not have heard. */
const isHeardOf = ({ at, by }: Claim, { now, leader }: State): boolean => by === leader || now - at > HEARD_MS

/** Judges each claim by the leader beside those that it can know of. */
const atEachClaim =
  (judge: (task: SecretTask, claims: ReadonlyMap<string, Claim>, state: State) => string | undefined) =>
  (): Checker => {
    const claims = new Map<string, Claim>()
    return {
      on(fact, state) {
        const change = changeOf(fact, SecretTasks)
        if (change?.object.status.state !== 'processing' || change.previous?.status.state !== 'queued') return undefined
        const { uid } = change.object.metadata
        const known = new Map([...claims].filter(([, claim]) => isHeardOf(claim, state)))
        claims.set(uid, { at: state.now, by: change.by })
        return change.by === state.leader ? judge(change.object, known, state) : undefined
      },
    }
  }

const atWork = (state: State): SecretTask[] =>
  [...state.all(SecretTasks).values()].filter(({ status }) => status.state === 'processing')

const withinConcurrency = atEachClaim((task, claims, state) => {
  const others = atWork(state).filter(({ metadata }) => metadata.uid !== task.metadata.uid && claims.has(metadata.uid))
  if (others.length >= MOST_TASKS) return `${task.metadata.name} was claimed while ${others.length} others are at work`
  const limit = providerBy(state, task.spec.provider.uid)?.spec.concurrency ?? Infinity
  const rivals = others.filter((other) => isSameProvider(other, task))
  return rivals.length < limit
    ? undefined
    : `${task.metadata.name} was claimed while ${rivals.length} of its provider are at work, which allows ${limit}`
})

/** What was claimed, and when, is told by the records that are kept. */
const withinRate = atEachClaim((task, claims, state) => {
  const rate = providerBy(state, task.spec.provider.uid)?.spec.rateLimit
  if (rate === undefined || state.clockSetAt > -Infinity) return undefined
  const since = state.now - parseDuration(rate.period) + NETWORK_MS
  const begun = [...state.all(SecretTasks).values()].filter(
    (other) => isSameProvider(other, task) && (claims.get(other.metadata.uid)?.at ?? -Infinity) > since,
  )
  return begun.length < rate.tasks
    ? undefined
    : `${task.metadata.name} was claimed though ${begun.length} of its provider had begun within ${rate.period}`
})

/** For so long what has begun counts, whether or not its record is still there, in milliseconds. */
export function ratePeriodOf(state: State, task: SecretTask): number {
  const { rateLimit } = providerBy(state, task.spec.provider.uid)?.spec ?? {}
  return rateLimit === undefined ? 0 : parseDuration(rateLimit.period)
}

/** Whether a limit keeps the task waiting. */
export function isThrottled(state: State, task: SecretTask): boolean {
  const others = atWork(state)
  const { concurrency = Infinity, rateLimit } = providerBy(state, task.spec.provider.uid)?.spec ?? {}
  const free = MOST_TASKS - others.length
  const isNeighbour = (other: SecretTask) => other.spec.credential.namespace === task.spec.credential.namespace
  if (others.filter(isNeighbour).length >= free) return true
  if (others.filter((other) => isSameProvider(other, task)).length >= concurrency) return true
  if (rateLimit === undefined) return false
  // By a clock that was set, what has begun before counts for longer, or not at all.
  if (state.clockSetAt > -Infinity) return true
  const since = state.now - parseDuration(rateLimit.period)
  const begun = [...state.all(SecretTasks).values()].filter(
    (other) => isSameProvider(other, task) && Date.parse(other.status.startedAt ?? '') > since,
  )
  return begun.length >= rateLimit.tasks
}

export const turns: readonly Invariant[] = [
  {
    id: 'S25',
    says: 'No more tasks are claimed at the same time than their provider, and the operator, may run.',
    begin: withinConcurrency,
  },
  {
    id: 'S25 rate',
    says: 'No more tasks of a provider are claimed within a period than its rate allows.',
    begin: withinRate,
  },
]
