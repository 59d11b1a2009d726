import { isDeepStrictEqual } from 'node:util'
import { type ConditionInput, transition } from '../api/conditions.ts'
import type { PinnedProvider, ProviderStatus } from '../api/generated.ts'
import { type Key, keyOf, type Resource } from '../api/meta.ts'
import { ClusterCredentialsProviders, CredentialsProviders } from '../api/resources.ts'
import { type Caches, providerIndex } from '../caches.ts'
import type { KubeApi } from '../kube/port.ts'
import type { Store } from '../kube/store.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Outcome } from '../runtime/controller.ts'
import type { GatewayAddress } from '../secret-task/job.ts'
import { problemOf } from './accept.ts'
import { type Provider, providersOf } from './resolve.ts'
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
  /** By UID. */
  const writtenAt = new Map<string, number>()
  const judgedAt = new Map<string, number>()
  store.subscribe(({ type, object: { metadata } }) => {
    if (type !== 'deleted') return
    writtenAt.delete(metadata.uid)
    judgedAt.delete(metadata.uid)
  })

  /** A dry run costs two requests: a verdict stands for a while, and one that is good until the spec changes. */
  async function verdictOn(provider: Provider, stands: Verdict | undefined): Promise<Verdict> {
    const { uid } = provider.metadata
    const now = clock.now()
    const ageMs = now - (judgedAt.get(uid) ?? -Infinity)
    if (stands?.status === 'True' || (stands !== undefined && ageMs >= 0 && ageMs < RECHECK_MS)) return stands
    const verdict = verdictOf(await problemOf(ports, provider))
    judgedAt.set(uid, now)
    return verdict
  }

  return async (key) => {
    const provider = store.get(key)
    if (provider === undefined) return {}
    const { uid, resourceVersion, namespace = '', name } = provider.metadata
    const credentials = caches.credentials.by('byProvider', providerIndex(kind, namespace, name))
    const stands = acceptanceOf(provider)
    const verdict = await verdictOn(provider, stands)
    const now = clock.now()
    const { condition, wakeAt } = revokingOf(provider, { credentials, orphans: caches.orphans.list(), now })
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
  const enqueueLeaking = (namespace: string, { kind, name }: Pick<PinnedProvider, 'kind' | 'name'>) => {
    const isCluster = kind === 'ClusterCredentialsProvider'
    const provider = isCluster ? caches.clusterProviders.get({ name }) : caches.providers.get({ namespace, name })
    if (provider?.spec.revokeIssuedBefore !== undefined) (isCluster ? enqueueCluster : enqueue)(keyOf(provider))
  }
  caches.credentials.subscribe(({ object, previous }) => {
    // What a provider was to it before is over now, and nothing of the object tells of it any more.
    for (const one of previous === undefined ? [object] : [object, previous])
      for (const provider of providersOf(one)) enqueueLeaking(object.metadata.namespace ?? '', provider)
  })
  caches.orphans.subscribe(({ object: { spec } }) => {
    enqueueLeaking(spec.credential.namespace, spec.provider)
  })
}
