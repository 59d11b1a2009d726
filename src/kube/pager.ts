import type { KubeObject, Resource } from '../api/meta.ts'
import { isExpired } from './errors.ts'
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
 * Lists all pages. If the snapshot that the pages are read from expires on the way, everything is read again at once:
 * pages of two snapshots don't add up to a state that ever was.
 */
export async function listAll<T extends KubeObject>(
  api: KubeApi,
  resource: Resource<T>,
  selection: Omit<ListOptions, 'limit' | 'continue' | 'resourceVersion'>,
  resourceVersion?: '0',
): Promise<Page<T>> {
  const limit = pageSize
  const first = await api.list(resource, { ...selection, limit, ...(resourceVersion && { resourceVersion }) })
  const items = [...first.items]
  let next = first.continue
  while (next !== undefined) {
    try {
      const page: Page<T> = await api.list(resource, { ...selection, limit, continue: next })
      for (const item of page.items) items.push(item)
      next = page.continue
    } catch (error) {
      if (!isExpired(error)) throw error
      return api.list(resource, selection)
    }
  }
  return { items, resourceVersion: first.resourceVersion }
}
