import type { Key, KubeObject, Manifest, Resource } from '../api/meta.ts'

/** One operation of a JSON Patch (RFC 6902). */
export type PatchOperation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }

export interface ListOptions {
  readonly namespace?: string
  readonly labelSelector?: string
  readonly fieldSelector?: string
  /** `'0'`: any state the server has at hand; absent: a quorum read. */
  readonly resourceVersion?: string
  readonly limit?: number
  readonly continue?: string
  /** Objects come as metadata only (PartialObjectMetadata). */
  readonly metadataOnly?: boolean
  readonly signal?: AbortSignal
}

export interface Page<T> {
  readonly items: readonly T[]
  readonly resourceVersion: string
  readonly continue?: string
}

export interface WatchOptions extends Pick<
  ListOptions,
  'namespace' | 'labelSelector' | 'fieldSelector' | 'metadataOnly'
> {
  readonly resourceVersion: string
  readonly timeoutSeconds: number
  readonly signal: AbortSignal
}

/** One line of a watch stream. An in-stream `ERROR` is thrown as an `ApiError` instead. */
export interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'
  readonly object: T
}

export interface WriteOptions {
  readonly signal?: AbortSignal
  /** Everything but the storing: admission, defaulting, validation, quota. */
  readonly dryRun?: boolean
  /** Receives admission warnings (the API server's `Warning` headers). */
  readonly onWarning?: (message: string) => void
}

export interface DeleteOptions {
  readonly propagation?: 'Background' | 'Foreground' | 'Orphan'
  /** The deletion happens only to this very object: 409 otherwise. */
  readonly uid?: string
  readonly resourceVersion?: string
  readonly signal?: AbortSignal
}

/**
 * The API server, as everything in the operator sees it. The production adapter speaks HTTP; a model takes its place in
 * simulation. Every method rejects with an `ApiError` (errors.ts), whose `reason` says what happened.
 */
export interface KubeApi {
  /** Quorum read of one object. */
  get<T extends KubeObject>(resource: Resource<T>, key: Key, signal?: AbortSignal): Promise<T>
  list<T extends KubeObject>(resource: Resource<T>, options?: ListOptions): Promise<Page<T>>
  watch<T extends KubeObject>(resource: Resource<T>, options: WatchOptions): AsyncIterable<WatchEvent<T>>
  create<T extends KubeObject>(resource: Resource<T>, manifest: Manifest<T>, options?: WriteOptions): Promise<T>
  /**
   * JSON Patch of an object or of its `status`. To make it conditional, replace `/metadata/resourceVersion` first: the
   * server answers 409 if the object has changed since.
   */
  patch<T extends KubeObject>(
    resource: Resource<T>,
    key: Key,
    patch: { readonly operations: readonly PatchOperation[]; readonly subresource?: 'status' },
    options?: WriteOptions,
  ): Promise<T>
  /** Asks for deletion. Resolves when the request is accepted, finalizers may still hold the object. */
  remove(resource: Resource, key: Key, options?: DeleteOptions): Promise<void>
  /** Creates a virtual review object (TokenReview, SelfSubjectAccessReview) and returns the server's answer. */
  review<T extends object>(resource: Resource, body: T): Promise<T>
}
