import { randomUUID } from 'node:crypto'
import type { CustomCredential, SecretTask } from '../../src/api/generated.ts'
import { annotation, GATEWAY_AUDIENCE } from '../../src/api/labels.ts'
import { keyOf, type KubeObject, type Manifest } from '../../src/api/meta.ts'
import { CustomCredentials, type Job, Jobs, type Secret, Secrets, SecretTasks } from '../../src/api/resources.ts'
import { TokenReviews } from '../../src/gateway/authentication.ts'
import type { PatchOperation } from '../../src/kube/port.ts'
import { jobManifest } from '../../src/secret-task/job.ts'
import { completeJob, createPod, mintToken } from './pod-life.ts'
import type { Specimen } from './specimen.ts'
import { CEILING_NAMESPACE, clearNamespace, type Stage } from './stage.ts'

export interface LoopOptions {
  /** Chains of writes at the same time. */
  readonly concurrency: number
  readonly seconds: number
  /** Whether pod, token, review and completion of each Job are asked for as well, as they are beside the operator. */
  readonly withPods: boolean
}

/** Accepted writes that are the operator's; those of Job controller and kubelet are not among them. */
export interface Ceiling {
  readonly writes: number
  readonly writesPerSecond: number
}

const WRITES_PER_CHAIN = 8

/**
 * R: the eight writes of a create task in a bare loop, each chain in order, chains side by side; same kinds, sizes, user and
 * HTTP client as the operator's, and nothing watched, decided or cached. Run it while the operator is not running. Leaves
 * nothing behind.
 */
export async function measureCeiling(stage: Stage, specimen: Specimen, options: LoopOptions): Promise<Ceiling> {
  const places = await Promise.all(Array.from({ length: options.concurrency }, () => preparePlace(stage, specimen)))
  const startedAt = performance.now()
  const deadline = startedAt + options.seconds * 1000
  let chains = 0
  const loop = async (place: Place) => {
    for (let another = true; another; another = performance.now() < deadline) {
      await writeChain(stage, specimen, { place, withPods: options.withPods })
      chains += 1
    }
  }
  await Promise.all(places.map(loop))
  const seconds = (performance.now() - startedAt) / 1000
  await clearNamespace(stage, CEILING_NAMESPACE)
  const writes = chains * WRITES_PER_CHAIN
  return { writes, writesPerSecond: writes / seconds }
}

/** What a chain writes over: a credential of its own, and the Secret that consumers would read. */
interface Place {
  credential: CustomCredential
  target: Secret
}

async function preparePlace({ admin, asOperator }: Stage, { credential, target }: Specimen): Promise<Place> {
  const name = `place-${randomUUID()}`
  return {
    credential: await admin.create(CustomCredentials, renewed(credential, name)),
    target: await asOperator.create(Secrets, renewed(target, name)),
  }
}

async function writeChain(
  stage: Stage,
  specimen: Specimen,
  { place, withPods }: { readonly place: Place; readonly withPods: boolean },
): Promise<void> {
  const { asOperator: api } = stage
  const name = `sm-task-${randomUUID()}`
  const spec = { ...specimen.task.spec, jobNamespace: CEILING_NAMESPACE }
  const task = await api.create(SecretTasks, { ...renewed(specimen.task, name), spec })
  const {
    outcome: _outcome,
    result: _result,
    finishedAt: _finishedAt,
    jobRef: _jobRef,
    ...begun
  } = specimen.task.status
  const claimed = await api.patch(SecretTasks, keyOf(task), statusPatch(task, { ...begun, state: 'processing' }))
  const job = await api.create(Jobs, jobLike(specimen.job, claimed))
  const pod = withPods ? await createPod(stage, job) : undefined
  const token = pod && (await mintToken(stage, pod))
  if (token !== undefined) await api.review(TokenReviews, { spec: { token, audiences: [GATEWAY_AUDIENCE] } })
  await api.create(Secrets, renewed(specimen.version, name))
  await api.patch(SecretTasks, keyOf(task), statusPatch(claimed, specimen.task.status))
  if (pod) await completeJob(stage, job, pod)
  place.target = await api.patch(Secrets, keyOf(place.target), { operations: targetPatch(place.target, name) })
  const status = { ...specimen.credential.status, lastHandledRotateRequest: name }
  place.credential = await api.patch(CustomCredentials, keyOf(place.credential), statusPatch(place.credential, status))
  await api.patch(Jobs, keyOf(job), { operations: [{ op: 'remove', path: '/metadata/finalizers/0' }] })
}

/** The Job that the operator would make of this task. */
function jobLike({ spec }: Job, task: SecretTask): Manifest<Job> {
  const { metadata, spec: pod } = spec?.template ?? {}
  const { name = '', image = '' } = pod?.containers[0] ?? {}
  const ca = metadata?.annotations?.[annotation.gatewayCa] ?? ''
  return jobManifest({
    task,
    template: { spec: { containers: [{ name, image }] } },
    gateway: { url: 'https://localhost:65535', ca },
  })
}

/** Another version's keys in place of these. */
function targetPatch({ metadata, data }: Secret, version: string): PatchOperation[] {
  const credentialsId = Buffer.from(version).toString('base64')
  return [
    ...precondition({ metadata }),
    { op: 'add', path: '/metadata/labels', value: metadata.labels },
    { op: 'add', path: '/metadata/annotations', value: metadata.annotations },
    { op: 'add', path: '/data', value: { ...data, username: credentialsId } },
  ]
}

const precondition = ({ metadata }: KubeObject): PatchOperation[] => [
  { op: 'replace', path: '/metadata/resourceVersion', value: metadata.resourceVersion },
]

const statusPatch = (object: KubeObject, status: unknown) => ({
  subresource: 'status' as const,
  operations: [...precondition(object), { op: 'add', path: '/status', value: status } as const],
})

/** The object as it was once created, under another name. */
function renewed<T extends KubeObject>(object: T, name: string): Manifest<T> {
  const { metadata, status: _status, ...rest } = object as T & { status?: unknown }
  const { labels = {}, annotations = {} } = metadata
  return { ...rest, metadata: { namespace: CEILING_NAMESPACE, name, labels, annotations } }
}
