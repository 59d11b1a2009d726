import { isDeepStrictEqual } from 'node:util'
import { keyOf } from '../../../src/api/meta.ts'
import { Jobs, Pods, type Job, type Pod } from '../../../src/api/resources.ts'
import { keyText, parseKey } from '../../../src/kube/key.ts'
import type { ObjectChange } from '../observe/facts.ts'
import { podManifest, podsOf } from './job-pods.ts'
import { decidedBefore, isFinished, isTerminal, judge, type Tally } from './job-verdict.ts'
import { statusOf } from './job-status.ts'
import { WorkQueue } from './work-queue.ts'
import type { World } from './world.ts'

const BY = { by: 'job-controller' }
const REACTION_MS = 10
/** From the end of the last pod to `Complete` or `Failed`. */
const FINISH_MS = 1000
/** So long a controller that is behind takes to look at a Job: longer than its run may take. */
const BEHIND_MS = 150_000

/** So long its status writes are held up, such as by a webhook: longer than a run may take. Its queue goes on all the while. */
const WORDLESS_MS = 150_000

/** What the controller knows of a Job beyond what is written on it. */
interface Known {
  /** How every pod that was ever made was counted, which stays; `undefined` while it is at work. */
  readonly pods: Map<string, 'Succeeded' | 'Failed' | undefined>
  /** No pod will ever be made. */
  idle: boolean
  /** The controller is so far behind that it does not see the Job until then. */
  unseenUntil?: number
  /** Nothing is written on the Job until then. */
  wordlessUntil?: number
  /** Since when no pod can be at work any more. */
  quietSince?: number
}

/** The Job controller: one pod per Job, never replaced, and the count of how pods ended. */
export class JobController {
  readonly #world: World
  readonly #queue: WorkQueue
  /** By UID of the Job. */
  readonly #known = new Map<string, Known>()
  /** Pods made so far: no name is used twice. */
  #made = 0

  constructor(world: World) {
    this.#world = world
    this.#queue = new WorkQueue(world.scheduler, 'job-controller', (key) => {
      const job = world.server.find(Jobs, parseKey(key))
      if (job?.spec?.suspend === true) this.#stop(podsOf(world.server.list(Pods).items, job))
      else if (job && !isFinished(job)) this.#sync(key, job)
    })
    world.server.subscribe((change) => {
      this.#notice(change)
    })
  }

  #notice({ resource, object, type }: ObjectChange): void {
    if (resource.plural === Jobs.plural) {
      if (type === 'deleted') this.#known.delete(object.metadata.uid)
      else this.#queue.add(keyText(keyOf(object)), REACTION_MS)
    }
    const owner = object.metadata.ownerReferences?.find(({ kind }) => kind === Jobs.kind)
    if (resource.plural !== Pods.plural || !owner) return
    this.#queue.add(keyText({ ...keyOf(object), name: owner.name }), REACTION_MS)
  }

  #sync(key: string, job: Job): void {
    const { server, scheduler } = this.#world
    const known = this.#knownOf(job)
    const unseenMs = this.#unseenMs(known)
    if (unseenMs > 0) {
      this.#queue.add(key, unseenMs)
      return
    }
    if (job.metadata.deletionTimestamp === undefined) this.#start(job, known)

    const pods = podsOf(server.list(Pods, { namespace: job.metadata.namespace ?? '' }).items, job)
    const tally = count(known, pods)
    const now = scheduler.now()
    const verdict = judge(job, tally, now)
    const alive = pods.filter((pod) => !isTerminal(pod))
    if (alive.length > 0 || !verdict) delete known.quietSince
    else known.quietSince ??= now

    const ended = known.quietSince !== undefined && now >= known.quietSince + FINISH_MS
    if (this.#wordlessMs(known) > 0) this.#queue.add(key, this.#wordlessMs(known))
    else this.#report(job, statusOf(job, { tally, verdict, ended, now }))
    if (verdict) this.#stop(alive)
    this.#wakeAgain(key, job, known)
  }

  #knownOf({ metadata: { uid } }: Job): Known {
    const known = this.#known.get(uid) ?? { pods: new Map(), idle: false }
    this.#known.set(uid, known)
    return known
  }

  #unseenMs(known: Known): number {
    const { scheduler, place } = this.#world
    if (known.unseenUntil === undefined) {
      const isBehind = place('job:notice') === 'behind'
      known.unseenUntil = isBehind ? scheduler.now() + BEHIND_MS : 0
    }
    return Math.max(0, known.unseenUntil - scheduler.now())
  }

  #wordlessMs(known: Known): number {
    const { scheduler, place } = this.#world
    known.wordlessUntil ??= place('job:report') === 'late' ? scheduler.now() + WORDLESS_MS : 0
    return Math.max(0, known.wordlessUntil - scheduler.now())
  }

  #start(job: Job, known: Known): void {
    if (known.idle || known.pods.size > 0 || decidedBefore(job)) return
    const fate = this.#world.place('job:start')
    known.idle = fate === 'never'
    while (!known.idle && known.pods.size < (fate === 'twice' ? 2 : 1)) {
      const pod = this.#world.server.create(Pods, podManifest(job, ++this.#made), BY)
      known.pods.set(pod.metadata.uid, undefined)
    }
  }

  #report(job: Job, status: object): void {
    const before = job.status as Record<string, unknown> | undefined
    const isKnown = Object.entries(status).every(([name, value]) => isDeepStrictEqual(before?.[name], value))
    if (!isKnown) this.#world.server.patch(Jobs, keyOf(job), { merge: { status }, subresource: 'status' }, BY)
  }

  #stop(alive: readonly Pod[]): void {
    for (const pod of alive) {
      const { deletionTimestamp, uid } = pod.metadata
      if (deletionTimestamp === undefined) this.#world.server.remove(Pods, keyOf(pod), { ...BY, uid })
    }
  }

  #wakeAgain(key: string, job: Job, known: Known): void {
    const now = this.#world.scheduler.now()
    const limit = job.spec?.activeDeadlineSeconds
    const start = job.status?.startTime
    const deadline = limit !== undefined && start !== undefined ? Date.parse(start) + limit * 1000 : Infinity
    const finish = known.quietSince === undefined ? Infinity : known.quietSince + FINISH_MS
    const next = Math.min(...[deadline, finish].filter((at) => at > now))
    if (next < Infinity) this.#queue.add(key, next - now)
  }
}

function count({ pods: made }: Known, pods: readonly Pod[]): Tally {
  for (const [uid, end] of made) {
    const pod = pods.find(({ metadata }) => metadata.uid === uid)
    const phase = pod?.status?.phase
    if (phase === 'Succeeded' || phase === 'Failed') made.set(uid, end ?? phase)
    else if (!pod || pod.metadata.deletionTimestamp !== undefined) made.set(uid, end ?? 'Failed')
  }
  const ends = [...made.values()]
  const counted = (wanted: string | undefined) => ends.filter((end) => end === wanted).length
  const terminating = pods.filter((pod) => pod.metadata.deletionTimestamp !== undefined && !isTerminal(pod)).length
  return { active: counted(undefined), succeeded: counted('Succeeded'), failed: counted('Failed'), terminating }
}
