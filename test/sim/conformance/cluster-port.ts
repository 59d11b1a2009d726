import { readFileSync } from 'node:fs'
import type { KubeObject } from '../../../src/api/meta.ts'
import { createKubeApi } from '../../../src/kube/client.ts'
import { objectPath, query } from '../../../src/kube/paths.ts'
import type { WatchEvent } from '../../../src/kube/port.ts'
import { Transport } from '../../../src/kube/transport.ts'
import { systemClock } from '../../../src/runtime/system-clock.ts'
import type { ApiCluster } from '../../cluster/index.ts'
import { fixedAccess } from '../../support/fixed-access.ts'
import type { Port } from './port.ts'

const limits = { timeoutMs: 30_000, maxResponseBytes: 64 * 1024 * 1024 }
const dryRunQuery = (dryRun: boolean) => query({ dryRun: dryRun ? 'All' : undefined })

/** A real API server, through the operator's own client; merge patches, which the operator never sends, beside it. */
export function clusterPort(cluster: ApiCluster): Port & { close(): void } {
  const access = fixedAccess({ server: cluster.url, ca: readFileSync(cluster.caPath), token: cluster.adminToken })
  const api = createKubeApi({ access, clock: systemClock, version: 'conformance', ...limits })
  const transport = new Transport({
    access,
    clock: systemClock,
    userAgent: 'custom-credentials-operator/conformance',
    ...limits,
  })
  return {
    close() {
      api.close()
      transport.close()
    },
    create: (resource, manifest, dryRun) => api.create(resource, manifest, { dryRun }),
    get: (resource, key) => api.get(resource, key),
    list: async (resource, selection) => (await api.list(resource, selection)).items,
    async patch(resource, key, patch, dryRun) {
      if ('operations' in patch) return api.patch(resource, key, patch, { dryRun })
      const subresource = patch.subresource === undefined ? '' : `/${patch.subresource}`
      const { body } = await transport.call({
        method: 'PATCH',
        path: objectPath(resource, key) + subresource + dryRunQuery(dryRun),
        accept: 'application/json',
        contentType: 'application/merge-patch+json',
        body: JSON.stringify(patch.merge),
      })
      return JSON.parse(body) as KubeObject
    },
    remove: (resource, key, options) => api.remove(resource, key, options),
    async watch(resource, selection, { after, ends }) {
      const stop = new AbortController()
      const events: WatchEvent<KubeObject>[] = []
      const options = { ...selection, resourceVersion: after, timeoutSeconds: 60, signal: stop.signal }
      try {
        for await (const event of api.watch(resource, options)) {
          if (event.type === 'BOOKMARK') continue
          if (ends(event.object)) return events
          events.push(event)
        }
      } finally {
        stop.abort()
      }
      throw new Error(`the watch of ${resource.plural} did not end`)
    },
  }
}
