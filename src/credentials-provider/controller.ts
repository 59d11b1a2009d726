import { isDeepStrictEqual } from 'node:util'
import { type ConditionInput, transition } from '../api/conditions.ts'
import type { ProviderStatus } from '../api/generated.ts'
import { type Key, keyOf, type Resource } from '../api/meta.ts'
import { ClusterCredentialsProviders, CredentialsProviders } from '../api/resources.ts'
import { type Caches, providerIndex } from '../caches.ts'
import type { KubeApi } from '../kube/port.ts'
import type { Store } from '../kube/store.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Outcome } from '../runtime/controller.ts'
import type { GatewayAddress } from '../secret-task/job.ts'
import { problemOf } from './accept.ts'
import { type Provider, providerKind } from './resolve.ts'
import { revokingOf } from './revoking.ts'

interface Ports {
  readonly api: KubeApi
  readonly caches: Caches
  readonly clock: Clock
  readonly gateway: () => GatewayAddress
}

/** Namespaces change (Pod Security, quota): an unaccepted provider is looked at again. */
const RECHECK_MS = 60_000
/** How far a revocation is changes with each of thousands of credentials: it is not written more often. */
const PACE_MS = 10_000

type Kind = 'CredentialsProvider' | 'ClusterCredentialsProvider'

/** Reconciles a provider: whether it can run, and how far the revocation is that its spec asks for. The only writer of its status. */
export function createReconciler(ports: Ports, kind: Kind): (key: Key) => Promise<Outcome> {
  const { api, caches, clock } = ports
  const isCluster = kind === 'ClusterCredentialsProvider'
  const resource = (isCluster ? ClusterCredentialsProviders : CredentialsProviders) as Resource<Provider>
  const store = (isCluster ? caches.clusterProviders : caches.providers) as Store<Provider>
  const writtenAt = new Map<string, number>()
  store.subscribe(({ type, object }) => {
    if (type === 'deleted') writtenAt.delete(object.metadata.uid)
  })

  return async (key) => {
    const provider = store.get(key)
    if (provider === undefined) return {}
    const { uid, resourceVersion, namespace = '', name } = provider.metadata
    const credentials = caches.credentials.by('byProvider', providerIndex(kind, namespace, name))
    const stands = acceptanceOf(provider)
    const verdict = stands?.status === 'True' ? stands : verdictOf(await problemOf(ports, provider))
    const now = clock.now()
    const { condition, wakeAt } = revokingOf(provider, credentials, now)
    const status = statusOf(provider, verdict, condition, now)
    if (!isDeepStrictEqual(provider.status, status)) {
      const waitMs = (writtenAt.get(uid) ?? -Infinity) + PACE_MS - now
      const isNews = stands?.message !== verdict.message
      if (!isNews && waitMs > 0 && waitMs <= PACE_MS) return { requeueAfterMs: waitMs }
      const operations = [
        { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion },
        { op: 'add', path: '/status', value: status },
      ] as const
      store.remember(await api.patch(resource, key, { operations, subresource: 'status' }))
      writtenAt.set(uid, now)
    }
    return lookAgain(Math.min(verdict.status === 'True' ? Infinity : RECHECK_MS, wakeAt - now))
  }
}

const lookAgain = (ms: number): Outcome => (ms === Infinity ? {} : { requeueAfterMs: ms })

type Verdict = Pick<ConditionInput, 'status' | 'reason' | 'message'>

/** The verdict on the provider's present generation, if there is one. */
const acceptanceOf = ({ status, metadata }: Provider): Verdict | undefined =>
  status.conditions?.find(
    ({ type, observedGeneration }) => type === 'Accepted' && observedGeneration === metadata.generation,
  )

const verdictOf = (problem: string | undefined): Verdict =>
  problem === undefined
    ? { status: 'True', reason: 'Accepted', message: 'The API server accepts the Job and its pod.' }
    : { status: 'False', reason: 'Rejected', message: problem.slice(0, 4096) }

function statusOf(
  provider: Provider,
  { status, reason, message }: Verdict,
  revoking: Omit<ConditionInput, 'observedGeneration'> | undefined,
  now: number,
): ProviderStatus {
  const observedGeneration = provider.metadata.generation ?? 0
  const acceptance = ['Accepted', 'Ready'].map((type) => ({ type, status, reason, message }))
  const conditions = [...acceptance, ...(revoking ? [revoking] : [])].map((one) => ({ ...one, observedGeneration }))
  return {
    observedGeneration,
    conditions: transition(provider.status.conditions ?? [], conditions, new Date(now).toISOString()),
  }
}

/** A provider is looked at when it comes or changes; one that is to be revoked by date, when a credential of it changes, too. */
export function watchProviders(caches: Caches, enqueue: (key: Key) => void, enqueueCluster: (key: Key) => void): void {
  caches.providers.subscribe(({ object }) => {
    enqueue(keyOf(object))
  })
  caches.clusterProviders.subscribe(({ object }) => {
    enqueueCluster(keyOf(object))
  })
  caches.credentials.subscribe(({ object }) => {
    const { namespace = '' } = object.metadata
    const named = { kind: providerKind(object), name: object.spec.providerRef.name }
    for (const { kind, name } of [named, ...(object.status.versions ?? []).map(({ provider }) => provider)]) {
      const isCluster = kind === 'ClusterCredentialsProvider'
      const provider = isCluster ? caches.clusterProviders.get({ name }) : caches.providers.get({ namespace, name })
      if (provider?.spec.revokeIssuedBefore !== undefined) (isCluster ? enqueueCluster : enqueue)(keyOf(provider))
    }
  })
}
