import { label } from '../api/labels.ts'
import type { Job, Pod } from '../api/resources.ts'
import type { Caches } from '../caches.ts'
import type { Clock } from '../runtime/clock.ts'
import { deadlineOfPodMs } from './job.ts'
import { isAlive, isStopped } from './runs.ts'

/** What is known of a run whose end nothing may ever tell. */
export interface Stranded {
  /** A pod was removed while it was at work, as by force: its container goes on until its node has heard of it. */
  readonly lostPod: boolean
  /** Milliseconds until it counts as ended, whatever its node says; Infinity where its end will be told. */
  readonly leftMs: number
}

/** A node may start at last what it was told before it was cut off. */
const LEAST_PATIENCE_MS = 10 * 60_000

/**
 * Runs that are waited for though nothing may ever tell of their end: the Job is stopped and its node does not answer, or a
 * pod has gone while it was at work. Measured on a clock that does not jump; a restart begins anew, and knows of no pod that
 * went before.
 */
export class StrandedRuns {
  readonly #clock: Clock
  /** By UID of the Job. */
  readonly #runs = new Map<string, { readonly since: number; lostPod: boolean }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  attend({ jobs, pods }: Pick<Caches, 'jobs' | 'pods'>): void {
    jobs.subscribe(({ type, object }) => {
      if (type === 'deleted') this.#runs.delete(object.metadata.uid)
      else if (isStopped(object)) this.#run(object)
    })
    pods.subscribe(({ type, object }) => {
      const job = type === 'deleted' && mayBeAtWork(object) ? jobOf(jobs, object) : undefined
      if (job !== undefined) this.#run(job).lostPod = true
    })
  }

  of(job: Job): Stranded {
    const run = this.#runs.get(job.metadata.uid)
    if (run === undefined) return { lostPod: false, leftMs: Infinity }
    const patienceMs = Math.max(LEAST_PATIENCE_MS, deadlineOfPodMs(job))
    return { lostPod: run.lostPod, leftMs: Math.max(0, run.since + patienceMs - this.#clock.monotonic()) }
  }

  #run({ metadata: { uid } }: Job) {
    const known = this.#runs.get(uid)
    if (known) return known
    const run = { since: this.#clock.monotonic(), lostPod: false }
    this.#runs.set(uid, run)
    return run
  }
}

/** That its image was missing when last heard of says nothing: its kubelet tries again. */
const mayBeAtWork = (pod: Pod): boolean => isAlive(pod) && pod.spec?.nodeName !== undefined

function jobOf(jobs: Caches['jobs'], { metadata: { namespace = '', labels } }: Pod): Job | undefined {
  const job = jobs.get({ namespace, name: labels?.[label.task] ?? '' })
  return job?.metadata.labels?.[label.taskUid] === labels?.[label.taskUid] ? job : undefined
}
