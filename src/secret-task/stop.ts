import type { Caches } from '../caches.ts'
import { annotation } from '../api/labels.ts'
import { keyOf } from '../api/meta.ts'
import { type Job, Jobs, type Pod, Pods } from '../api/resources.ts'
import { isConflict, isInvalid, isNotFound } from '../kube/errors.ts'
import type { KubeApi } from '../kube/port.ts'
import { removeExactly } from '../kube/writes.ts'
import { isAlive, isDone, isStopped, STOPPED_WHEN_DONE } from './runs.ts'

interface Ports {
  readonly api: KubeApi
  readonly caches: { readonly jobs: Pick<Caches['jobs'], 'remember'> }
}

/**
 * Stops a Job for good. Foreground, said explicitly: the API's default for Jobs leaves the pods at work. That it was
 * accepted is noted on the Job, also when somebody has deleted the Job before in a way that proves nothing; and that its
 * provider was done, for its pod will not be there to tell. Pods that such a deletion has cut loose are deleted one by one.
 */
export async function stopJob(ports: Ports, job: Job, pods: readonly Pod[]): Promise<void> {
  const { api } = ports
  if (!isStopped(job) && (await deletedAsSeen(api, job)))
    await note(ports, job, isDone(job, pods) ? STOPPED_WHEN_DONE : 'true')
  for (const pod of pods) {
    if (isAlive(pod) && pod.metadata.deletionTimestamp === undefined) await removeExactly(api, Pods, pod)
  }
}

/**
 * Deletes the Job as it was seen, in the foreground. Asked for twice, the garbage collector's finalizer is set again once
 * that one is done; should it miss the moment in between, as when its watch is cut, it never looks at the Job again.
 */
async function deletedAsSeen(api: KubeApi, job: Job): Promise<boolean> {
  const { uid, resourceVersion } = job.metadata
  try {
    await api.remove(Jobs, keyOf(job), { uid, resourceVersion, propagation: 'Foreground' })
    return true
  } catch (error) {
    // Gone, or changed: then it is looked at again as it is now.
    if (isNotFound(error) || isConflict(error)) return false
    throw error
  }
}

async function note({ api, caches }: Ports, job: Job, how: string): Promise<void> {
  const { uid, annotations } = job.metadata
  const operations = [
    { op: 'test', path: '/metadata/uid', value: uid },
    { op: 'add', path: '/metadata/annotations', value: { ...annotations, [annotation.stopped]: how } },
  ] as const
  try {
    caches.jobs.remember(await api.patch(Jobs, keyOf(job), { operations }))
  } catch (error) {
    // Gone, or another one in its place.
    if (!isNotFound(error) && !isInvalid(error)) throw error
  }
}
