import { Deployments, Jobs, Namespaces, Secrets } from '../../../src/api/resources.ts'
import type { Resource } from '../../../src/api/meta.ts'
import { leases } from '../../../src/kube/lease-record.ts'
import type { Schema } from './schema.ts'

const text: Schema = { type: 'string' }
const time: Schema = { type: 'string', format: 'date-time' }
const count = (more: Schema = {}): Schema => ({ type: 'integer', minimum: 0, ...more })
const object = (properties: Schema['properties'], more: Schema = {}): Schema => ({
  type: 'object',
  ...(properties && { properties }),
  ...more,
})
const list = (items: Schema, more: Schema = {}): Schema => ({ type: 'array', items, ...more })
const mapOf = (additionalProperties: Schema): Schema => ({ type: 'object', additionalProperties })
/** Fields that are named nowhere here are kept as they are: their defaults and rules are not modelled. */
const open = { 'x-kubernetes-preserve-unknown-fields': true } as const

const anything = object(undefined, open)
const metadata = anything

const container = object(
  {
    name: text,
    image: text,
    resources: object(undefined, { ...open, default: {} }),
    terminationMessagePath: { ...text, default: '/dev/termination-log' },
    terminationMessagePolicy: { ...text, default: 'File' },
  },
  { ...open, required: ['name', 'image'] },
)

const fieldRef = object({ apiVersion: { ...text, default: 'v1' } }, open)
const source = object(
  {
    serviceAccountToken: object({ expirationSeconds: count({ default: 3600 }) }, open),
    downwardAPI: object({ items: list(object({ fieldRef }, open)) }, open),
  },
  open,
)
const volume = object(
  { projected: object({ defaultMode: count({ default: 420 }), sources: list(source) }, open) },
  open,
)

const podSpec = object(
  {
    restartPolicy: { ...text, default: 'Always', enum: ['Never', 'OnFailure'] },
    terminationGracePeriodSeconds: count({ default: 30 }),
    dnsPolicy: { ...text, default: 'ClusterFirst' },
    securityContext: object(undefined, { ...open, default: {} }),
    schedulerName: { ...text, default: 'default-scheduler' },
    containers: list(container, { minItems: 1 }),
    initContainers: list(container),
    volumes: list(volume),
  },
  { ...open, required: ['containers'], default: {} },
)

const jobSpec = object(
  {
    suspend: { type: 'boolean', default: false },
    manualSelector: { type: 'boolean', default: false },
    parallelism: count({ default: 1 }),
    completions: count(),
    backoffLimit: count({ default: 6 }),
    activeDeadlineSeconds: count(),
    ttlSecondsAfterFinished: count(),
    completionMode: { ...text, default: 'NonIndexed' },
    podReplacementPolicy: { ...text, default: 'TerminatingOrFailed' },
    selector: anything,
    template: object({ metadata, spec: podSpec }, { default: {} }),
  },
  { default: {} },
)

const leaseSpec = object(
  {
    holderIdentity: text,
    leaseDurationSeconds: count({ minimum: 1 }),
    leaseTransitions: count(),
    acquireTime: time,
    renewTime: time,
  },
  { ...open, default: {} },
)

const kind = (properties: Schema['properties']): Schema =>
  object({ apiVersion: text, kind: text, metadata, ...properties })

const schemas = new Map<string, Schema>([
  [
    Secrets.plural,
    kind({
      type: { ...text, default: 'Opaque' },
      immutable: { type: 'boolean' },
      data: mapOf({ type: 'string', format: 'byte' }),
      stringData: mapOf(text),
    }),
  ],
  [leases.plural, kind({ spec: leaseSpec })],
  // Nothing but what a rollout touches.
  [
    Deployments.plural,
    kind({ spec: object({ template: object({ metadata, spec: anything }) }, open), status: anything }),
  ],
  [Jobs.plural, kind({ spec: jobSpec, status: anything })],
  [
    Namespaces.plural,
    kind({
      spec: object({ finalizers: list(text) }, { default: {} }),
      status: anything,
    }),
  ],
])

/**
 * What the server knows of a built-in kind, as far as the operator and the people around it use it; undefined for others.
 */
export const builtinSchema = ({ plural }: Resource): Schema | undefined => schemas.get(plural)
