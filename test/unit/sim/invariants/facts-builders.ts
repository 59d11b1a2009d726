import { annotation, CustodyKind, finalizer, label } from '../../../../src/api/labels.ts'
import type { KubeObject, Resource } from '../../../../src/api/meta.ts'
import {
  CustomCredentials,
  Jobs,
  OrphanedCredentials,
  Pods,
  Secrets,
  SecretTasks,
} from '../../../../src/api/resources.ts'
import { leases } from '../../../../src/kube/lease-record.ts'
import type { Fact, ObjectChange } from '../../../sim/observe/facts.ts'

type Fields = Readonly<Record<string, unknown>>
type Meta = Partial<KubeObject['metadata']>

/** An object of a kind, in namespace `shop` with a UID made from its name unless told otherwise. */
export const object = <T extends KubeObject>(resource: Resource<T>, meta: Meta, rest: Fields) => ({
  resource,
  object: {
    metadata: { namespace: 'shop', uid: `uid-${meta.name ?? ''}`, resourceVersion: '1', ...meta },
    ...rest,
  } as unknown as KubeObject,
})
type Described = ReturnType<typeof object>

const change = (type: ObjectChange['type'], described: Described, more: Partial<ObjectChange>): Fact => ({
  kind: 'object',
  revision: 1,
  type,
  by: 'operator-1',
  ...described,
  ...more,
})
export const added = (what: Described, by = 'operator-1'): Fact => change('added', what, { by })
export const deleted = (what: Described, by = 'operator-1'): Fact => change('deleted', what, { by })
export const changed = (from: Described, to: Described, by = 'operator-1'): Fact =>
  change('changed', to, { previous: from.object, by })

/** Credential `db`, UID `uid-db` unless told otherwise. */
export const credential = (status: Fields = {}, meta: Meta = {}, spec: Fields = {}): Described =>
  object(CustomCredentials, { name: 'db', ...meta }, { spec: { providerRef: { name: 'postgres' }, ...spec }, status })

/** A version that `task-1` made, in the consumers' Secret. */
export const version = (number: number, credentialsId: string, taskId = 'task-1'): Fields => ({
  version: number,
  credentialsId,
  taskId,
  provider: { uid: 'uid-postgres' },
  deliveredAt: '2026-01-01T00:00:00Z',
})

/** What was issued before the runs begin is to go at once. */
export const atOnce = { revokeIssuedBefore: '2026-01-01T00:00:00Z', revokeMode: 'Immediate' } as const

/** A version that this speaks of. */
export const exposed = (number: number, credentialsId: string, taskId?: string): Fields => ({
  ...version(number, credentialsId, taskId),
  startedAt: '2025-12-31T00:00:00Z',
})

/** A create task of `uid-db`, or, with an origin, a delete task. */
export const task = (name: string, state: string, more: Fields = {}, spec: Fields = {}): Described =>
  object(
    SecretTasks,
    { name },
    {
      spec: {
        type: spec['originTaskId'] === undefined ? 'create_credentials' : 'delete_credentials',
        credential: { uid: 'uid-db' },
        provider: { uid: 'uid-postgres' },
        ...spec,
      },
      status: { state, ...(state === 'processing' && { deadline: '2026-01-01T00:10:00Z' }), ...more },
    },
  )

/** The Job of task `task-1`, held by its finalizer. */
export const job = (spec: Fields = {}, meta: Meta = {}): Described =>
  object(
    Jobs,
    {
      name: 'task-1',
      uid: 'job-1',
      labels: { [label.taskUid]: 'uid-task-1' },
      finalizers: [finalizer.jobRelease],
      ...meta,
    },
    { spec },
  )

/** A pod of that Job. */
export const pod = (name = 'pod-1'): Described => object(Pods, { name, labels: { [label.task]: 'task-1' } }, {})

export const orphan = (originTaskId: string, credentialsId?: string): Described =>
  object(OrphanedCredentials, { name: 'orphan' }, { spec: { originTaskId, credentialsId }, status: {} })

/** What `task-1` reported, in custody. */
export const custody = (credentialsId: string, data: Fields = { key: 'YQ==' }, number = 1): Described =>
  object(
    Secrets,
    {
      name: `task-${number}`,
      namespace: 'custody',
      labels: {
        [label.custody]: CustodyKind.version,
        [label.task]: `task-${number}`,
        [label.version]: String(number),
        [label.credentialUid]: 'uid-db',
      },
      annotations: { [annotation.credentialsId]: credentialsId },
    },
    { data },
  )

/** The consumers' Secret. */
export const target = (number: number, credentialsId: string, data: Fields = { key: 'YQ==' }, owner = 'uid-db') =>
  object(
    Secrets,
    {
      name: 'db',
      labels: { [label.credentialUid]: owner },
      annotations: { [annotation.version]: String(number), [annotation.credentialsId]: credentialsId },
    },
    { data },
  )

/** The same, with labels, as a spec asked for it. */
export const rendered = ({ resource, object: secret }: Described, labels: Record<string, string> = {}): Described => {
  const { metadata } = secret
  const annotations = { ...metadata.annotations, [annotation.rendition]: 'a hash' }
  return {
    resource,
    object: { ...secret, metadata: { ...metadata, annotations, labels: { ...metadata.labels, ...labels } } },
  }
}

export const made = (credentialsId: string, originTaskId = 'task-1'): Fact => ({
  kind: 'upstream',
  type: 'created',
  credentialsId,
  originTaskId,
  by: 'pod-1',
})
export const unmade = (credentialsId: string, by = 'pod-9', originTaskId = 'task-1'): Fact => ({
  kind: 'upstream',
  type: 'deleted',
  credentialsId,
  originTaskId,
  by,
})
export const started = (jobUid = 'job-1', taskId = 'task-1', podUid = 'uid-pod-1'): Fact => ({
  kind: 'container',
  type: 'started',
  taskId,
  jobUid,
  podUid,
})
export const ended = (podUid = 'uid-pod-1', taskId = 'task-1', jobUid = 'job-1'): Fact => ({
  kind: 'container',
  type: 'ended',
  taskId,
  jobUid,
  podUid,
})
export const answered = (code: number, credentialsId: string, taskId = 'task-1'): Fact => ({
  kind: 'answered',
  taskId,
  podUid: 'uid-pod-1',
  credentialsId,
  code,
})
export const hostile = (act: string): Fact => ({ kind: 'hostile', act })
export const fault = (name: string): Fact => ({ kind: 'fault', fault: name, place: 'change' })
export const refused = (call: string, why = '403 Forbidden'): Fact => ({
  kind: 'refused',
  by: 'operator-1',
  call,
  why,
  done: false,
})
export const sent = (call: string, name: string): Fact => ({
  kind: 'sent',
  by: 'operator-1',
  call,
  namespace: 'shop',
  name,
})

/** The lease of the operator, as `holder` has renewed it for the n-th time. */
export const lease = (holder: string, renewal = 1): Described =>
  object(leases, { name: 'operator', resourceVersion: String(renewal) }, { spec: { holderIdentity: holder } })
