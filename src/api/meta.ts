/** Kubernetes object metadata as it is on the wire: timestamps are RFC 3339 strings. */
export interface ObjectMeta {
  readonly name: string
  readonly namespace?: string
  readonly uid: string
  readonly resourceVersion: string
  readonly generation?: number
  readonly creationTimestamp?: string
  readonly deletionTimestamp?: string
  readonly finalizers?: readonly string[]
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly ownerReferences?: readonly OwnerReference[]
  /** Who has written what of the object, as field sets (`f:data`, `f:password`). Caches drop most of it. */
  readonly managedFields?: readonly ManagedFields[]
}

export interface ManagedFields {
  readonly manager?: string
  /** Of its last change, by the API server's clock. */
  readonly time?: string
  readonly fieldsV1?: Readonly<Record<string, object>>
}

export interface OwnerReference {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly uid: string
  readonly controller?: boolean
}

/** What every object has. */
export interface KubeObject {
  readonly apiVersion?: string
  readonly kind?: string
  readonly metadata: ObjectMeta
}

/** An object's address. Cluster-scoped objects have no namespace. */
export interface Key {
  readonly namespace?: string
  readonly name: string
}

/** A type of object that the API server serves. `T` is what it looks like on the wire. */
export interface Resource<T extends KubeObject = KubeObject> {
  readonly group: string
  readonly version: string
  readonly plural: string
  readonly kind: string
  readonly namespaced: boolean
  /** Carries `T`; never present at run time. */
  readonly _type?: T
}

/** A library type (whose timestamps claim to be `Date`) as it really is on the wire: strings, and read-only. */
export type Wire<T> = T extends Date
  ? string
  : T extends readonly (infer E)[]
    ? readonly Wire<E>[]
    : T extends object
      ? { readonly [K in keyof T]: Wire<T[K]> }
      : T

/** A manifest to be created: an object whose server-set metadata is not there yet. */
export type Manifest<T extends KubeObject = KubeObject> = Omit<T, 'metadata' | 'status'> & {
  readonly metadata: Partial<ObjectMeta> & { readonly name: string }
}

export const keyOf = (object: KubeObject): Key => ({
  name: object.metadata.name,
  ...(object.metadata.namespace !== undefined && { namespace: object.metadata.namespace }),
})
