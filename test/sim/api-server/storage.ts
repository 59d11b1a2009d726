import type { Key, KubeObject, Resource } from '../../../src/api/meta.ts'
import * as resources from '../../../src/api/resources.ts'
import type { ObjectChange } from '../observe/facts.ts'
import { Collection } from './collection.ts'
import { expired } from './refusals.ts'

/** Changes bear these, so that one resource is one value; `SecretMetadata` is another view of Secrets. */
const canonical = new Map(
  Object.values({ ...resources, SecretMetadata: resources.Secrets }).map((r: Resource) => [
    `${r.group}/${r.plural}`,
    r,
  ]),
)

/** All that the server stores, under one revision, and how it became so. */
export class Storage {
  readonly #collections = new Map<string, Collection>()
  /** The same, by what they were asked for with. */
  readonly #views = new Map<Resource, Collection>()
  readonly #listeners = new Set<(change: ObjectChange) => void>()
  // Not 0, which asks for any state at hand.
  #revision = 1
  #compacted = 0

  get revision(): number {
    return this.#revision
  }

  get(resource: Resource, key: Key): KubeObject | undefined {
    return this.#collection(resource).get(key)
  }

  /** As of a revision; throws `Expired` where it was compacted. */
  objects(resource: Resource, revision: number): readonly KubeObject[] {
    if (revision < this.#compacted) throw expired(revision)
    return this.#collection(resource).objects(revision)
  }

  since(resource: Resource, revision: number): readonly ObjectChange[] {
    if (revision < this.#compacted) throw expired(revision)
    return this.#collection(resource).since(revision)
  }

  subscribe(listener: (change: ObjectChange) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  compact(revision: number): void {
    this.#compacted = Math.max(this.#compacted, Math.min(revision, this.#revision))
    for (const collection of this.#collections.values()) collection.compact(this.#compacted)
  }

  /** Stores a change under the next revision and tells the listeners; returns the object as it is stored. */
  commit(
    resource: Resource,
    type: ObjectChange['type'],
    what: Pick<ObjectChange, 'object' | 'previous' | 'by'>,
  ): KubeObject {
    const revision = ++this.#revision
    const metadata = { ...what.object.metadata, resourceVersion: String(revision) }
    const object: KubeObject = { ...what.object, metadata }
    const collection = this.#collection(resource)
    const change: ObjectChange = { kind: 'object', revision, type, ...what, resource: collection.resource, object }
    collection.apply(change)
    for (const listener of this.#listeners) listener(change)
    return object
  }

  #collection(resource: Resource): Collection {
    const known = this.#views.get(resource)
    if (known) return known
    const id = `${resource.group}/${resource.plural}`
    const collection = this.#collections.get(id) ?? new Collection(canonical.get(id) ?? resource)
    this.#collections.set(id, collection)
    this.#views.set(resource, collection)
    return collection
  }
}
