import type { CustomCredential, OrphanedCredential, SecretTask, TaskTrigger } from '../../src/api/generated.ts'
import type { View } from './view.ts'

/** The reason for which a credential was not ready. */
interface Lapse {
  readonly credential: string
  readonly why: string
}

/** What has become of each task and credential, those included that are gone by now: counted as the API server tells it. */
export class Diary {
  readonly #tasks = new Map<string, SecretTask>()
  readonly #cancelled = new Set<string>()
  readonly #locks = new Set<string>()
  readonly #lapses: Lapse[] = []
  readonly #orphansGone = new Map<string, OrphanedCredential>()

  constructor({ tasks, credentials, orphans }: Pick<View, 'tasks' | 'credentials' | 'orphans'>) {
    orphans.subscribe(({ type, object }) => {
      if (type === 'deleted') this.#orphansGone.set(object.metadata.uid, object)
    })
    tasks.subscribe((change) => {
      const { metadata, status } = change.object
      this.#tasks.set(metadata.uid, change.object)
      // Where no watch has told of it, it may have ended before.
      if (change.type === 'deleted' && !change.unwatched && status.state === 'processing')
        this.#cancelled.add(metadata.uid)
    })
    credentials.subscribe(({ type, object, previous }) => {
      for (const lock of object.status.locks ?? []) this.#locks.add(`${object.metadata.uid} ${lock.name}`)
      if (type !== 'changed' || object.metadata.deletionTimestamp !== undefined) return
      const why = whyNotReady(object)
      if (why !== undefined && isReady(previous)) this.#lapses.push({ credential: object.metadata.name, why })
    })
  }

  get tasks(): readonly SecretTask[] {
    return [...this.#tasks.values()].filter(({ metadata }) => !this.#cancelled.has(metadata.uid))
  }

  /** Versions that were revoked at the end of their time to live. */
  get expiries(): number {
    return countTriggers(this.tasks, 'delete_credentials').secret_version_expiration ?? 0
  }

  /** Tasks that people have deleted while they were at work. */
  get cancels(): number {
    return this.#cancelled.size
  }

  /** Orphans that were recorded, and are gone again. */
  get orphansGone(): readonly OrphanedCredential[] {
    return [...this.#orphansGone.values()]
  }

  /** Locks that were bound to a version. */
  get locks(): number {
    return this.#locks.size
  }

  /** Each time that a credential ceased to be ready. */
  get lapses(): readonly Lapse[] {
    return this.#lapses
  }

  /** From when to when tasks have been at work, by the operator's calendar; milliseconds since the epoch. */
  get span(): { readonly from: number; readonly to: number } {
    const dates = this.tasks.flatMap(({ status }) => [status.startedAt, status.finishedAt])
    const moments = dates.filter((date) => date !== undefined).map((date) => Date.parse(date))
    return { from: Math.min(...moments), to: Math.max(...moments) }
  }
}

const readiness = ({ status }: CustomCredential) => status.conditions?.find(({ type }) => type === 'Ready')

const isReady = (credential: CustomCredential): boolean => readiness(credential)?.status === 'True'

/** Why a credential is not ready; undefined where it is, or where nothing is known yet. */
export function whyNotReady(credential: CustomCredential): string | undefined {
  const ready = readiness(credential)
  return ready?.status === 'False' ? ready.reason : undefined
}

const isDone = ({ status }: SecretTask): boolean =>
  status.state === 'credentials_created' || status.state === 'credentials_deleted'

/** Tasks that have done what they were made for, by what they were made for. */
export function countTriggers(tasks: readonly SecretTask[], type: SecretTask['spec']['type']) {
  const counts: Partial<Record<TaskTrigger, number>> = {}
  for (const { spec } of tasks.filter((task) => isDone(task) && task.spec.type === type))
    counts[spec.trigger] = (counts[spec.trigger] ?? 0) + 1
  return counts
}
