import { isDeepStrictEqual } from 'node:util'
import type { Key, KubeObject, ManagedFields, ObjectMeta, Resource } from '../../../src/api/meta.ts'
import { without } from './json.ts'
import { badRequest, conflict, invalid } from './refusals.ts'

/** With what the operator has no use for. */
export type StoredMeta = ObjectMeta & { readonly deletionGracePeriodSeconds?: number }

const OMITTED_WHEN_EMPTY = ['finalizers', 'labels', 'annotations', 'ownerReferences'] as const

/** Empty lists and maps are not stored, nor is an owner twice. */
export function tidy(metadata: ObjectMeta): ObjectMeta {
  let result = withoutTwins(metadata)
  for (const key of OMITTED_WHEN_EMPTY) {
    const value = result[key]
    if (value && Object.keys(value).length === 0) result = without(result, key)
  }
  return result
}

function withoutTwins(metadata: ObjectMeta): ObjectMeta {
  const { ownerReferences: owners = [] } = metadata
  if (owners.length < 2) return metadata
  const ownerReferences = owners.filter(
    (owner, i) => owners.findIndex((other) => isDeepStrictEqual(other, owner)) === i,
  )
  return ownerReferences.length < owners.length ? { ...metadata, ownerReferences } : metadata
}

/** RFC 3339 with whole seconds. */
export const timestamp = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`

/** Throws `BadRequest` where a patch would move the object. What is cluster-scoped is in no namespace, whatever it says. */
export function checkAddress({ namespaced }: Resource, current: ObjectMeta, next: Partial<ObjectMeta>): void {
  const isElsewhere = namespaced && next.namespace !== current.namespace
  if (isElsewhere || next.name !== current.name) throw badRequest('the name of the object does not match the URL')
}

/** Throws `Conflict` unless the object is the one that the caller means, and as the caller saw it. */
export function checkPreconditions(
  resource: Resource,
  current: KubeObject,
  expected: { readonly uid?: string; readonly resourceVersion?: string },
): void {
  const key: Key = current.metadata
  const { uid = current.metadata.uid, resourceVersion = current.metadata.resourceVersion } = expected
  if (uid !== current.metadata.uid) throw conflict(resource, key, `Precondition failed: UID is ${current.metadata.uid}`)
  if (resourceVersion !== current.metadata.resourceVersion) {
    throw conflict(resource, key, 'the object has been modified; please apply your changes to the latest version')
  }
}

/** Without what the server sets, where it does. */
function ownOf(metadata: Partial<StoredMeta>): Partial<ObjectMeta> {
  const {
    namespace: _,
    deletionTimestamp: _at,
    deletionGracePeriodSeconds: _grace,
    generation: _nth,
    ...own
  } = metadata
  return own
}

/** What a write leaves of metadata: what the server sets stays, and a terminating object takes no new finalizer. */
export function updatedMetadata(next: Partial<ObjectMeta>, current: StoredMeta): ObjectMeta {
  const { uid, resourceVersion, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds, generation } = current
  const added = (next.finalizers ?? []).filter((finalizer) => !current.finalizers?.includes(finalizer))
  if (deletionTimestamp !== undefined && added.length > 0) {
    throw invalid(
      `metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted: ${added.join()}`,
    )
  }
  if (deletionTimestamp === undefined && next.deletionTimestamp !== undefined) {
    throw invalid('metadata.deletionTimestamp: field is immutable')
  }
  if (next.uid !== undefined && next.uid !== uid) throw invalid('metadata.uid: field is immutable')
  return tidy({
    ...ownOf(next),
    name: current.name,
    ...(current.namespace !== undefined && { namespace: current.namespace }),
    uid,
    resourceVersion,
    ...(creationTimestamp !== undefined && { creationTimestamp }),
    ...(deletionTimestamp !== undefined && { deletionTimestamp }),
    ...(deletionGracePeriodSeconds !== undefined && { deletionGracePeriodSeconds }),
    ...(generation !== undefined && { generation }),
  })
}

type Data = Readonly<Record<string, unknown>>

/**
 * With the writer among those who have written the object, when it wrote last, and as the owner of the keys of `data` that it
 * has changed. Of field sets the model knows no others.
 */
export function entered(
  metadata: ObjectMeta,
  { manager, time }: { readonly manager: string; readonly time: string },
  before: Data,
  after: Data,
): ObjectMeta {
  const { managedFields = [] } = metadata
  const known = managedFields.some((entry) => entry.manager === manager)
  const changed = before === after ? [] : differing(before, after)
  const written = changed.filter((key) => key in after)
  const entries = [...managedFields, ...(known ? [] : [{ manager }])].map((entry) => {
    const isWriter = entry.manager === manager
    const kept = keysOf(entry).filter((key) => !changed.includes(key))
    const { fieldsV1: _before, ...rest } = entry
    return { ...rest, ...(isWriter && { time }), ...fields([...kept, ...(isWriter ? written : [])]) }
  })
  return { ...metadata, managedFields: entries }
}

const differing = (before: Data, after: Data): string[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((key) => before[key] !== after[key])

const keysOf = ({ fieldsV1 }: ManagedFields): string[] =>
  Object.keys(fieldsV1?.['f:data'] ?? {}).map((field) => field.slice('f:'.length))

const fields = (keys: readonly string[]): Partial<ManagedFields> =>
  keys.length === 0 ? {} : { fieldsV1: { 'f:data': Object.fromEntries(keys.map((key) => [`f:${key}`, {}])) } }
