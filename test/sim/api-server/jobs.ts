import { isDeepStrictEqual } from 'node:util'
import type { ObjectMeta } from '../../../src/api/meta.ts'
import type { Job } from '../../../src/api/resources.ts'
import { invalid } from './refusals.ts'

interface Container {
  readonly image: string
  readonly imagePullPolicy?: string
}
interface Template {
  readonly metadata?: Pick<ObjectMeta, 'labels'>
  readonly spec: { readonly containers?: readonly Container[]; readonly initContainers?: readonly Container[] }
}
interface Spec {
  readonly completions?: number
  readonly parallelism: number
  readonly selector?: object
  readonly template: Template
}

const IMMUTABLE = ['completions', 'completionMode', 'selector', 'template'] as const

/** A Job as the server stores it: told apart from all others by its pods' labels, and with the defaults that a schema can not say. */
export function storedJob(job: Job, old: Job | undefined): Job {
  const spec = job.spec as unknown as Spec
  const { uid, name } = job.metadata
  const isNew = old === undefined
  const isKnown = job.spec?.template === old?.spec?.template
  const template = isKnown ? spec.template : withPullPolicies(spec.template)
  const selector = isNew ? { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } } : spec.selector
  return {
    ...job,
    status: job.status ?? {},
    spec: {
      ...spec,
      ...(isNew && spec.completions === undefined && { completions: 1 }),
      selector,
      template: isNew ? withLabels(template, uid, name) : template,
    } as unknown as NonNullable<Job['spec']>,
  }
}

/** Throws `Invalid` for a change of what makes a Job this Job. */
export function validateJob(job: Job, old: Job | undefined): void {
  if (!old) return
  for (const field of IMMUTABLE) {
    if (!isDeepStrictEqual(job.spec?.[field], old.spec?.[field])) throw invalid(`spec.${field}: field is immutable`)
  }
}

const withLabels = ({ metadata, spec }: Template, uid: string, name: string): Template => ({
  metadata: {
    ...metadata,
    labels: {
      ...metadata?.labels,
      'batch.kubernetes.io/controller-uid': uid,
      'batch.kubernetes.io/job-name': name,
      'controller-uid': uid,
      'job-name': name,
    },
  },
  spec,
})

function withPullPolicies({ metadata, spec }: Template): Template {
  const { containers, initContainers } = spec
  return {
    ...(metadata && { metadata }),
    spec: {
      ...spec,
      ...(containers && { containers: containers.map(withPullPolicy) }),
      ...(initContainers && { initContainers: initContainers.map(withPullPolicy) }),
    },
  }
}

/** An image whose tag moves is pulled each time. */
const withPullPolicy = (container: Container): Container => ({
  imagePullPolicy: /:latest$|^[^:@]*$/.test(container.image) ? 'Always' : 'IfNotPresent',
  ...container,
})
