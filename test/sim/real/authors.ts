import type { Actor } from '../observe/facts.ts'
import type { StoredChange } from './stored.ts'

/** Address of an object among all kinds, such as `jobs team-a/orders`. */
export const addressOf = (plural: string, namespace: string | undefined, name: string): string =>
  `${plural} ${namespace ?? ''}/${name}`

/** Knows who made a change: from the answers to the operator's writes, which pass through the proxy. */
export class Authors {
  readonly #byRevision = new Map<number, Actor>()
  readonly #removals = new Map<string, Actor>()
  readonly #unanswered = new Map<string, Actor>()

  /** The answer to a write bore this revision. */
  wrote(revision: number, actor: Actor): void {
    this.#byRevision.set(revision, actor)
  }

  /** A deletion was accepted; its answer does not tell a revision. */
  removed(address: string, actor: Actor): void {
    this.#removals.set(address, actor)
  }

  /** A write was sent to the server, and the server gave no answer: it may have had its effect. */
  mayHaveWritten(address: string, actor: Actor): void {
    this.#unanswered.set(address, actor)
  }

  of({ revision, resource, type, object }: StoredChange): Actor {
    const address = addressOf(resource.plural, object.metadata.namespace, object.metadata.name)
    const known = this.#byRevision.get(revision)
    this.#byRevision.delete(revision)
    // All that had no answer before this write has had its effect by now, or none: what follows is somebody else's.
    if (known !== undefined) this.#unanswered.delete(address)
    const remover = type === 'deleted' ? this.#removals.get(address) : undefined
    if (type === 'deleted') this.#removals.delete(address)
    return known ?? remover ?? this.#unanswered.get(address) ?? managerOf(object) ?? 'somebody'
  }
}

interface Managed {
  readonly managedFields?: readonly { readonly manager?: string; readonly time?: string }[]
}

/** Who wrote last by what the object says itself: right for all but the operator, whose processes it does not tell apart. */
const managerOf = ({ metadata }: StoredChange['object']): string | undefined =>
  (metadata as Managed).managedFields?.toSorted((a, b) => ((a.time ?? '') < (b.time ?? '') ? 1 : -1))[0]?.manager
