import { GROUP } from '../api/labels.ts'
import type { Manifest } from '../api/meta.ts'
import { type Job, type Pod, Pods } from '../api/resources.ts'
import { isNotFound, isRefusal } from '../kube/errors.ts'
import type { KubeApi } from '../kube/port.ts'

/**
 * Why the API server would refuse the Job's pod (Pod Security, quota, a missing service account), or undefined. A Job is
 * accepted though its pods will be refused; only a dry run of the pod itself tells for sure.
 */
export async function refusalOfPod(api: KubeApi, job: Manifest<Job>): Promise<string | undefined> {
  const { metadata, spec } = job.spec?.template ?? {}
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      namespace: job.metadata.namespace ?? '',
      name: `${job.metadata.name}-probe`,
      labels: withoutOurs(metadata?.labels),
      annotations: metadata?.annotations ?? {},
    },
    spec,
  } as unknown as Manifest<Pod>
  try {
    await api.create(Pods, pod, { dryRun: true })
    return undefined
  } catch (error) {
    if (isRefusal(error) || isNotFound(error)) return error.message
    throw error
  }
}

/** A pod that bears our labels is the Job controller's to create. */
const withoutOurs = (labels: Readonly<Record<string, string>> = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(labels).filter(([name]) => !name.startsWith(`${GROUP}/`)))
