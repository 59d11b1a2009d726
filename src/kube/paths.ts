import type { Key, Resource } from '../api/meta.ts'

/** Path of a collection: of one namespace, or of all (as for what is cluster-scoped) where none is given. */
export function collectionPath(resource: Resource, namespace?: string): string {
  const root = resource.group === '' ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`
  const scope = resource.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : ''
  return `${root}${scope}/${resource.plural}`
}

/** Path to create at. A namespaced object without a namespace is a mistake of ours, never sent. */
export function creationPath(resource: Resource, namespace?: string): string {
  if (resource.namespaced && !namespace) throw new TypeError(`a ${resource.kind} is named without a namespace`)
  return collectionPath(resource, namespace)
}

/** Path of one object. An empty name would address the whole collection. */
export function objectPath(resource: Resource, key: Key): string {
  if (key.name === '') throw new TypeError(`a ${resource.kind} is named with an empty name`)
  return `${creationPath(resource, key.namespace)}/${encodeURIComponent(key.name)}`
}

/** Query string with its question mark, without the members that are absent. */
export function query(parameters: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const given = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) given.set(name, String(value))
  return given.size === 0 ? '' : `?${given.toString()}`
}
