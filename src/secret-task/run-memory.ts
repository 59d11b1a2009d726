import { label } from '../api/labels.ts'
import type { Caches } from '../caches.ts'
import type { Clock } from '../runtime/clock.ts'
import { hasStarted } from './runs.ts'

/**
 * What only a process that was there can know of a run: how long it has lasted on a clock that does not jump, whether this
 * process claimed it, and whether any of its containers ever began. Lost in a restart, after which the time-out starts
 * anew (once) and nothing is taken for certain.
 */
export class RunMemory {
  readonly #clock: Clock
  readonly #runs = new Map<string, { since: number; claimed: boolean; created: boolean }>()
  readonly #startedTasks = new Set<string>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Notes containers that begin, from every state of a pod that is seen, its last one included. */
  attend(caches: Caches): () => void {
    return caches.pods.subscribe(({ object, type }) => {
      const task = object.metadata.labels?.[label.task]
      // A pod that vanished without a last word may have run.
      const silent =
        type === 'deleted' && object.spec?.nodeName !== undefined && object.status?.containerStatuses === undefined
      if (task !== undefined && (hasStarted(object) || silent)) this.#startedTasks.add(task)
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

  neverStarted(task: { name: string; uid: string }): boolean {
    return this.isCreated(task.uid) && !this.#startedTasks.has(task.name)
  }

  forget(task: { name: string; uid: string }): void {
    this.#runs.delete(task.uid)
    this.#startedTasks.delete(task.name)
  }

  #run(taskUid: string) {
    const known = this.#runs.get(taskUid)
    if (known) return known
    const run = { since: this.#clock.monotonic(), claimed: false, created: false }
    this.#runs.set(taskUid, run)
    return run
  }
}
