import { parseDuration } from '../api/duration.ts'
import type { SecretTask } from '../api/generated.ts'
import { type Key, keyOf } from '../api/meta.ts'
import type { Caches } from '../caches.ts'
import type { Provider } from '../credentials-provider/resolve.ts'
import type { Change } from '../kube/store.ts'
import type { Clock } from '../runtime/clock.ts'
import {
  type Contender,
  type Floor,
  type Limits,
  nextTurn,
  type Obstacle,
  obstacleTo,
  providerObstacle,
} from './turns.ts'

export type Turn =
  | { readonly given: true }
  /** `why` names the limit, never a place in the line: a message that changes costs a write. */
  | { readonly given: false; readonly why: string }

interface Waiting extends Contender {
  readonly task: SecretTask
}

interface Settings {
  readonly clock: Clock
  /** How many may be at work at the same time, whatever their providers. */
  readonly most: number
  /** Whether nothing but the limits keeps a task waiting. */
  readonly mayBegin: (task: SecretTask) => boolean
}

interface Queue {
  readonly enqueue: (key: Key) => void
  readonly enqueueAfter: (key: Key, ms: number) => void
}

const SUSPENDED = 'Its credential is suspended (spec.suspend).'

/** A claim that has not come by then is refused by something that only a person can mend. */
const CLAIM_PATIENCE_MS = 10 * 60_000

/**
 * Gives tasks their turns, within the limits of their providers and the operator's own. A task keeps its turn until its
 * claim is seen, so that no other begins in its place while that is on its way. All of it follows from the tasks that are
 * there: a restart finds what is at work, and what has begun of late as far as its record is kept.
 */
export class Throttle {
  readonly #clock: Clock
  readonly #waiting = new Map<string, Waiting>()
  readonly #atWork = new Map<string, Contender>()
  /** Those of `#atWork` whose claim is not seen yet, and when they were given their turn. */
  readonly #turns = new Map<string, { readonly turn: Contender; readonly at: number }>()
  /** By UID of a provider. */
  readonly #limits = new Map<string, Limits>()
  /** By UID of a provider that has a rate limit. */
  readonly #begunAt = new Map<string, number[]>()
  /** By namespace: when a task of it last began. */
  readonly #servedAt = new Map<string, number>()
  readonly #floor: Floor<Waiting>
  readonly #mayBegin: Settings['mayBegin']
  #queue: Queue | undefined

  constructor({ clock, most, mayBegin }: Settings) {
    this.#clock = clock
    this.#mayBegin = mayBegin
    const atWork = this.#atWork
    this.#floor = {
      waiting: { [Symbol.iterator]: () => this.#contenders() },
      get atWork() {
        return [...atWork.values()]
      },
      most,
      limitsOf: (provider) => this.#limits.get(provider) ?? {},
      begunAt: (provider, now) => [...(this.#begunAt.get(provider) ?? []), ...this.#turnsOf(provider, now)],
      lastServed: (namespace) => this.#servedAt.get(namespace) ?? -Infinity,
    }
  }

  attend({ tasks, credentials, providers, clusterProviders, namespaces }: Caches, queue: Queue): void {
    providers.subscribe((change) => {
      this.#limit(change)
    })
    clusterProviders.subscribe((change) => {
      this.#limit(change)
    })
    tasks.subscribe((change) => {
      this.#note(change)
    })
    credentials.subscribe(({ object: { metadata, spec }, previous }) => {
      if (spec.suspend !== true && previous?.spec.suspend !== true) return
      this.#give()
      // Each says why it waits.
      const waiting = tasks.by('byCredential', metadata.uid).filter((task) => this.#waiting.has(task.metadata.uid))
      for (const task of waiting) queue.enqueue(keyOf(task))
    })
    namespaces.subscribe(({ type, object }) => {
      if (type === 'deleted') this.#servedAt.delete(object.metadata.name)
    })
    // Not before: what is at work has to be known first.
    this.#queue = queue
    this.#give()
  }

  of(task: SecretTask): Turn {
    this.#give()
    if (!this.#waiting.has(task.metadata.uid)) return { given: true }
    if (!this.#mayBegin(task)) return { given: false, why: SUSPENDED }
    const { name, uid } = task.spec.provider
    const obstacle = obstacleTo(this.#floor, contenderOf(task), this.#clock.now())
    return { given: false, why: obstacle === undefined ? '' : this.#textOf(obstacle, name, this.#limits.get(uid)) }
  }

  *#contenders(): Generator<Waiting> {
    for (const waiting of this.#waiting.values()) if (this.#mayBegin(waiting.task)) yield waiting
  }

  #limit({ type, object: { metadata, spec } }: Change<Provider>): void {
    if (type === 'deleted') {
      this.#limits.delete(metadata.uid)
      this.#begunAt.delete(metadata.uid)
    } else {
      const { concurrency, rateLimit } = spec
      const rate = rateLimit && { tasks: rateLimit.tasks, periodMs: parseDuration(rateLimit.period) }
      this.#limits.set(metadata.uid, { concurrency, rate })
    }
    this.#give()
  }

  #note({ type, object, previous }: Change<SecretTask>): void {
    const { uid } = object.metadata
    const { state, startedAt } = object.status
    const contender = contenderOf(object)
    if (type === 'deleted' || state !== 'queued') this.#waiting.delete(uid)
    if (type !== 'deleted' && startedAt !== undefined && previous?.status.startedAt === undefined)
      this.#begin(contender, Date.parse(startedAt))
    if (type !== 'deleted' && state === 'queued') {
      if (!this.#turns.has(uid)) this.#waiting.set(uid, { ...contender, task: object })
    } else {
      this.#turns.delete(uid)
      if (type !== 'deleted' && state === 'processing') this.#atWork.set(uid, contender)
      else this.#atWork.delete(uid)
    }
    this.#give()
  }

  /** A claim may come late: until then its turn counts as one that begins now, if not for ever where it is refused. */
  #turnsOf(provider: string, now: number): number[] {
    return [...this.#turns.values()].flatMap(({ turn, at }) =>
      turn.provider === provider ? [Math.min(now, at + CLAIM_PATIENCE_MS)] : [],
    )
  }

  #serve(namespace: string, at: number): void {
    this.#servedAt.set(namespace, Math.max(at, this.#servedAt.get(namespace) ?? at))
  }

  #begin({ namespace, provider }: Contender, at: number): void {
    this.#serve(namespace, at)
    const rate = this.#limits.get(provider)?.rate
    if (rate === undefined) return
    const before = this.#begunAt.get(provider) ?? []
    this.#begunAt.set(provider, [...before.filter((other) => other > at - rate.periodMs), at])
  }

  #give(): void {
    const queue = this.#queue
    if (queue === undefined || this.#atWork.size >= this.#floor.most) return
    const now = this.#clock.now()
    for (let next = nextTurn(this.#floor, now); next; next = nextTurn(this.#floor, now)) {
      this.#waiting.delete(next.uid)
      this.#turns.set(next.uid, { turn: next, at: now })
      this.#atWork.set(next.uid, next)
      this.#serve(next.namespace, now)
      queue.enqueue(keyOf(next.task))
    }
    this.#lookAgain(queue, now)
  }

  /** When the rate of a provider allows another, one of those that wait is looked at, and with it whose turn it is. */
  #lookAgain({ enqueueAfter }: Queue, now: number): void {
    const seen = new Set<string>()
    for (const { provider, task } of this.#floor.waiting) {
      if (seen.has(provider)) continue
      seen.add(provider)
      const leftMs = providerObstacle(this.#floor, provider, now)?.leftMs ?? Infinity
      if (leftMs < Infinity) enqueueAfter(keyOf(task), leftMs)
    }
  }

  #textOf({ limit }: Obstacle, provider: string, { concurrency = 0, rate }: Limits = {}): string {
    switch (limit) {
      case 'most':
        return `The operator is at its limit of ${this.#floor.most} at the same time (MAX_RUNNING_TASKS).`
      case 'share':
        return `Its namespace has as many tasks at work as it leaves to all others, of ${this.#floor.most} (MAX_RUNNING_TASKS).`
      case 'concurrency':
        return `Provider "${provider}" is at its limit of ${concurrency} at the same time (spec.concurrency).`
      case 'rate':
        return `Provider "${provider}" is at its limit of ${rate?.tasks ?? 0} in ${(rate?.periodMs ?? 0) / 1000} s (spec.rateLimit).`
    }
  }
}

const contenderOf = ({ metadata, spec }: SecretTask): Contender => ({
  uid: metadata.uid,
  namespace: spec.credential.namespace,
  provider: spec.provider.uid,
})
