import { label } from '../../src/api/labels.ts'

type Fields = Readonly<Record<string, unknown>>

const apiVersion = 'customcredentials.dev/v1alpha1'
const provider = { kind: 'CredentialsProvider', name: 'postgres', uid: 'provider-uid', generation: 1 }
const credential = (namespace: string): Fields => ({ namespace, name: 'orders-database', uid: 'credential-uid' })

/** A task ID whose last digits are a number: `taskId(1)`. */
export const taskId = (n: number): string => `sm-task-00000000-0000-5000-8000-${String(n).padStart(12, '0')}`

export const aCredential = (namespace: string, name: string, spec: Fields = {}) => ({
  apiVersion,
  kind: 'CustomCredential',
  metadata: { namespace, name },
  spec: { providerRef: { name: 'postgres' }, ...spec },
})

export const aTask = (namespace: string, name: string, spec: Fields = {}) => ({
  apiVersion,
  kind: 'SecretTask',
  metadata: { namespace, name },
  spec: {
    type: 'create_credentials',
    trigger: 'secret_creation',
    credential: credential(namespace),
    version: 1,
    attempt: 1,
    provider,
    kit: 'kit-1',
    parameters: { database: 'orders' },
    jobNamespace: namespace,
    timeoutSeconds: 600,
    ...spec,
  },
})

export const anOrphan = (name: string) => ({
  apiVersion,
  kind: 'OrphanedCredential',
  metadata: { name },
  spec: {
    credential: credential('gone'),
    originTaskId: taskId(0),
    version: 1,
    reason: 'CredentialDeleted',
    since: '2026-01-02T03:04:05Z',
    provider,
    kit: 'kit-1',
  },
})

/** A Job as the operator makes it; suspended, so that no controller acts on it unless asked. */
export const aJob = (namespace: string, name: string, marks: Fields = { [label.task]: name }) => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { namespace, name, labels: marks },
  spec: { suspend: true, template: { metadata: { labels: marks }, spec: aPodSpec } },
})

export const aPodSpec = {
  restartPolicy: 'Never',
  containers: [{ name: 'provider', image: 'registry.example/postgres-provider:1.0' }],
}

export const aPod = (namespace: string, name: string, labels: Fields) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace, name, labels },
  spec: aPodSpec,
})

export const aSecret = (namespace: string, name: string, labels: Fields) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { namespace, name, labels },
})

/** Cluster-scoped without a namespace. */
export const aProvider = (metadata: { readonly namespace?: string; readonly name: string }) => ({
  apiVersion,
  kind: metadata.namespace === undefined ? 'ClusterCredentialsProvider' : 'CredentialsProvider',
  metadata,
  spec: {
    ...(metadata.namespace === undefined && { jobNamespace: 'databases' }),
    template: { spec: { containers: aPodSpec.containers } },
    schema: { credentials: [{ name: 'username', type: 'string', required: true }] },
  },
})
