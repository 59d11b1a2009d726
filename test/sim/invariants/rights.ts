import type { ClusterCredentialsProvider, CustomCredential, SecretTask } from '../../../src/api/generated.ts'
import { label } from '../../../src/api/labels.ts'
import type { KubeObject } from '../../../src/api/meta.ts'
import {
  ClusterCredentialsProviders,
  CredentialsProviders,
  type Job,
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

/** The credential may be made by the provider that it names, as far as that one is of the cluster. */
export function isServed(state: State, { metadata, spec: { providerRef } }: CustomCredential): boolean {
  if (providerRef.kind !== 'ClusterCredentialsProvider') return true
  const provider = state.all(ClusterCredentialsProviders).get(`/${providerRef.name}`)
  const namespace = state.all(Namespaces).get(`/${metadata.namespace ?? ''}`)
  return provider === undefined || namespace === undefined || admits(provider, namespace)
}

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

/**
 * Where their authors let the Jobs of providers run: in the own namespace, or in one that an administrator has chosen, by UID.
 * What was ordered before an edit, or is undone when the provider is gone, still runs there.
 */
function homes() {
  const chosen = new Map<string, Set<string>>()
  return {
    learn(fact: Fact): void {
      const provider = changeOf(fact, ClusterCredentialsProviders)?.object
      if (provider === undefined) return
      const { uid } = provider.metadata
      chosen.set(uid, (chosen.get(uid) ?? new Set()).add(provider.spec.jobNamespace))
    },
    has: (namespace: string, { spec: { provider, credential } }: SecretTask): boolean =>
      provider.kind === 'CredentialsProvider'
        ? namespace === credential.namespace
        : chosen.get(provider.uid)?.has(namespace) === true,
  }
}

/** Judges each Job that the operator makes for a task that is there, and that does not run where its author lets it. */
const awayFromHome = (judge: (job: Job, task: SecretTask) => string | undefined) => (): Checker => {
  const known = homes()
  return {
    on(fact, state) {
      known.learn(fact)
      const job = changeOf(fact, Jobs)
      if (job?.type !== 'added' || !isOperator(job.by)) return undefined
      const { namespace = '', labels } = job.object.metadata
      const task = first(state, SecretTasks, ({ metadata }) => metadata.uid === labels?.[label.taskUid])
      return task === undefined || known.has(namespace, task) ? undefined : judge(job.object, task)
    },
  }
}

/** A tenant reads and edits what lies in the own namespace. */
const outOfReach = awayFromHome(({ metadata: { name, namespace = '' } }, { spec: { provider, credential } }) =>
  namespace === credential.namespace
    ? `Job ${name} of the cluster's provider ${provider.name} lies in ${namespace}, within reach of its tenant`
    : undefined,
)

/** Fields of a pod by which it gets at what lies in its namespace, or at rights there. */
const REFERENCE =
  /"(secretKeyRef|configMapKeyRef|secretRef|configMapRef|secretName|configMap|serviceAccountName|imagePullSecrets|persistentVolumeClaim|resourceClaims)":/

/** Anywhere else than where its author lets it run a pod may refer to nothing. */
const nothingBorrowed = awayFromHome(({ metadata: { name, namespace = '' }, spec }) => {
  const [, field] = REFERENCE.exec(JSON.stringify(spec?.template)) ?? []
  return field && `Job ${name} uses the ${field} of namespace ${namespace}, which its author has no right to`
})

export const rights: readonly Invariant[] = [
  {
    id: 'S20',
    says: 'A credential is made by a provider of its own namespace, or by one of the cluster that serves it.',
    begin: onlyGranted,
  },
  {
    id: 'S20 reach',
    says: 'No Job of a provider of the cluster lies in the namespace of the credential, unless its administrator chose that one.',
    begin: outOfReach,
  },
  {
    id: 'S36',
    says: "A Job outside of the namespace that its provider's author chose refers to nothing there.",
    begin: nothingBorrowed,
  },
]
