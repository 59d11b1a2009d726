import type {
  ClusterCredentialsProvider,
  CredentialsProvider,
  CustomCredential,
  OrphanedCredential,
  SecretTask,
} from './api/generated.ts'
import { annotation, label } from './api/labels.ts'
import type { KubeObject } from './api/meta.ts'
import {
  ClusterCredentialsProviders,
  CredentialsProviders,
  CustomCredentials,
  type Job,
  Jobs,
  type Namespace,
  Namespaces,
  OrphanedCredentials,
  type Pod,
  Pods,
  SecretMetadata,
  SecretTasks,
} from './api/resources.ts'
import { providersOf } from './credentials-provider/resolve.ts'
import { withDataOwners } from './kube/data-owners.ts'
import { createInformer, type Informer } from './kube/informer.ts'
import { withOwnWrites } from './kube/own-writes.ts'
import type { KubeApi } from './kube/port.ts'
import type { ReflectorMetrics } from './kube/reflector.ts'
import { Shared } from './kube/shared.ts'
import type { Store } from './kube/store.ts'
import type { Clock, Random } from './runtime/clock.ts'
import type { Logger } from './runtime/logger.ts'
import { isTerminal } from './secret-task/end.ts'
import { recordOf } from './secret-task/record.ts'

/** What the operator keeps of the cluster. Secrets and namespaces are kept as metadata; only our own Jobs and pods. */
export interface Caches {
  readonly credentials: Store<
    CustomCredential,
    'byProvider' | 'byNamespace' | 'byUid' | 'byCredentialsId' | 'byInputSecret'
  >
  readonly tasks: Store<SecretTask, 'byId' | 'byCredential' | 'openByProvider'>
  readonly providers: Store<CredentialsProvider>
  readonly clusterProviders: Store<ClusterCredentialsProvider>
  readonly orphans: Store<OrphanedCredential, 'byCredential' | 'byCredentialsId'>
  readonly jobs: Store<Job, 'byCredential'>
  readonly pods: Store<Pod, 'byTask'>
  readonly secrets: Store<KubeObject, 'byCredential' | 'byCredentialsId'>
  /** Every Secret that is not ours, by no more than its address and version: one may be the input of a credential. */
  readonly otherSecrets: Store<KubeObject>
  readonly namespaces: Store<Namespace>
}

interface Ports {
  readonly api: KubeApi
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly metrics?: ReflectorMetrics
}

const labelled = (name: string) => (object: KubeObject) => {
  const value = object.metadata.labels?.[name]
  return value === undefined ? [] : [value]
}

function providerIndexes(credential: CustomCredential): string[] {
  const { namespace = '' } = credential.metadata
  return [...new Set(providersOf(credential).map(({ kind, name }) => providerIndex(kind, namespace, name)))]
}

/** The name under which a credential indexes its provider. */
export const providerIndex = (kind: string, namespace: string, name: string): string =>
  kind === 'CredentialsProvider' ? `${kind}/${namespace}/${name}` : `${kind}/${name}`

/** The names under which a credential indexes the Secrets that its runs may read. */
const inputIndexes = ({ metadata, spec }: CustomCredential): string[] =>
  Object.values(spec.secretParameters ?? {}).map(({ name }) => inputSecretIndex(metadata.namespace ?? '', name))

export const inputSecretIndex = (namespace: string, name: string): string => `${namespace}/${name}`

function withoutDetail({ metadata: { namespace, name, uid, resourceVersion } }: KubeObject): KubeObject {
  return { metadata: { ...(namespace !== undefined && { namespace }), name, uid, resourceVersion } }
}

export function createCaches(given: Ports): { caches: Caches; informers: Informer[] } {
  const shared = new Shared()
  const ports = { ...given, shared }
  const ofCredential = labelled(label.credentialUid)
  const credentials = createInformer({
    ...ports,
    resource: CustomCredentials,
    slim: withOwnWrites,
    indexers: {
      byProvider: providerIndexes,
      byNamespace: ({ metadata }) => [metadata.namespace ?? ''],
      byUid: ({ metadata }) => [metadata.uid],
      byCredentialsId: ({ status }) =>
        [...(status.versions ?? []), ...(status.unresolved ?? [])].flatMap(({ credentialsId }) => credentialsId ?? []),
      byInputSecret: inputIndexes,
    },
  })
  const tasks = createInformer({
    ...ports,
    resource: SecretTasks,
    slim: (task) => recordOf(task, shared),
    indexers: {
      byId: ({ metadata }) => [metadata.name],
      byCredential: ({ spec }) => [spec.credential.uid],
      openByProvider: (task) => (isTerminal(task) ? [] : [task.spec.provider.uid]),
    },
  })
  const providers = createInformer({ ...ports, resource: CredentialsProviders, indexers: {} })
  const clusterProviders = createInformer({ ...ports, resource: ClusterCredentialsProviders, indexers: {} })
  const orphans = createInformer({
    ...ports,
    resource: OrphanedCredentials,
    indexers: {
      byCredential: ({ spec }) => [spec.credential.uid],
      byCredentialsId: ({ spec }) => (spec.credentialsId === undefined ? [] : [spec.credentialsId]),
    },
  })
  const jobs = createInformer({
    ...ports,
    resource: Jobs,
    labelSelector: label.task,
    indexers: { byCredential: ofCredential },
  })
  const pods = createInformer({
    ...ports,
    resource: Pods,
    labelSelector: label.task,
    indexers: { byTask: labelled(label.task) },
  })
  const secrets = createInformer({
    ...ports,
    resource: SecretMetadata,
    labelSelector: label.credentialUid,
    metadataOnly: true,
    slim: withDataOwners,
    indexers: {
      byCredential: ofCredential,
      byCredentialsId: ({ metadata }) => [metadata.annotations?.[annotation.credentialsId] ?? []].flat(),
    },
  })
  const otherSecrets = createInformer({
    ...ports,
    resource: SecretMetadata,
    labelSelector: `!${label.credentialUid}`,
    metadataOnly: true,
    slim: withoutDetail,
    indexers: {},
  })
  const namespaces = createInformer({ ...ports, resource: Namespaces, metadataOnly: true, indexers: {} })
  const ours = { credentials, tasks, providers, clusterProviders, orphans, jobs, pods, secrets }
  const all = { ...ours, otherSecrets, namespaces }
  const caches = Object.fromEntries(Object.entries(all).map(([name, { store }]) => [name, store]))
  return { caches: caches as unknown as Caches, informers: Object.values(all) as unknown as Informer[] }
}
