import { setTimeout as sleep } from 'node:timers/promises'
import { GATEWAY_AUDIENCE } from '../../src/api/labels.ts'
import type { Job, Pod } from '../../src/api/resources.ts'
import type { Answer } from '../support/ask.ts'
import { NODE, type Stage } from './stage.ts'

/** The Job's one pod, as the Job controller makes it, on a node already: there is no scheduler. */
export async function createPod({ jobController }: Stage, { metadata, spec }: Job): Promise<Pod> {
  const { namespace = '', name, uid } = metadata
  const owner = { apiVersion: 'batch/v1', kind: 'Job', name, uid, controller: true, blockOwnerDeletion: true }
  const body = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...spec?.template.metadata, name: `${name}-0`, ownerReferences: [owner] },
    spec: { ...spec?.template.spec, nodeName: NODE },
  }
  return accepted(await jobController('POST', `/api/v1/namespaces/${namespace}/pods`, { body })) as unknown as Pod
}

/** A token for the task gateway, bound to the pod, as the kubelet mounts it. */
export async function mintToken({ kubelet }: Stage, { metadata, spec }: Pod): Promise<string> {
  const { namespace = '', name, uid } = metadata
  const account = `/api/v1/namespaces/${namespace}/serviceaccounts/${spec?.serviceAccountName ?? 'default'}/token`
  const body = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { audiences: [GATEWAY_AUDIENCE], boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid } },
  }
  let answer = await kubelet('POST', account, { body })
  // Admission of a node's request knows the pod by a watch of its own, as a real kubelet does, and that lags.
  for (let attempt = 1; attempt < 20 && answer.code >= 400; attempt++) {
    await sleep(5)
    answer = await kubelet('POST', account, { body })
  }
  return (accepted(answer)['status'] as { token: string }).token
}

/** The pod succeeds, as the kubelet writes, and then the Job is complete, as the Job controller does. */
export async function completeJob({ jobController, kubelet }: Stage, job: Job, pod: Pod): Promise<Job> {
  const { namespace = '', name } = job.metadata
  const pods = `/api/v1/namespaces/${namespace}/pods/${pod.metadata.name}/status`
  accepted(await kubelet('PATCH', pods, { body: { status: { phase: 'Succeeded' } } }))
  const now = new Date().toISOString().replace(/\.\d+Z/, 'Z')
  const conditions = ['SuccessCriteriaMet', 'Complete'].map((type) => ({
    type,
    status: 'True',
    reason: 'CompletionsReached',
    lastProbeTime: now,
    lastTransitionTime: now,
  }))
  const status = { startTime: now, completionTime: now, succeeded: 1, conditions, uncountedTerminatedPods: {} }
  const body = { apiVersion: 'batch/v1', kind: 'Job', ...job, status }
  const path = `/apis/batch/v1/namespaces/${namespace}/jobs/${name}/status`
  return accepted(await jobController('PUT', path, { body })) as unknown as Job
}

function accepted({ code, body, message }: Answer): Answer['body'] {
  if (code >= 300) throw new Error(`the API server refused the stand-in: ${message}`)
  return body
}
