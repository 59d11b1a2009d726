import type { V1Job, V1Namespace, V1Pod, V1Secret } from '@kubernetes/client-node'
import type {
  ClusterCredentialsProvider,
  CredentialsProvider,
  CustomCredential,
  OrphanedCredential,
  SecretTask,
} from './generated.ts'
import { GROUP, VERSION } from './labels.ts'
import type { KubeObject, ObjectMeta, Resource, Wire } from './meta.ts'

type Builtin<T> = Omit<Wire<T>, 'metadata'> & { readonly metadata: ObjectMeta }
export type Job = Builtin<V1Job>
export type Pod = Builtin<V1Pod>
export type Secret = Builtin<V1Secret>
export type Namespace = Builtin<V1Namespace>

/** What runs pods from a template, as far as a rollout needs it. A Rollout of Argo may refer to another's template. */
export interface Workload extends KubeObject {
  readonly spec?: {
    /** 1 where it is absent. A DaemonSet has none. */
    readonly replicas?: number
    readonly template?: { readonly metadata?: Pick<ObjectMeta, 'annotations' | 'labels'> }
    readonly workloadRef?: { readonly kind?: string; readonly name?: string }
  }
  /** How far its controller has come. */
  readonly status?: {
    /** A Rollout has it as a string. */
    readonly observedGeneration?: number | string
    readonly replicas?: number
    readonly updatedReplicas?: number
    readonly readyReplicas?: number
    readonly availableReplicas?: number
    readonly terminatingReplicas?: number
    readonly desiredNumberScheduled?: number
    readonly updatedNumberScheduled?: number
    readonly numberAvailable?: number
    readonly phase?: string
  }
}

const ours = <T extends KubeObject>(kind: string, plural: string, namespaced = true): Resource<T> => ({
  group: GROUP,
  version: VERSION,
  kind,
  plural,
  namespaced,
})

export const CustomCredentials = ours<CustomCredential>('CustomCredential', 'customcredentials')
export const SecretTasks = ours<SecretTask>('SecretTask', 'secrettasks')
export const CredentialsProviders = ours<CredentialsProvider>('CredentialsProvider', 'credentialsproviders')
export const ClusterCredentialsProviders = ours<ClusterCredentialsProvider>(
  'ClusterCredentialsProvider',
  'clustercredentialsproviders',
  false,
)
export const OrphanedCredentials = ours<OrphanedCredential>('OrphanedCredential', 'orphanedcredentials', false)

export const Jobs: Resource<Job> = { group: 'batch', version: 'v1', kind: 'Job', plural: 'jobs', namespaced: true }
export const Pods: Resource<Pod> = { group: '', version: 'v1', kind: 'Pod', plural: 'pods', namespaced: true }
export const Secrets: Resource<Secret> = {
  group: '',
  version: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  namespaced: true,
}
/** Secrets as the operator watches them: their metadata, never their data. */
export const SecretMetadata: Resource = {
  group: '',
  version: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  namespaced: true,
}
export const Namespaces: Resource<Namespace> = {
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  namespaced: false,
}

const apps = (kind: string, plural: string): Resource<Workload> => ({
  group: 'apps',
  version: 'v1',
  kind,
  plural,
  namespaced: true,
})
export const Deployments = apps('Deployment', 'deployments')
export const StatefulSets = apps('StatefulSet', 'statefulsets')
export const DaemonSets = apps('DaemonSet', 'daemonsets')
/** Of Argo Rollouts. */
export const Rollouts: Resource<Workload> = {
  group: 'argoproj.io',
  version: 'v1alpha1',
  kind: 'Rollout',
  plural: 'rollouts',
  namespaced: true,
}
