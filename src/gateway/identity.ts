import * as v from 'valibot'
import type { SecretTaskSpec } from '../api/generated.ts'
import { annotation, label } from '../api/labels.ts'
import type { Key, KubeObject, OwnerReference, Resource } from '../api/meta.ts'
import { Jobs, Pods, Secrets, type Job, type Pod } from '../api/resources.ts'
import { kitName } from '../custody/kit.ts'
import { orAbsent } from '../kube/errors.ts'
import { recordOf } from '../runtime/record.ts'
import { authenticate, type Caller } from './authentication.ts'
import { Failure } from './errors.ts'
import type { Cache, GatewayPorts } from './ports.ts'

/** The run of a task, as proven by its pod: the only one who may report it, and read what it names. */
export interface Run {
  readonly id: string
  /** Where the task lives: with its credential, or, on behalf of an OrphanedCredential, in the revocation namespace. */
  readonly namespace: string
  readonly taskUid: string
  readonly jobUid: string
  /** The task's spec as the Job carries it: what is known of a task that is gone. */
  readonly spec: SecretTaskSpec
}

type Ports = Pick<GatewayPorts, 'api' | 'pods' | 'jobs' | 'custody' | 'custodyNamespace'>

/**
 * Whose request this is. The API server reviews the token, which nobody but a node can have minted for our audience; it is
 * bound to a pod, the pod is controlled by a Job, and the Job was made for this task: each by UID. What a cache would
 * refuse is judged again by quorum reads. `taskId`: whose run it has to be; undefined: the caller's own, whichever it is.
 * Throws a `Failure` (401, 403), or an `ApiError` where nothing is certain.
 */
export async function identify(ports: Ports, authorization: string | undefined, taskId?: string): Promise<Run> {
  const caller = await authenticate(ports.api, authorization)
  const cached = await findRun(ports, { caller, taskId, fresh: false })
  const run = typeof cached === 'string' ? await findRun(ports, { caller, taskId, fresh: true }) : cached
  if (typeof run === 'string') throw new Failure('not_your_task', run)
  return run
}

interface Search {
  readonly caller: Caller
  readonly taskId: string | undefined
  /** By quorum reads only. */
  readonly fresh: boolean
}

/** The caller's run of this task, or why it is not one. */
async function findRun(ports: Ports, { caller, taskId: wanted, fresh }: Search): Promise<Run | string> {
  const { namespace, name } = caller
  const read = <T extends KubeObject>(resource: Resource<T>, cache: Cache<T>, key: Key) =>
    (fresh ? undefined : cache.get(key)) ?? orAbsent(ports.api.get(resource, key))

  const pod = await read<Pod>(Pods, ports.pods, { namespace, name })
  if (pod?.metadata.uid !== caller.uid) return 'the pod of the token is gone'
  const owner = controllingJob(pod)
  if (owner === undefined) return 'the pod is not controlled by a Job'
  const taskId = owner.name
  if (wanted !== undefined && taskId !== wanted) return `the pod runs ${taskId}, which is another task`
  // A Job adopts pods that its selector matches; the label is the Job controller's to set.
  if (pod.metadata.labels?.[label.task] !== taskId) return `the pod was not made for ${taskId}`
  const job = await read<Job>(Jobs, ports.jobs, { namespace, name: taskId })
  if (job?.metadata.uid !== owner.uid) return 'the Job of the pod is gone'
  const run = runFromJob(job)
  if (run === undefined) return 'the Job was not made by the operator'
  // Only the operator can put a revocation kit into custody.
  const kit = { namespace: ports.custodyNamespace, name: run.spec.kit }
  return (await read(Secrets as Resource, ports.custody, kit)) === undefined
    ? 'the task was not made by the operator'
    : run
}

const controllingJob = ({ metadata }: Pod): OwnerReference | undefined =>
  metadata.ownerReferences?.find(
    ({ controller, kind, apiVersion }) => controller === true && kind === 'Job' && apiVersion.startsWith('batch/'),
  )

/** What the operator writes and the gateway reads of a task's spec; the rest is carried along. */
const SpecShape = v.looseObject({
  type: v.picklist(['create_credentials', 'delete_credentials']),
  credential: v.object({ namespace: v.string(), name: v.string(), uid: v.pipe(v.string(), v.uuid()) }),
  version: v.number(),
  provider: v.object({ kind: v.string(), name: v.string(), uid: v.string(), generation: v.number() }),
  kit: v.string(),
  parameters: recordOf(v.union([v.string(), v.number(), v.boolean()])),
  secretParameters: v.optional(recordOf(v.object({ name: v.string() }))),
  jobNamespace: v.string(),
  timeoutSeconds: v.number(),
})
const SpecText = v.pipe(v.string(), v.parseJson(), SpecShape)

/** What a Job says of its task; undefined where the operator cannot have written it. */
function runFromJob({ metadata }: Job): Run | undefined {
  const taskUid = metadata.labels?.[label.taskUid]
  const namespace = metadata.labels?.[label.taskNamespace]
  const parsed = v.safeParse(SpecText, metadata.annotations?.[annotation.taskSpec])
  if (taskUid === undefined || namespace === undefined || !parsed.success) return undefined
  const spec = parsed.output as unknown as SecretTaskSpec
  // A kit's name binds credential, provider and Job namespace: a Job made elsewhere cannot speak for this credential.
  if (spec.jobNamespace !== metadata.namespace || kitName(spec.credential.uid, spec) !== spec.kit) return undefined
  return { id: metadata.name, namespace, taskUid, jobUid: metadata.uid, spec }
}
