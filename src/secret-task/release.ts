import { finalizer } from '../api/labels.ts'
import { type Job, Jobs } from '../api/resources.ts'
import type { Caches } from '../caches.ts'
import type { KubeApi } from '../kube/port.ts'
import { removeFinalizer } from '../kube/writes.ts'

/** Lets go of a Job that has ended and whose outcome is recorded. */
export async function releaseJob({ api, caches }: { api: KubeApi; caches: Pick<Caches, 'jobs'> }, job: Job) {
  await removeFinalizer({ api, resource: Jobs, cache: caches.jobs }, job, finalizer.jobRelease)
}
