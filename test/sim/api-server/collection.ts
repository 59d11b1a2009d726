import type { Key, KubeObject, Resource } from '../../../src/api/meta.ts'
import type { ObjectChange } from '../observe/facts.ts'

const addressOf = (key: Key): string => `${key.namespace ?? ''}/${key.name}`

/** The objects of one resource, and how they became what they are. */
export class Collection {
  readonly resource: Resource
  readonly #objects = new Map<string, KubeObject>()
  /** Oldest first. */
  #changes: ObjectChange[] = []

  constructor(resource: Resource) {
    this.resource = resource
  }

  get(key: Key): KubeObject | undefined {
    return this.#objects.get(addressOf(key))
  }

  apply(change: ObjectChange): void {
    const address = addressOf(change.object.metadata)
    if (change.type === 'deleted') this.#objects.delete(address)
    else this.#objects.set(address, change.object)
    this.#changes.push(change)
  }

  /** Objects in the order of their keys, now or as they were at a revision that is not compacted. */
  objects(revision = Infinity): readonly KubeObject[] {
    const later = this.since(revision)
    const then = later.length === 0 ? this.#objects : new Map(this.#objects)
    for (const { object, previous } of later.toReversed()) {
      if (previous) then.set(addressOf(object.metadata), previous)
      else then.delete(addressOf(object.metadata))
    }
    return [...then].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object)
  }

  since(revision: number): readonly ObjectChange[] {
    let from = this.#changes.length
    while (from > 0 && (this.#changes[from - 1]?.revision ?? 0) > revision) from--
    return from === this.#changes.length ? [] : this.#changes.slice(from)
  }

  compact(revision: number): void {
    this.#changes = [...this.since(revision)]
  }
}
