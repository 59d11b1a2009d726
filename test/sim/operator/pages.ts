import type { KubeObject, Resource } from '../../../src/api/meta.ts'
import type { ListOptions, Page } from '../../../src/kube/port.ts'
import type { ApiServer } from '../api-server/api-server.ts'

/** Objects on a page, however many are asked for: in a world so small, nothing would have two pages otherwise. */
const PAGE_SIZE = 2

/** An exact list, page by page where a limit is set: all pages show one revision, which may be compacted meanwhile. */
export function page<T extends KubeObject>(server: ApiServer, resource: Resource<T>, options: ListOptions): Page<T> {
  if (options.limit === undefined) return server.list(resource, options)
  const [revision = server.revision, from = 0] = (options.continue ?? '').split('/').filter(Boolean).map(Number)
  const { items, resourceVersion } = server.list(resource, options, revision)
  const next = from + PAGE_SIZE
  const isLast = next >= items.length
  return { items: items.slice(from, next), resourceVersion, ...(!isLast && { continue: `${revision}/${next}` }) }
}
