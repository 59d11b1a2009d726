export type Json = Readonly<Record<string, unknown>>

export const isRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What a body is after its way over the wire: a copy of its own, without what is undefined. */
export const wire = <T>(body: T): T => copied(body) as T

function copied(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copied)
  if (!isRecord(value)) return value
  const copy: Record<string, unknown> = {}
  for (const [key, field] of Object.entries(value)) if (field !== undefined) copy[key] = copied(field)
  return copy
}

/** `object` without a key, or itself where it has none such. */
export function without<T extends object>(object: T, key: string): T {
  if (!(key in object)) return object
  const { [key]: _, ...rest } = object as Json
  return rest as T
}
