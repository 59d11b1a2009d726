import type { Resource } from '../../../src/api/meta.ts'
import type { ApiError } from '../../../src/kube/errors.ts'
import { builtinSchema } from './builtin-schemas.ts'
import { isRecord } from './json.ts'
import { fieldSchema, type Schema, shaped } from './schema.ts'
import { fitsFormat, fitsType } from './validation.ts'

type Refuse = (message: string) => ApiError

/**
 * An object of a built-in kind as the server understands it: without unknown fields, with defaults. `refuse` makes the error for
 * what has another type than the field. Other kinds are taken as they are, since their schema judges them later.
 */
export function decoded<T extends object>(resource: Resource, object: T, refuse: Refuse, old?: T): T {
  const schema = builtinSchema(resource)
  if (!schema) return object
  if (!decodes(schema, { value: object, old })) throw refuse(`${resource.kind}: cannot be decoded`)
  return shaped(schema, object, old) as T
}

/** What is the same as in `old` was decoded before. */
function decodes(schema: Schema, { value, old }: { value: unknown; old?: unknown }): boolean {
  if (value === null || value === old) return true
  if (!fitsType(schema, value) || !fitsFormat(schema, value)) return false
  const { items } = schema
  if (Array.isArray(value)) return items === undefined || value.every((item) => decodes(items, { value: item }))
  if (!isRecord(value)) return true
  return Object.entries(value).every(([key, item]) => {
    const field = fieldSchema(schema, key)
    return field === undefined || decodes(field, { value: item, old: isRecord(old) ? old[key] : undefined })
  })
}
