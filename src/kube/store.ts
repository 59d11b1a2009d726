import { keyOf, type Key, type KubeObject } from '../api/meta.ts'
import type { Logger } from '../runtime/logger.ts'
import { Indices, type Indexer } from './indices.ts'
import { keyText } from './key.ts'
import type { WatchEvent } from './port.ts'
import { compareResourceVersions } from './resource-version.ts'
import type { Shared } from './shared.ts'

export type Change<T> =
  | { readonly type: 'added'; readonly object: T; readonly previous?: undefined }
  | { readonly type: 'changed'; readonly object: T; readonly previous: T }
  | Removal<T>

interface Removal<T> {
  readonly type: 'deleted'
  /** As it was last known. */
  readonly object: T
  readonly previous?: undefined
  /** No watch told of it: the object went between two looks, and what it had become by then nobody has seen. */
  readonly unwatched: boolean
}

export interface StoreOptions<T, I extends string> {
  readonly indexers: Readonly<Record<I, Indexer<T>>>
  readonly logger: Logger
  /** What is kept of an object; by default all but `managedFields`, which are most of many objects. */
  readonly slim?: (object: T) => T
  /** What is kept has its texts in common with the objects of all stores that are given the same. */
  readonly shared?: Pick<Shared, 'texts'>
}

const newer = (a: KubeObject, b: KubeObject) =>
  compareResourceVersions(a.metadata.resourceVersion, b.metadata.resourceVersion) > 0

/**
 * What the operator knows of one kind of object. Two sources feed it: the reflector, in the order of resource versions,
 * and the answers to our own writes, which may come before their echo. Knowledge of an object only ever grows newer:
 *
 * - `resourceVersion` is the reflector's position: everything up to it has been seen;
 * - an object above that position came from a write of ours, and stays until the reflector has passed it.
 *
 * Objects are shared: never change what the store returns.
 */
export class Store<T extends KubeObject, I extends string = never> {
  readonly #objects = new Map<string, T>()
  readonly #indices: Indices<T, I>
  readonly #options: StoreOptions<T, I>
  readonly #handlers = new Set<(change: Change<T>) => void>()
  /** UID of each object whose deletion we know of before the reflector does, with the last version we knew. */
  readonly #buried = new Map<string, string>()
  readonly #synced = Promise.withResolvers<undefined>()
  #position: string | undefined

  constructor(options: StoreOptions<T, I>) {
    this.#options = options
    this.#indices = new Indices(options.indexers)
  }

  /** The version up to which everything has been seen; undefined until the first list is in. */
  get resourceVersion(): string | undefined {
    return this.#position
  }

  get synced(): boolean {
    return this.#position !== undefined
  }

  /** Resolves when the first list is in. */
  whenSynced(): Promise<void> {
    return this.#synced.promise
  }

  get size(): number {
    return this.#objects.size
  }

  get(key: Key): T | undefined {
    return this.#objects.get(keyText(key))
  }

  list(): readonly T[] {
    return [...this.#objects.values()]
  }

  by(index: I, value: string): readonly T[] {
    const found: T[] = []
    for (const key of this.#indices.find(index, value)) {
      const object = this.#objects.get(key)
      if (object) found.push(object)
    }
    return found
  }

  /**
   * Calls `handler` with an `added` for every object there is, and then with every change. It must be quick and
   * synchronous, e.g. put a key into a queue. There is no end to it: a store lives as long as its process.
   */
  subscribe(handler: (change: Change<T>) => void): void {
    this.#handlers.add(handler)
    for (const object of this.#objects.values()) this.#notify(handler, { type: 'added', object })
  }

  /**
   * Read your writes: takes over the API server's answer to an own write, unless the store knows better. Where the
   * reflector has passed that version, an object that is not there has been deleted since, and stays away.
   */
  remember(object: T): void {
    if (!this.#hasPassed(object.metadata.resourceVersion)) this.#put(this.kept(object))
  }

  /**
   * Takes out an object that is known to be gone for good, not merely terminating. Its UID stays barred until the
   * reflector has seen the deletion, too; where it has already, there is nothing to do.
   */
  forget(object: KubeObject): void {
    const { uid, resourceVersion } = object.metadata
    const key = keyText(keyOf(object))
    const held = this.#objects.get(key)
    if (held?.metadata.uid === uid) {
      this.#buried.set(uid, held.metadata.resourceVersion)
      this.#delete(key, held, { unwatched: true })
    } else if (!this.#hasPassed(resourceVersion)) {
      this.#buried.set(uid, resourceVersion)
    }
  }

  /** For the reflector: one watch event. An event at or below the position is an echo of what is known. */
  apply(event: WatchEvent<T>): void {
    const { resourceVersion, uid } = event.object.metadata
    if (this.#hasPassed(resourceVersion)) return
    this.#position = resourceVersion
    switch (event.type) {
      case 'ADDED':
      case 'MODIFIED':
        this.#put(this.kept(event.object))
        break
      case 'DELETED': {
        this.#buried.delete(uid)
        const key = keyText(keyOf(event.object))
        const held = this.#objects.get(key)
        // A later version of ours outlives the event: it may have left the selection and come back.
        if (held && !newer(held, event.object)) this.#delete(key, held, { unwatched: false })
        break
      }
      case 'BOOKMARK':
    }
  }

  /**
   * What is kept of an object that was read; where that version is held already, the very object. Asked page by page, no
   * long list is ever there as it was sent, nor one that tells nothing new a second time.
   */
  kept(given: T): T {
    const { slim = withoutManagedFields, shared } = this.#options
    const held = this.get(keyOf(given))
    const { uid, resourceVersion } = given.metadata
    if (held?.metadata.uid === uid && held.metadata.resourceVersion === resourceVersion) return held
    return shared?.texts(slim(given)) ?? slim(given)
  }

  /**
   * For the reflector: a complete list at `resourceVersion`, of what was `kept`. Tells handlers the difference to what was
   * known. Returns false, and changes nothing, if the list is older than the position: time never goes back.
   */
  replace(objects: readonly T[], resourceVersion: string): boolean {
    if (this.#position !== undefined && compareResourceVersions(resourceVersion, this.#position) < 0) return false
    this.#position = resourceVersion
    const listed = new Map(objects.map((object) => [keyText(keyOf(object)), object]))
    for (const [key, held] of [...this.#objects]) {
      const ownWrite = compareResourceVersions(held.metadata.resourceVersion, resourceVersion) > 0
      if (!listed.has(key) && !ownWrite) this.#delete(key, held, { unwatched: true })
    }
    for (const object of objects) this.#put(object)
    const uids = new Set(objects.map((object) => object.metadata.uid))
    for (const [uid, version] of this.#buried) {
      if (!uids.has(uid) && compareResourceVersions(version, resourceVersion) <= 0) this.#buried.delete(uid)
    }
    this.#synced.resolve(undefined)
    return true
  }

  #hasPassed(resourceVersion: string): boolean {
    return this.#position !== undefined && compareResourceVersions(resourceVersion, this.#position) <= 0
  }

  #put(object: T): void {
    if (this.#buried.has(object.metadata.uid)) return
    const key = keyText(keyOf(object))
    const held = this.#objects.get(key)
    if (held && !newer(object, held)) return
    // Another object under the same name: the one that was there is gone.
    if (held && held.metadata.uid !== object.metadata.uid) this.#delete(key, held, { unwatched: true })
    else if (held) this.#indices.remove(key, held)
    this.#objects.set(key, object)
    this.#indices.add(key, object)
    const changed = held?.metadata.uid === object.metadata.uid
    this.#notifyAll(changed ? { type: 'changed', object, previous: held } : { type: 'added', object })
  }

  #delete(key: string, object: T, how: Pick<Removal<T>, 'unwatched'>): void {
    this.#objects.delete(key)
    this.#indices.remove(key, object)
    this.#notifyAll({ type: 'deleted', object, ...how })
  }

  #notifyAll(change: Change<T>): void {
    for (const handler of [...this.#handlers]) this.#notify(handler, change)
  }

  /** A handler that throws must neither stop the others nor the reflector. */
  #notify(handler: (change: Change<T>) => void, change: Change<T>): void {
    try {
      handler(change)
    } catch (error) {
      this.#options.logger.error({ err: error, key: keyText(keyOf(change.object)) }, 'a store handler failed')
    }
  }
}

export function withoutManagedFields<T extends KubeObject>(object: T): T {
  const { managedFields, ...metadata } = object.metadata
  return managedFields === undefined ? object : { ...object, metadata }
}
