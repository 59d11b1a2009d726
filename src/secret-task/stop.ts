import { type Job, Jobs, type Pod, Pods } from '../api/resources.ts'
import type { KubeApi } from '../kube/port.ts'
import { removeExactly } from '../kube/writes.ts'
import { isAlive } from './runs.ts'

/**
 * Stops a Job for good. Foreground, said explicitly: the API's default for Jobs leaves the pods at work. Pods that an
 * earlier deletion has cut loose are deleted one by one.
 */
export async function stopJob(api: KubeApi, job: Job, pods: readonly Pod[]): Promise<void> {
  if (job.metadata.deletionTimestamp === undefined) {
    await removeExactly(api, Jobs, job, 'Foreground')
    return
  }
  for (const pod of pods) {
    if (isAlive(pod) && pod.metadata.deletionTimestamp === undefined) await removeExactly(api, Pods, pod)
  }
}
