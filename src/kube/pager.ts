import type { KubeObject, Resource } from '../api/meta.ts'
import type { KubeApi, ListOptions, Page } from './port.ts'

const pageSize = 500

/**
 * The first answer that `look` has for an object; undefined where it has none for any. Page by page, since all of a kind may
 * be more than fits into memory.
 */
export async function lookThrough<T extends KubeObject, R>(
  api: KubeApi,
  resource: Resource<T>,
  selection: Omit<ListOptions, 'limit' | 'continue' | 'resourceVersion'>,
  look: (object: T) => R | undefined,
): Promise<R | undefined> {
  let next: string | undefined
  do {
    const page: Page<T> = await api.list(resource, { ...selection, limit: pageSize, ...(next && { continue: next }) })
    for (const item of page.items) {
      const found = look(item)
      if (found !== undefined) return found
    }
    next = page.continue
  } while (next !== undefined)
  return undefined
}

/**
 * Lists all pages, and keeps of each object what `kept` says: as they are sent, all of them may be more than fits into
 * memory. Exactly, since a server sends a list of whatever state it has at hand (`resourceVersion: '0'`) without pages.
 * Rejects with `Expired` where the snapshot that they are read from expires on the way: pages of two snapshots don't add up
 * to a state that ever was.
 */
export async function listAll<T extends KubeObject>(
  api: KubeApi,
  resource: Resource<T>,
  selection: Omit<ListOptions, 'limit' | 'continue' | 'resourceVersion'>,
  kept: (object: T) => T,
): Promise<Page<T>> {
  const limit = pageSize
  const first = await api.list(resource, { ...selection, limit })
  const items = first.items.map(kept)
  for (let next = first.continue; next !== undefined;) {
    const page: Page<T> = await api.list(resource, { ...selection, limit, continue: next })
    for (const item of page.items) items.push(kept(item))
    next = page.continue
  }
  return { items, resourceVersion: first.resourceVersion }
}
