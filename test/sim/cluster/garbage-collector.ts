import { keyOf, type KubeObject, type Resource } from '../../../src/api/meta.ts'
import type { ObjectChange } from '../observe/facts.ts'
import { KINDS } from './kinds.ts'
import { findSame } from './server.ts'
import { WorkQueue } from './work-queue.ts'
import type { World } from './world.ts'

const BY = { by: 'garbage-collector' }
const REACTION_MS = 20
const FOREGROUND = 'foregroundDeletion'
const ORPHAN = 'orphan'

interface Found {
  readonly resource: Resource
  readonly object: KubeObject
}

/** The garbage collector: what becomes of dependents when their owner is deleted. */
export class GarbageCollector {
  readonly #world: World
  readonly #queue: WorkQueue
  /** What there is to look at, by UID. */
  readonly #noticed = new Map<string, Found>()

  constructor(world: World) {
    this.#world = world
    this.#queue = new WorkQueue(world.scheduler, 'garbage-collector', (uid) => {
      const noticed = this.#noticed.get(uid)
      if (!noticed) return
      this.#collect(noticed)
      // Collecting changes objects, which may have been noticed anew.
      if (this.#noticed.get(uid) === noticed) this.#noticed.delete(uid)
    })
    world.server.subscribe((change) => {
      this.#notice(change)
    })
  }

  #notice({ resource, object, type }: ObjectChange): void {
    const { deletionTimestamp, ownerReferences = [] } = object.metadata
    const matters = type === 'added' ? ownerReferences.length > 0 : deletionTimestamp !== undefined
    if (matters || type === 'deleted') this.#look({ resource, object })
    if (type !== 'deleted') return
    for (const owner of this.#ownersOf(object)) this.#look(owner)
  }

  #look(found: Found): void {
    const { uid } = found.object.metadata
    this.#noticed.set(uid, found)
    this.#queue.add(uid, REACTION_MS)
  }

  #collect({ resource, object }: Found): void {
    const now = findSame(this.#world.server, resource, object)
    if (!now) {
      for (const dependent of this.#dependentsOf(object)) this.#removeAbandoned(dependent)
      return
    }
    this.#removeAbandoned({ resource, object: now })
    const { finalizers = [], deletionTimestamp } = now.metadata
    if (deletionTimestamp === undefined) return
    if (finalizers.includes(ORPHAN)) this.#orphan({ resource, object: now })
    else if (finalizers.includes(FOREGROUND)) this.#removeDependents({ resource, object: now })
  }

  #removeDependents(owner: Found): void {
    const dependents = this.#dependentsOf(owner.object)
    if (dependents.length === 0) this.#release(owner, FOREGROUND)
    for (const dependent of dependents) this.#remove(dependent)
  }

  #orphan(owner: Found): void {
    const { uid } = owner.object.metadata
    for (const { resource, object } of this.#dependentsOf(owner.object)) {
      const ownerReferences = (object.metadata.ownerReferences ?? []).filter((reference) => reference.uid !== uid)
      this.#world.server.patch(resource, keyOf(object), { merge: { metadata: { ownerReferences } } }, BY)
    }
    this.#release(owner, ORPHAN)
  }

  #release({ resource, object }: Found, finalizer: string): void {
    const finalizers = (object.metadata.finalizers ?? []).filter((name) => name !== finalizer)
    this.#world.server.patch(resource, keyOf(object), { merge: { metadata: { finalizers } } }, BY)
  }

  /** An object goes once none of its owners is left. */
  #removeAbandoned(found: Found): void {
    const owners = found.object.metadata.ownerReferences ?? []
    if (owners.length > 0 && this.#ownersOf(found.object).length === 0) this.#remove(found)
  }

  #remove({ resource, object }: Found): void {
    const { uid, deletionTimestamp } = object.metadata
    if (deletionTimestamp !== undefined) return
    this.#world.server.remove(resource, keyOf(object), { ...BY, uid, propagation: 'Background' })
  }

  /** The owners that still exist: same kind, name and UID. */
  #ownersOf({ metadata: { ownerReferences = [], namespace } }: KubeObject): Found[] {
    return ownerReferences.flatMap(({ kind, name, uid }) => {
      const resource = KINDS.find((known) => known.kind === kind)
      if (!resource) return []
      const key = { name, ...(resource.namespaced && namespace !== undefined && { namespace }) }
      const object = this.#world.server.find(resource, key)
      return object?.metadata.uid === uid ? [{ resource, object }] : []
    })
  }

  #dependentsOf({ metadata: { uid, namespace } }: KubeObject): Found[] {
    return KINDS.flatMap((resource) =>
      this.#world.server
        .list(resource, resource.namespaced && namespace !== undefined ? { namespace } : {})
        .items.filter(({ metadata }) => metadata.ownerReferences?.some((owner) => owner.uid === uid))
        .map((object) => ({ resource, object })),
    )
  }
}
