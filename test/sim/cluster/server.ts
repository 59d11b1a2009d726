import type { Key, KubeObject, Manifest, Resource } from '../../../src/api/meta.ts'
import type { PatchOperation } from '../../../src/kube/port.ts'
import type { Actor, ObjectChange } from '../observe/facts.ts'

export type Propagation = 'Background' | 'Foreground' | 'Orphan'

/** The API server as the cluster's controllers use it. Everything is synchronous, and throws an `ApiError`. */
export interface Server {
  /** The object, or `undefined` where there is none. */
  find<T extends KubeObject>(resource: Resource<T>, key: Key): T | undefined
  list<T extends KubeObject>(
    resource: Resource<T>,
    options?: { readonly namespace?: string; readonly labelSelector?: string },
  ): { readonly items: readonly T[] }
  create<T extends KubeObject>(resource: Resource<T>, manifest: Manifest<T>, options: { readonly by: Actor }): T
  patch<T extends KubeObject>(resource: Resource<T>, key: Key, patch: Patch, options: { readonly by: Actor }): T
  remove(resource: Resource, key: Key, options: RemoveOptions): unknown
  subscribe(listener: (change: ObjectChange) => void): () => void
}

/** A JSON merge patch or a JSON patch. */
export type Patch = ({ readonly merge: object } | { readonly operations: readonly PatchOperation[] }) & {
  readonly subresource?: 'status' | 'finalize'
}

export interface RemoveOptions {
  readonly by: Actor
  readonly propagation?: Propagation
  readonly uid?: string
  /** At once, without a grace period: the kubelet's word that the containers are gone. */
  readonly force?: boolean
}

/** The same object as `seen`, as it is now; `undefined` once it is gone, even if another one bears its name. */
export function findSame<T extends KubeObject>(server: Server, resource: Resource<T>, seen: T): T | undefined {
  const { name, namespace, uid } = seen.metadata
  const now = server.find(resource, { name, ...(namespace !== undefined && { namespace }) })
  return now?.metadata.uid === uid ? now : undefined
}
