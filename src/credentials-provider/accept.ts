import { parseDuration } from '../api/duration.ts'
import type { SecretTask } from '../api/generated.ts'
import { Jobs } from '../api/resources.ts'
import { isNotFound, isRefusal } from '../kube/errors.ts'
import type { KubeApi } from '../kube/port.ts'
import { type GatewayAddress, jobManifest } from '../secret-task/job.ts'
import { refusalOfPod } from '../secret-task/probe.ts'
import { valueFields } from './inputs.ts'
import { compiled, costProblem } from './patterns.ts'
import type { Provider } from './resolve.ts'
import { checkValues } from './schema.ts'

interface Ports {
  readonly api: KubeApi
  readonly gateway: () => GatewayAddress
}

/**
 * The first thing that stands against a provider, as a sentence; undefined when nothing does. Found by a dry run of the Job
 * and of the pod that its template would make, so that a template that cannot run is a condition on the provider and not a
 * failed task of each of its credentials. Throws where the API server does not tell: it is overloaded, say.
 */
export async function problemOf({ api, gateway }: Ports, provider: Provider): Promise<string | undefined> {
  const wrong = schemaProblem(provider.spec.schema)
  if (wrong !== undefined) return wrong
  const job = jobManifest({ task: sampleTask(provider), template: provider.spec.template, gateway: gateway() })
  const { finalizers: _none, ...metadata } = job.metadata
  const warnings: string[] = []
  try {
    await api.create(Jobs, { ...job, metadata }, { dryRun: true, onWarning: (warning) => warnings.push(warning) })
  } catch (error) {
    if (isNotFound(error))
      return `Namespace "${job.metadata.namespace ?? ''}" does not exist. Create it, or correct spec.jobNamespace.`
    if (isRefusal(error)) return `spec.template: the API server refuses the Job: ${error.message}`
    throw error
  }
  const refusal = await refusalOfPod(api, job)
  return refusal && `spec.template: the API server refuses the pod: ${[refusal, ...warnings].join(' ')}`
}

function schemaProblem({ parameters = [], credentials }: Provider['spec']['schema']): string | undefined {
  const fields = [...parameters, ...credentials]
  const tooLarge = costProblem(fields)
  if (tooLarge !== undefined) return `spec.schema: ${tooLarge}.`
  for (const { name, pattern } of fields) {
    const expression = pattern === undefined ? undefined : compiled(pattern)
    if (typeof expression === 'string') return `${name} ${expression}`
  }
  // The CRD cannot see a default: it may be of any type.
  const fixed = parameters.find((field) => field.type === 'secret_id' && field.default !== undefined)
  if (fixed) return `spec.schema.parameters: ${fixed.name}: a default can not name a Secret: leave it out.`
  const defaults = checkValues(
    valueFields(parameters).filter((field) => field.default !== undefined),
    {},
  )
  return defaults.ok ? undefined : `spec.schema.parameters: a default does not fit: ${defaults.problems.join('; ')}.`
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
