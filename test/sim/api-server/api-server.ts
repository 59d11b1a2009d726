import type { Key, KubeObject, Manifest, ObjectMeta, Resource } from '../../../src/api/meta.ts'
import { Namespaces } from '../../../src/api/resources.ts'
import type { DeleteOptions, PatchOperation } from '../../../src/kube/port.ts'
import type { Actor, ObjectChange } from '../observe/facts.ts'
import { decoded } from './decoding.ts'
import { afterRemoval, isReleased } from './deletion.ts'
import { isRecord, wire, without } from './json.ts'
import { checkAddress, checkPreconditions, entered, tidy, timestamp } from './metadata.ts'
import { jsonPatch, mergePatch } from './patch.ts'
import { alreadyExists, badRequest, invalid, namespaceTerminating, notFound } from './refusals.ts'
import { listed, type Selection, selects, shown } from './selection.ts'
import { Storage } from './storage.ts'
import { created, hasSubresource, lacksStatus, type Stored, type Subresource, updated } from './strategy.ts'

export { watchEvent } from './selection.ts'

export interface Write {
  readonly by: Actor
  /** Under what name the write is entered in the object's managed fields, where that is not `by`. */
  readonly manager?: string
  readonly dryRun?: boolean
}

export type Patch = { readonly subresource?: Subresource } & (
  { readonly operations: readonly PatchOperation[] } | { readonly merge: object }
)

/**
 * A model of the Kubernetes API server: what it stores, refuses and tells watchers. Synchronous and deterministic; objects
 * are never changed, so that readers may keep them. Failures are `ApiError`s with the server's reasons and codes.
 */
export class ApiServer {
  readonly #now: () => number
  readonly #storage = new Storage()
  /** New objects that any write changes, as it adds the default status to what is stored. */
  readonly #unfinished = new WeakSet<KubeObject>()
  #uids = 0

  constructor(options: { readonly now: () => number }) {
    this.#now = options.now
  }

  get revision(): number {
    return this.#storage.revision
  }

  get<T extends KubeObject>(resource: Resource<T>, key: Key): T {
    return this.#current(resource, key) as KubeObject as T
  }

  /** The object, or `undefined` where there is none: a refusal costs more than most of a run's looks. */
  find<T extends KubeObject>(resource: Resource<T>, key: Key): T | undefined {
    return this.#storage.get(resource, key) as T | undefined
  }

  /** In the order of keys; `at`: as of an older revision, which throws `Expired` where it was compacted. */
  list<T extends KubeObject>(
    resource: Resource<T>,
    selection: Selection = {},
    at: number = this.revision,
  ): { items: readonly T[]; resourceVersion: string } {
    const items = this.#storage
      .objects(resource, at)
      .filter((object) => selects(selection, object))
      .map((object) => listed(resource, shown(selection, object)) as T)
    return { items, resourceVersion: String(at) }
  }

  create<T extends KubeObject>(resource: Resource<T>, manifest: Manifest<T>, options: Write): T {
    const body = decoded(resource, wire(manifest) as unknown as Stored, badRequest)
    this.#checkNamespace(resource, body.metadata)
    const metadata: ObjectMeta = tidy({
      ...entered({ ...body.metadata, managedFields: [] }, this.#writer(options), {}, dataOf(body)),
      uid: `00000000-0000-4000-8000-${String(++this.#uids).padStart(12, '0')}`,
      resourceVersion: String(this.revision + 1),
      creationTimestamp: timestamp(this.#now()),
    })
    const object = created(resource, { ...body, metadata })
    if (this.#storage.get(resource, metadata)) throw alreadyExists(resource, metadata)
    if (options.dryRun) return { ...object, metadata: without(object.metadata, 'resourceVersion') } as KubeObject as T
    const stored = this.#storage.commit(resource, 'added', { object, by: options.by })
    if (lacksStatus(resource)) this.#unfinished.add(stored)
    return stored as T
  }

  patch<T extends KubeObject>(resource: Resource<T>, key: Key, patch: Patch, options: Write): T {
    const current = this.#current(resource, key)
    if (patch.subresource && !hasSubresource(resource, patch.subresource)) throw notFound(resource, key)
    const patched =
      'operations' in patch
        ? jsonPatch(current, wire(patch.operations))
        : (mergePatch(current, wire(patch.merge)) as Stored)
    if (!isRecord(patched.metadata)) throw invalid('metadata: must be an object')
    checkAddress(resource, current.metadata, patched.metadata)
    checkPreconditions(resource, current, { resourceVersion: patched.metadata.resourceVersion })
    const written = updated(resource, decoded(resource, patched, invalid, current), current, patch.subresource)
    const isSame = written === current && !this.#unfinished.has(current)
    if (isSame || options.dryRun) return written as KubeObject as T
    const writer = this.#writer(options)
    const next = { ...written, metadata: entered(written.metadata, writer, dataOf(current), dataOf(written)) }
    if (isReleased(resource, current, next)) {
      this.#storage.commit(resource, 'deleted', { object: current, previous: current, by: options.by })
      return next as KubeObject as T
    }
    return this.#storage.commit(resource, 'changed', { object: next, previous: current, by: options.by }) as T
  }

  /** `force`: the kubelet's word that the pod's containers have ended. */
  remove(
    resource: Resource,
    key: Key,
    options: DeleteOptions & { readonly by: Actor; readonly force?: boolean },
  ): void {
    const current = this.#current(resource, key)
    checkPreconditions(resource, current, options)
    const next = afterRemoval(resource, current, { ...options, at: timestamp(this.#now()) })
    if (next === current) return
    const change = { object: next ?? current, previous: current, by: options.by }
    this.#storage.commit(resource, next ? 'changed' : 'deleted', change)
  }

  /** Changes of a resource after a revision, oldest first; throws `Expired` where they were compacted. */
  since(resource: Resource, revision: number): readonly ObjectChange[] {
    return this.#storage.since(resource, revision)
  }

  /** The listener hears of every change as it is made, and must not write. Returns how to stop. */
  subscribe(listener: (change: ObjectChange) => void): () => void {
    return this.#storage.subscribe(listener)
  }

  /** Forgets how things were before a revision. */
  compact(revision: number): void {
    this.#storage.compact(revision)
  }

  #current(resource: Resource, key: Key): Stored {
    const object = this.#storage.get(resource, key)
    if (!object) throw notFound(resource, key)
    return object
  }

  #writer({ by, manager = by }: Write): { readonly manager: string; readonly time: string } {
    return { manager, time: timestamp(this.#now()) }
  }

  #checkNamespace(resource: Resource, { namespace, name }: Key): void {
    if (resource.namespaced === (namespace === undefined)) throw invalid(`${resource.plural} "${name}": wrong scope`)
    if (namespace === undefined) return
    const { metadata } = this.#current(Namespaces, { name: namespace })
    if (metadata.deletionTimestamp !== undefined) throw namespaceTerminating(resource, { namespace, name })
  }
}

type Data = Readonly<Record<string, unknown>>

const NO_DATA: Data = {}

const dataOf = (object: Stored): Data => (object as { readonly data?: Data }).data ?? NO_DATA
