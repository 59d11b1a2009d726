import { MANAGER } from '../api/labels.ts'
import type { KubeObject, ObjectMeta } from '../api/meta.ts'

/** What a cache keeps of `managedFields` where it matters when the operator wrote last. */
export function withOwnWrites<T extends KubeObject>(object: T): T {
  const { managedFields, ...metadata } = object.metadata
  if (managedFields === undefined) return object
  const own = managedFields.filter(({ manager }) => manager === MANAGER)
  const times = own.map(({ manager, time }) => ({ manager, ...(time !== undefined && { time }) }))
  return { ...object, metadata: { ...metadata, managedFields: times } }
}

/** When the operator wrote last, by the API server's clock, in milliseconds since the epoch; -Infinity where that is not known. */
export const lastOwnWrite = ({ managedFields = [] }: Pick<ObjectMeta, 'managedFields'>): number =>
  Math.max(
    ...managedFields.flatMap(({ manager, time }) =>
      manager === MANAGER && time !== undefined ? Date.parse(time) : [],
    ),
  )
