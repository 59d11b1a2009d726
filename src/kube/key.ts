import type { Key } from '../api/meta.ts'

/** `namespace/name`, or `/name` for what is cluster-scoped: neither part can contain a slash. */
export const keyText = (key: Key): string => `${key.namespace ?? ''}/${key.name}`

/** The inverse of `keyText`. */
export function parseKey(text: string): Key {
  const slash = text.indexOf('/')
  const name = text.slice(slash + 1)
  return slash > 0 ? { namespace: text.slice(0, slash), name } : { name }
}
