import type { KubeObject } from '../api/meta.ts'
import type { KubeApi, WatchEvent } from './port.ts'

/**
 * The API server's own dates, of creation, deletion and writes, as `dateOf` tells them (milliseconds since the epoch): for a process
 * whose calendar is not the server's. All that is read is compared with that calendar, and none of these dates is ever written.
 */
export function redatedApi(api: KubeApi, dateOf: (moment: number) => number): KubeApi {
  const text = (date: string): string => new Date(dateOf(Date.parse(date))).toISOString()
  const redated = <T extends KubeObject>(object: T): T => {
    const { creationTimestamp: created, deletionTimestamp: deleted, managedFields: writes } = object.metadata
    const dates = {
      ...(created !== undefined && { creationTimestamp: text(created) }),
      ...(deleted !== undefined && { deletionTimestamp: text(deleted) }),
      ...(writes !== undefined && {
        managedFields: writes.map(({ time, ...write }) => ({
          ...write,
          ...(time !== undefined && { time: text(time) }),
        })),
      }),
    }
    return { ...object, metadata: { ...object.metadata, ...dates } }
  }
  async function* redatedEvents<T extends KubeObject>(events: AsyncIterable<WatchEvent<T>>) {
    for await (const { type, object } of events) yield { type, object: redated(object) }
  }
  return {
    get: async (resource, key, signal) => redated(await api.get(resource, key, signal)),
    list: async (resource, options) => {
      const page = await api.list(resource, options)
      return { ...page, items: page.items.map(redated) }
    },
    watch: (resource, options) => redatedEvents(api.watch(resource, options)),
    create: async (resource, manifest, options) => redated(await api.create(resource, manifest, options)),
    patch: async (resource, key, patch, options) => redated(await api.patch(resource, key, patch, options)),
    remove: (resource, key, options) => api.remove(resource, key, options),
    review: (resource, body) => api.review(resource, body),
  }
}
