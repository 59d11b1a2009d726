import type { SecretTask } from '../api/generated.ts'
import type { Key } from '../api/meta.ts'
import { label } from '../api/labels.ts'
import { type Job, Jobs, Pods, Secrets } from '../api/resources.ts'
import type { Caches } from '../caches.ts'
import { pinned } from '../credentials-provider/pinned.ts'
import { readKit } from '../custody/kit.ts'
import { type ApiError, isAlreadyExists, isNotFound, isRefusal } from '../kube/errors.ts'
import type { KubeApi } from '../kube/port.ts'
import { isOurs, type TaskDecision, type TaskSnapshot } from './decide.ts'
import { writeTaskStatus } from './end.ts'
import { type GatewayAddress, jobManifest } from './job.ts'
import { refusalOfPod } from './probe.ts'
import type { RunMemory } from './run-memory.ts'
import { stopJob } from './stop.ts'

export interface Ports {
  readonly api: KubeApi
  readonly caches: Caches
  readonly custodyNamespace: string
  readonly revocationNamespace: string
  readonly gateway: () => GatewayAddress
  readonly memory: RunMemory
}

/** What an effect has found out for the next decision. */
export interface Finding {
  readonly jobRefusal?: string
  readonly podRefusal?: string
  readonly foreignJob?: Job
}

/** Carries out a decision about a task. Throws where the same decision is to be tried again. */
export async function act(ports: Ports, s: TaskSnapshot, decision: TaskDecision): Promise<Finding | undefined> {
  const { api, caches, memory } = ports
  switch (decision.kind) {
    case 'wait':
      return undefined
    case 'claim': {
      const claimed = await writeTaskStatus(api, s.task, decision.status)
      memory.claimed(claimed.metadata.uid)
      caches.tasks.remember(claimed)
      // No round trip through the watch between claim and Job: the claim is durable.
      return createJob(ports, claimed, false)
    }
    case 'createJob':
      return createJob(ports, s.task, false)
    case 'fence':
      return createJob(ports, s.task, true)
    case 'stopJob':
      if (s.job) await stopJob(ports, s.job, s.pods)
      return undefined
    case 'probePod':
      return { podRefusal: (await refusalOfPod(api, await manifestOf(ports, s.task, false))) ?? '' }
    case 'end':
      return end(ports, s, decision.status)
    case 'explain':
      caches.tasks.remember(await writeTaskStatus(api, s.task, decision.status))
      return undefined
  }
}

/** Ends the task, unless it would be taken for having made nothing and its pods do not bear that out. */
async function end(ports: Ports, s: TaskSnapshot, status: SecretTask['status']): Promise<Finding | undefined> {
  if (status.outcome === 'Nothing' && !(await isProven(ports, s))) return {}
  ports.caches.tasks.remember(await writeTaskStatus(ports.api, s.task, status))
  return undefined
}

async function createJob(ports: Ports, task: SecretTask, suspend: boolean): Promise<Finding | undefined> {
  const { api, caches, memory } = ports
  try {
    // Reads the kit where the provider has gone: one that is not there will not come back, and is a refusal as well.
    const manifest = await manifestOf(ports, task, suspend)
    caches.jobs.remember(await api.create(Jobs, manifest))
  } catch (error) {
    if (!isAlreadyExists(error) && !isFinal(error)) throw error
    // Whoever made it: what is there is looked at, never taken for ours by its name. Even a refusal does not tell that there
    // is none: a Job whose creation was not answered may be what has used up the quota.
    const there = await jobOf(api, task)
    if (there === undefined) {
      if (!isFinal(error)) throw error
      return { jobRefusal: `The Job cannot be made: ${error.message}` }
    }
    if (!isOurs(there, task)) return { foreignJob: there }
    caches.jobs.remember(there)
  }
  if (!suspend) memory.created(task.metadata.uid)
  return undefined
}

/**
 * Whether the pods, read now, bear out that nothing began. Watches of different kinds run apart: a Job may be seen to have
 * ended before its pod is seen at all. What is read goes into the cache, for the next decision. A pod that is known and is
 * gone by now was seen to be over: else the Job would not have counted as ended.
 */
async function isProven({ api, caches, memory }: Ports, { task, job }: TaskSnapshot): Promise<boolean> {
  if (job === undefined || !isOurs(job, task)) return true
  const { name, uid } = task.metadata
  const selection = { namespace: task.spec.jobNamespace, labelSelector: `${label.task}=${name}` }
  const { items } = await api.list(Pods, selection)
  for (const pod of items) caches.pods.remember(pod)
  return memory.neverStarted({ name, uid }, job)
}

async function jobOf(api: KubeApi, task: SecretTask): Promise<Job | undefined> {
  try {
    return await api.get(Jobs, jobKey(task))
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

/** The server has looked at the Job and will not have it. A namespace that is being deleted refuses for good, too. */
const isFinal = (error: unknown): error is ApiError => isRefusal(error) || isNotFound(error)

export const jobKey = ({ metadata, spec }: SecretTask): Key => ({ namespace: spec.jobNamespace, name: metadata.name })

async function manifestOf(ports: Ports, task: SecretTask, suspend: boolean): Promise<ReturnType<typeof jobManifest>> {
  return jobManifest({ task, template: await templateOf(ports, task), gateway: ports.gateway(), suspend })
}

/**
 * A creation runs with exactly the provider that its revocation kit was made from. A deletion runs with the provider as it
 * is now, so that an administrator's repair reaches what is still owed; when the provider is gone, with the kit. In the
 * revocation namespace it is the kit as well: that template was judged to refer to nothing, a later one was not.
 */
async function templateOf({ api, caches, custodyNamespace, revocationNamespace }: Ports, { spec }: SecretTask) {
  const provider = pinned(caches, spec)
  const isRepairable = spec.type === 'delete_credentials' && spec.jobNamespace !== revocationNamespace
  const fits = isRepairable || provider?.metadata.generation === spec.provider.generation
  if (provider !== undefined && fits) return provider.spec.template
  return readKit(await api.get(Secrets, { namespace: custodyNamespace, name: spec.kit })).template
}
