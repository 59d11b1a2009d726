import type { ClusterCredentialsProvider, SecretTask } from '../../../src/api/generated.ts'
import { label } from '../../../src/api/labels.ts'
import type { KubeObject } from '../../../src/api/meta.ts'
import {
  ClusterCredentialsProviders,
  CredentialsProviders,
  Jobs,
  Namespaces,
  SecretTasks,
} from '../../../src/api/resources.ts'
import { selects } from '../../../src/credentials-provider/selector.ts'
import type { Fact } from '../observe/facts.ts'
import type { Checker, Invariant } from '../observe/invariant.ts'
import type { State } from '../observe/state.ts'
import { changeOf, first, isOperator } from './reading.ts'
import { MINUTE } from './waits.ts'

/** A grant that is taken away is heard of, and a task that was ordered before is on its way, for so long. */
const HEARSAY_MS = 5 * MINUTE

const admits = ({ spec }: ClusterCredentialsProvider, namespace: KubeObject): boolean => {
  const { from, selector } = spec.allowedNamespaces ?? {}
  return from === 'All' || (selector !== undefined && selects(selector, namespace.metadata.labels ?? {}))
}

/** Which namespaces may use which provider, and until when they might. */
function grants() {
  /** Of a namespaced provider its namespace, by UID. */
  const homes = new Map<string, string>()
  const endedAt = new Map<string, number>()
  const namespaces = new Map<string, KubeObject>()
  const clusterwide = new Map<string, ClusterCredentialsProvider>()
  /** Between two looks, what held before holds. */
  const note = (state: State) => {
    for (const [uid, provider] of clusterwide)
      for (const [name, namespace] of namespaces)
        if (admits(provider, namespace)) endedAt.set(`${uid}/${name}`, state.now)
  }
  return {
    learn(fact: Fact, state: State): void {
      const local = changeOf(fact, CredentialsProviders)
      if (local) homes.set(local.object.metadata.uid, local.object.metadata.namespace ?? '')
      const provider = changeOf(fact, ClusterCredentialsProviders)
      const namespace = changeOf(fact, Namespaces)
      if (provider === undefined && namespace === undefined) return
      note(state)
      if (provider?.type === 'deleted') clusterwide.delete(provider.object.metadata.uid)
      else if (provider) clusterwide.set(provider.object.metadata.uid, provider.object)
      if (namespace?.type === 'deleted') namespaces.delete(namespace.object.metadata.name)
      else if (namespace) namespaces.set(namespace.object.metadata.name, namespace.object)
      note(state)
    },
    has({ spec: { provider, credential } }: SecretTask, now: number): boolean {
      if (provider.kind === 'CredentialsProvider') return homes.get(provider.uid) === credential.namespace
      const cluster = clusterwide.get(provider.uid)
      const namespace = namespaces.get(credential.namespace)
      if (cluster && namespace && admits(cluster, namespace)) return true
      return (endedAt.get(`${provider.uid}/${credential.namespace}`) ?? -Infinity) > now - HEARSAY_MS
    },
  }
}

function onlyGranted(): Checker {
  const known = grants()
  return {
    on(fact, state) {
      known.learn(fact, state)
      const task = changeOf(fact, SecretTasks)
      if (task?.type !== 'added' || !isOperator(task.by) || task.object.spec.type !== 'create_credentials')
        return undefined
      const { metadata, spec } = task.object
      if (known.has(task.object, state.now)) return undefined
      return `${metadata.name} is to run ${spec.provider.kind} ${spec.provider.name}, which does not serve ${spec.credential.namespace}`
    },
  }
}

/** Fields of a pod by which it gets at what lies in its namespace, or at rights there. */
const REFERENCE =
  /"(secretKeyRef|configMapKeyRef|secretRef|configMapRef|secretName|configMap|serviceAccountName|imagePullSecrets|persistentVolumeClaim|resourceClaims)":/

/**
 * Where a provider's Jobs run is the author's own namespace, or the one that the administrator chose for a provider of the
 * cluster. Anywhere else a pod may refer to nothing.
 */
const nothingBorrowed = (): Checker => ({
  on(fact, state) {
    const job = changeOf(fact, Jobs)
    if (job?.type !== 'added' || !isOperator(job.by)) return undefined
    const { name, namespace, labels } = job.object.metadata
    const task = first(state, SecretTasks, ({ metadata }) => metadata.uid === labels?.[label.taskUid])
    if (task === undefined || namespace === homeOf(task, state)) return undefined
    const [, field] = REFERENCE.exec(JSON.stringify(job.object.spec?.template)) ?? []
    return field && `Job ${name} uses the ${field} of namespace ${namespace}, which its author has no right to`
  },
})

/** Where the provider's author lets its Jobs run; undefined where the provider is gone. */
function homeOf({ spec: { provider, credential } }: SecretTask, state: State): string | undefined {
  if (provider.kind === 'CredentialsProvider') return credential.namespace
  return first(state, ClusterCredentialsProviders, ({ metadata }) => metadata.uid === provider.uid)?.spec.jobNamespace
}

export const rights: readonly Invariant[] = [
  {
    id: 'S20',
    says: 'A credential is made by a provider of its own namespace, or by one of the cluster that serves it.',
    begin: onlyGranted,
  },
  {
    id: 'S36',
    says: "A Job outside of the namespace that its provider's author chose refers to nothing there.",
    begin: nothingBorrowed,
  },
]
