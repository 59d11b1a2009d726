import type { KubeObject } from '../../../src/api/meta.ts'
import type { WatchEvent } from '../../../src/kube/port.ts'
import { type ApiServer, watchEvent } from '../api-server/api-server.ts'
import type { Port } from './port.ts'

const by = 'conformance'
const attempt = <R>(run: () => R): Promise<R> =>
  new Promise((resolve) => {
    resolve(run())
  })

/** The model, without the controllers around it. */
export const modelPort = (server: ApiServer): Port => ({
  create: (resource, manifest, dryRun) => attempt(() => server.create(resource, manifest, { by, dryRun })),
  get: (resource, key) => attempt(() => server.get(resource, key)),
  list: (resource, selection) => attempt(() => server.list(resource, selection).items),
  patch: (resource, key, patch, dryRun) => attempt(() => server.patch(resource, key, patch, { by, dryRun })),
  remove: (resource, key, options) =>
    attempt(() => {
      server.remove(resource, key, { ...options, by })
    }),
  watch: (resource, selection, { after, ends }) =>
    attempt(() => {
      const events: WatchEvent<KubeObject>[] = []
      for (const change of server.since(resource, Number(after))) {
        const event = watchEvent(change, selection)
        if (event && ends(event.object)) return events
        if (event) events.push(event)
      }
      throw new Error(`the watch of ${resource.plural} did not end`)
    }),
})
