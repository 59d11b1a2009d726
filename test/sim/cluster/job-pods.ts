import type { KubeObject, Manifest } from '../../../src/api/meta.ts'
import { Jobs, Pods, type Job, type Pod } from '../../../src/api/resources.ts'

/** The pods among `pods` that the Job owns. */
export const podsOf = (pods: readonly Pod[], { metadata: { uid } }: Job): readonly Pod[] =>
  pods.filter(({ metadata }) => metadata.ownerReferences?.some((owner) => owner.uid === uid))

/** A pod of a Job, named after it and `n`. */
export function podManifest(job: Job, n: number): Manifest<Pod> {
  const { name, namespace = '', uid } = job.metadata
  const template = job.spec?.template as Pick<Pod, 'metadata' | 'spec'> | undefined
  const { labels = {}, annotations = {} } = (template as KubeObject | undefined)?.metadata ?? {}
  const owner = { apiVersion: 'batch/v1', kind: Jobs.kind, name, uid, controller: true, blockOwnerDeletion: true }
  const metadata = { namespace, name: `${name}-${n}`, labels, annotations, ownerReferences: [owner] }
  return { apiVersion: 'v1', kind: Pods.kind, metadata, ...(template?.spec && { spec: template.spec }) }
}
