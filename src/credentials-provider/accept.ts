import { type ConditionInput, transition } from '../api/conditions.ts'
import { parseDuration } from '../api/duration.ts'
import type { ProviderStatus, SecretTask } from '../api/generated.ts'
import { type Key, keyOf, type Resource } from '../api/meta.ts'
import { ClusterCredentialsProviders, CredentialsProviders, Jobs } from '../api/resources.ts'
import type { Caches } from '../caches.ts'
import { ApiError, isNotFound } from '../kube/errors.ts'
import type { KubeApi } from '../kube/port.ts'
import type { Store } from '../kube/store.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Outcome } from '../runtime/controller.ts'
import { type GatewayAddress, jobManifest } from '../secret-task/job.ts'
import { refusalOfPod } from '../secret-task/probe.ts'
import type { Provider } from './resolve.ts'
import { checkValues, patternProblem } from './schema.ts'

interface Ports {
  readonly api: KubeApi
  readonly caches: Caches
  readonly clock: Clock
  readonly gateway: () => GatewayAddress
}

/** Namespaces change (Pod Security, quota): an unaccepted provider is looked at again. */
const RECHECK_MS = 60_000

/**
 * Judges a provider by a dry run of the Job and of the pod that its template would make, so that a template that cannot
 * run is a condition on the provider and not a failed task of each of its credentials.
 */
export function createReconciler(ports: Ports, kind: Provider['kind'] & string): (key: Key) => Promise<Outcome> {
  const resource = (
    kind === 'ClusterCredentialsProvider' ? ClusterCredentialsProviders : CredentialsProviders
  ) as Resource<Provider>
  const store = (
    kind === 'ClusterCredentialsProvider' ? ports.caches.clusterProviders : ports.caches.providers
  ) as Store<Provider>
  return async (key) => {
    const provider = store.get(key)
    const before = provider?.status.conditions?.find(({ type }) => type === 'Accepted')
    const isJudged = before?.observedGeneration === provider?.metadata.generation
    if (provider === undefined || (isJudged && before?.status === 'True')) return {}
    const verdict = verdictOf(await judge(ports, provider))
    if (!isJudged || before?.message !== verdict.message) {
      const status = statusOf(provider, verdict, new Date(ports.clock.now()).toISOString())
      const operations = [
        { op: 'replace', path: '/metadata/resourceVersion', value: provider.metadata.resourceVersion },
        { op: 'add', path: '/status', value: status },
      ] as const
      store.remember(await ports.api.patch(resource, key, { operations, subresource: 'status' }))
    }
    return verdict.status === 'True' ? {} : { requeueAfterMs: RECHECK_MS }
  }
}

type Verdict = Omit<ConditionInput, 'type' | 'observedGeneration'>

const verdictOf = (refusal: string | undefined): Verdict =>
  refusal === undefined
    ? { status: 'True', reason: 'Accepted', message: 'The API server accepts the Job and its pod.' }
    : { status: 'False', reason: 'Rejected', message: refusal.slice(0, 4096) }

function statusOf(provider: Provider, verdict: Verdict, at: string): ProviderStatus {
  const observedGeneration = provider.metadata.generation ?? 0
  const now = ['Accepted', 'Ready'].map((type) => ({ type, observedGeneration, ...verdict }))
  return { observedGeneration, conditions: transition(provider.status.conditions ?? [], now, at) }
}

/** The first thing that stands against the provider, as a sentence; undefined when nothing does. */
async function judge({ api, gateway }: Ports, provider: Provider): Promise<string | undefined> {
  const { parameters = [], credentials } = provider.spec.schema
  for (const { name, ...field } of [...parameters, ...credentials]) {
    const problem = field.pattern === undefined ? undefined : patternProblem(field.pattern)
    if (problem !== undefined) return `${name} ${problem}`
  }
  // The CRD cannot see a default: it may be of any type.
  const defaults = checkValues(
    parameters.filter((field) => field.default !== undefined),
    {},
  )
  if (!defaults.ok) return `spec.schema.parameters: a default does not fit: ${defaults.problems.join('; ')}.`
  const job = jobManifest({ task: sampleTask(provider), template: provider.spec.template, gateway: gateway() })
  const { finalizers: _none, ...metadata } = job.metadata
  const warnings: string[] = []
  try {
    await api.create(Jobs, { ...job, metadata }, { dryRun: true, onWarning: (warning) => warnings.push(warning) })
  } catch (error) {
    if (isNotFound(error))
      return `Namespace "${job.metadata.namespace ?? ''}" does not exist. Create it, or correct spec.jobNamespace.`
    if (error instanceof ApiError && !error.ambiguous)
      return `spec.template: the API server refuses the Job: ${error.message}`
    throw error
  }
  const refusal = await refusalOfPod(api, job)
  return refusal && `spec.template: the API server refuses the pod: ${[refusal, ...warnings].join(' ')}`
}

/** A task as the provider will get them, for the dry run. */
function sampleTask({ kind, metadata, spec }: Provider): SecretTask {
  const namespace = 'jobNamespace' in spec ? spec.jobNamespace : (metadata.namespace ?? '')
  const { name, uid, generation = 1 } = metadata
  return {
    metadata: { namespace, name: 'sm-task-00000000-0000-0000-0000-000000000000', uid: uid, resourceVersion: '' },
    spec: {
      type: 'create_credentials',
      trigger: 'secret_creation',
      credential: { namespace, name: 'dry-run', uid },
      version: 1,
      attempt: 1,
      provider: { kind: kind as SecretTask['spec']['provider']['kind'], name, uid, generation },
      kit: '',
      parameters: {},
      jobNamespace: namespace,
      timeoutSeconds: parseDuration(spec.taskTimeout ?? '10m') / 1000,
    },
    status: { state: 'queued' },
  }
}

/** A provider is judged when it comes or changes. */
export function watchProviders(caches: Caches, enqueue: (key: Key) => void, enqueueCluster: (key: Key) => void): void {
  caches.providers.subscribe(({ object }) => {
    enqueue(keyOf(object))
  })
  caches.clusterProviders.subscribe(({ object }) => {
    enqueueCluster(keyOf(object))
  })
}
