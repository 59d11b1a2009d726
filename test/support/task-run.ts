import type { SecretTask, SecretTaskSpec, SecretTaskStatus } from '../../src/api/generated.ts'
import { annotation, label } from '../../src/api/labels.ts'
import { Jobs, Pods, Secrets, SecretTasks, type Job, type Pod, type Secret } from '../../src/api/resources.ts'
import { createTaskId } from '../../src/api/task-id.ts'
import { kitName } from '../../src/custody/kit.ts'
import type { FakeApi } from './fake-api.ts'

export const CUSTODY = 'operator-system'
export const CREDENTIAL_UID = '6f1c3a52-27d0-4a35-9b0e-3f4f5be2c001'
export const TASK_ID = createTaskId(CREDENTIAL_UID, { version: 1, attempt: 1 })
export const TASK_KEY = { namespace: 'team-a', name: TASK_ID }

/** The spec of a create task of `team-a/orders-database`, whose Job runs in the same namespace. */
export function aSpec(more: Partial<SecretTaskSpec> = {}): SecretTaskSpec {
  const spec = {
    type: 'create_credentials',
    trigger: 'secret_creation',
    credential: { namespace: 'team-a', name: 'orders-database', uid: CREDENTIAL_UID },
    version: 1,
    attempt: 1,
    provider: { kind: 'CredentialsProvider', name: 'postgres', uid: 'provider-uid', generation: 1 },
    parameters: { database: 'orders' },
    jobNamespace: 'team-a',
    timeoutSeconds: 600,
    ...more,
  } as const
  return { kit: kitName(spec.credential.uid, spec), ...spec }
}

export const aTask = (status: Partial<SecretTaskStatus> = {}, spec: Partial<SecretTaskSpec> = {}): SecretTask => ({
  metadata: {
    ...TASK_KEY,
    uid: 'task-uid',
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
  },
  spec: aSpec(spec),
  status: { state: 'processing', startedAt: '2026-01-01T00:00:01Z', ...status },
})

export const aDeleteTask = (status: Partial<SecretTaskStatus> = {}): SecretTask =>
  aTask(status, { type: 'delete_credentials', originTaskId: TASK_ID, credentialsId: 'role-0' })

/** The Job of a task, as the operator makes it of a template with this container. */
export const jobOf = (task: SecretTask, container = 'provider'): Job => ({
  metadata: {
    namespace: task.spec.jobNamespace,
    name: task.metadata.name,
    uid: 'job-uid',
    resourceVersion: '1',
    labels: { [label.taskUid]: task.metadata.uid, [label.taskNamespace]: task.metadata.namespace ?? '' },
    annotations: { [annotation.taskSpec]: JSON.stringify(task.spec) },
  },
  spec: {
    template: {
      spec: { containers: [{ name: container, env: [{ name: 'SM_SECRET_TASK_ID', value: task.metadata.name }] }] },
    },
  },
})

export const podOf = (job: Job): Pod => ({
  metadata: {
    ...(job.metadata.namespace !== undefined && { namespace: job.metadata.namespace }),
    name: `${job.metadata.name}-x1y2z`,
    labels: { [label.task]: job.metadata.name },
    uid: 'pod-uid',
    resourceVersion: '1',
    ownerReferences: [
      { apiVersion: 'batch/v1', kind: 'Job', name: job.metadata.name, uid: job.metadata.uid, controller: true },
    ],
  },
})

export const kitOf = (task: SecretTask): Secret => ({
  metadata: { namespace: CUSTODY, name: task.spec.kit, uid: 'kit-uid', resourceVersion: '1' },
})

/** What the API server says of a token that a node has minted for this pod. */
export const reviewOf = (pod: Pod) => ({
  authenticated: true,
  audiences: ['customcredentials.dev/task-gateway'],
  user: {
    username: `system:serviceaccount:${pod.metadata.namespace ?? ''}:default`,
    extra: {
      'authentication.kubernetes.io/pod-name': [pod.metadata.name],
      'authentication.kubernetes.io/pod-uid': [pod.metadata.uid],
    },
  },
})

/** Puts a task with its Job, pod, kit and the token `good` there. */
export function install(api: FakeApi, task: SecretTask): { task: SecretTask; job: Job; pod: Pod } {
  const job = jobOf(task)
  const pod = podOf(job)
  api.reviews.set('good', reviewOf(pod))
  api.put(Secrets, kitOf(task))
  return { task: api.put(SecretTasks, task), job: api.put(Jobs, job), pod: api.put(Pods, pod) }
}
