import { label } from '../api/labels.ts'
import type { Caches } from '../caches.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Job, Pod } from '../api/resources.ts'
import { isTerminal } from './end.ts'
import { countedPods, hasStarted, isBlocked, isCleared } from './runs.ts'

/**
 * What only a process that was there can know of a run: how long it has lasted on a clock that does not jump, whether this
 * process claimed it, and whether all of its pods were kept from beginning. Lost in a restart, after which the time-out
 * starts anew (once) and nothing is taken for certain.
 */
export class RunMemory {
  readonly #clock: Clock
  readonly #runs = new Map<string, { since: number; claimed: boolean; created: boolean }>()
  /** Pods of a task by UID, as they were last seen. */
  readonly #pods = new Map<string, Map<string, Seen>>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Notes every state of a pod that is seen, its last one included, while its task has not ended: then nobody asks. */
  attend(caches: Caches): void {
    caches.pods.subscribe((change) => {
      const { labels, uid } = change.object.metadata
      const task = labels?.[label.task]
      if (task === undefined || caches.tasks.by('byId', task).every(isTerminal)) return
      const pods = this.#pods.get(task) ?? new Map<string, Seen>()
      const before = pods.get(uid)
      const vanished = change.type === 'deleted' && change.unwatched
      pods.set(uid, vanished && before !== 'started' ? 'doubt' : look(change.object, before))
      this.#pods.set(task, pods)
    })
  }

  elapsedMs(taskUid: string): number {
    const run = this.#run(taskUid)
    return this.#clock.monotonic() - run.since
  }

  claimed(taskUid: string): void {
    const run = this.#run(taskUid)
    run.claimed = true
    run.since = this.#clock.monotonic()
  }

  /** The API server has answered: the Job is there, and watched from its first moment. */
  created(taskUid: string): void {
    const run = this.#run(taskUid)
    run.created = true
  }

  isClaimedHere(taskUid: string): boolean {
    return this.#runs.get(taskUid)?.claimed === true
  }

  isCreated(taskUid: string): boolean {
    return this.#runs.get(taskUid)?.created === true
  }

  /**
   * Whether it is proven that no container of the Job ever began. Every pod must have been seen, and seen to be kept from
   * beginning: that none was seen at work would prove nothing.
   */
  neverStarted(task: { name: string; uid: string }, job: Job): boolean {
    const pods = [...(this.#pods.get(task.name)?.values() ?? [])]
    return this.isCreated(task.uid) && countedPods(job) <= pods.length && pods.every((seen) => seen === 'kept')
  }

  forget(task: { name: string; uid: string }): void {
    this.#runs.delete(task.uid)
    this.#pods.delete(task.name)
  }

  #run(taskUid: string) {
    const known = this.#runs.get(taskUid)
    if (known) return known
    const run = { since: this.#clock.monotonic(), claimed: false, created: false }
    this.#runs.set(taskUid, run)
    return run
  }
}

/**
 * `kept`: proven to be kept from beginning. `doubt`: a container may have begun since, or before the pod vanished unseen.
 * `started`: one has, for good.
 */
type Seen = 'kept' | 'doubt' | 'started'

function look(pod: Pod, before: Seen | undefined): Seen {
  if (before === 'started' || hasStarted(pod)) return 'started'
  if (isCleared(pod)) return before ?? 'doubt'
  return isBlocked(pod) ? 'kept' : 'doubt'
}
