import type { Key, KubeObject, Manifest, Resource } from '../../../src/api/meta.ts'
import type { DeleteOptions, ListOptions, PatchOperation, WatchEvent } from '../../../src/kube/port.ts'

export type Selection = Pick<ListOptions, 'namespace' | 'labelSelector' | 'fieldSelector' | 'metadataOnly'>

/** A JSON patch or a JSON merge patch. */
export type Patch = { readonly subresource?: 'status' } & (
  { readonly operations: readonly PatchOperation[] } | { readonly merge: object }
)

/** An API server, real or model, as a sequence is played on it. Rejects with an `ApiError`. */
export interface Port {
  create(resource: Resource, manifest: Manifest, dryRun: boolean): Promise<KubeObject>
  get(resource: Resource, key: Key): Promise<KubeObject>
  list(resource: Resource, selection: Selection): Promise<readonly KubeObject[]>
  patch(resource: Resource, key: Key, patch: Patch, dryRun: boolean): Promise<KubeObject>
  remove(resource: Resource, key: Key, options: DeleteOptions): Promise<void>
  /** The events after a revision, without bookmarks, before the first that `ends` the watch. */
  watch(
    resource: Resource,
    selection: Selection,
    span: { readonly after: string; readonly ends: (object: KubeObject) => boolean },
  ): Promise<readonly WatchEvent<KubeObject>[]>
}
