import type { Key, KubeObject, ObjectMeta, Resource } from '../../../src/api/meta.ts'
import { without } from './json.ts'
import { conflict, invalid } from './refusals.ts'

const OMITTED_WHEN_EMPTY = ['finalizers', 'labels', 'annotations', 'ownerReferences'] as const

/** Empty lists and maps are not stored. */
export function tidy(metadata: ObjectMeta): ObjectMeta {
  let result = metadata
  for (const key of OMITTED_WHEN_EMPTY) {
    const value = result[key]
    if (value && Object.keys(value).length === 0) result = without(result, key)
  }
  return result
}

/** RFC 3339 with whole seconds. */
export const timestamp = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`

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

/** What a write leaves of metadata: what the server sets stays, and a terminating object takes no new finalizer. */
export function updatedMetadata(next: ObjectMeta, current: ObjectMeta): ObjectMeta {
  if (next.name !== current.name || next.namespace !== current.namespace)
    throw invalid('metadata.name: field is immutable')
  const { uid, resourceVersion, creationTimestamp, deletionTimestamp, generation } = current
  const added = (next.finalizers ?? []).filter((finalizer) => !current.finalizers?.includes(finalizer))
  if (deletionTimestamp !== undefined && added.length > 0) {
    throw invalid(
      `metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted: ${added.join()}`,
    )
  }
  return tidy({
    ...without(without(next, 'deletionTimestamp'), 'generation'),
    uid,
    resourceVersion,
    ...(creationTimestamp !== undefined && { creationTimestamp }),
    ...(deletionTimestamp !== undefined && { deletionTimestamp }),
    ...(generation !== undefined && { generation }),
  })
}

/** With the writer among those who have written the object. */
export function entered(metadata: ObjectMeta, manager: string): ObjectMeta {
  const { managedFields = [] } = metadata
  if (managedFields.some((entry) => entry.manager === manager)) return metadata
  return { ...metadata, managedFields: [...managedFields, { manager }] }
}
