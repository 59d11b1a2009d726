import { inject } from 'vitest'
import { attachApiCluster, type ApiCluster } from '../cluster/index.ts'

/**
 * The control plane of the API tier that this vitest worker has to itself: no other test file uses it at the same time,
 * so that its lease, its audit log and all objects in it are this file's.
 */
export function ownCluster(): ApiCluster {
  // From 1 to `maxWorkers`; handed on when the test file that has it is over.
  const worker = Number(process.env['VITEST_POOL_ID'])
  const folder = inject('apiClusters')[worker - 1]
  if (folder === undefined) throw new Error(`no control plane was started for worker ${worker}`)
  return attachApiCluster(folder)
}
