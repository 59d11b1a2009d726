import type { KubeObject, ObjectMeta } from '../api/meta.ts'

const DATA = 'f:data'

/**
 * What a cache keeps of `managedFields`, most of an object's metadata: who wrote which keys of `data` last. It tells of an
 * edit by somebody else though the data itself is never read.
 */
export function withDataOwners<T extends KubeObject>(object: T): T {
  const { managedFields, ...metadata } = object.metadata
  if (managedFields === undefined) return object
  const owners = managedFields.flatMap(({ manager = '', fieldsV1 }) => {
    const keys = fieldsV1?.[DATA]
    return keys === undefined ? [] : [{ manager, fieldsV1: { [DATA]: keys } }]
  })
  return { ...object, metadata: { ...metadata, managedFields: owners } }
}

/** The keys of `data` that this manager, or anybody, wrote last; undefined where that is not known. */
export function dataKeys({ managedFields }: ObjectMeta, by?: string): readonly string[] | undefined {
  if (managedFields === undefined) return undefined
  return managedFields
    .filter(({ manager }) => by === undefined || manager === by)
    .flatMap(({ fieldsV1 }) => Object.keys(fieldsV1?.[DATA] ?? {}))
    .filter((field) => field.startsWith('f:'))
    .map((field) => field.slice('f:'.length))
}
