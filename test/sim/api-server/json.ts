export type Json = Readonly<Record<string, unknown>>

export const isRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What a body is after its way over the wire: a copy of its own, without what is undefined. */
export const wire = <T>(body: T): T => JSON.parse(JSON.stringify(body)) as T

/** `object` without a key, or itself where it has none such. */
export function without<T extends object>(object: T, key: string): T {
  if (!(key in object)) return object
  const { [key]: _, ...rest } = object as Json
  return rest as T
}
