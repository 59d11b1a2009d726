import type { Key } from '../api/meta.ts'
import { Jobs } from '../api/resources.ts'
import type { Caches } from '../caches.ts'
import { isNotFound } from '../kube/errors.ts'
import type { KubeApi } from '../kube/port.ts'

interface Ports {
  readonly api: KubeApi
  readonly caches: Pick<Caches, 'jobs'>
}

/**
 * What a run made is deleted only once the run is over, and a report may be seen before the Job whose pod has sent it: that
 * the cache has no Job is no proof that there is none, so there is one exact look. What was not known is put into the cache,
 * and the decision is taken again.
 */
export async function assertRunSeen({ api, caches: { jobs } }: Ports, key: Key): Promise<void> {
  if (jobs.get(key) !== undefined) return
  try {
    jobs.remember(await api.get(Jobs, key))
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
  if (jobs.get(key) !== undefined) throw new Error(`Job ${key.name} was not known yet`)
}
