import { isDeepStrictEqual } from 'node:util'
import type { CustomCredential, PinnedProvider, ProviderStatus } from '../api/generated.ts'
import { annotation, finalizer } from '../api/labels.ts'
import { type Key, keyOf, type Resource } from '../api/meta.ts'
import { ClusterCredentialsProviders, CredentialsProviders } from '../api/resources.ts'
import { type Caches, providerIndex } from '../caches.ts'
import type { KubeApi } from '../kube/port.ts'
import type { Store } from '../kube/store.ts'
import { addFinalizer, removeFinalizer } from '../kube/writes.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Outcome } from '../runtime/controller.ts'
import type { GatewayAddress } from '../secret-task/job.ts'
import { isHeld, specIn } from '../secret-task/run-facts.ts'
import { problemOf } from './accept.ts'
import { type Provider, providersOf } from './resolve.ts'
import type { Plain } from './reasons.ts'
import { revokingOf } from './revoking.ts'
import { acceptanceOf, statusOf, type Verdict, verdictOf } from './status.ts'
import { assertUnused } from './unseen.ts'
import { deletionOf, dueHold, dependsOnUse, usersOf } from './use.ts'

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

type Named = Pick<PinnedProvider, 'kind' | 'name'>

type Kind = 'CredentialsProvider' | 'ClusterCredentialsProvider'

/**
 * Reconciles a provider: whether it can run, how far the revocation is that its spec asks for, and whether it is held. The only
 * writer of its status, and of our finalizer on it.
 */
export function createReconciler(ports: Ports, kind: Kind): (key: Key) => Promise<Outcome> {
  const { api, caches, clock } = ports
  const isCluster = kind === 'ClusterCredentialsProvider'
  const resource = (isCluster ? ClusterCredentialsProviders : CredentialsProviders) as Resource<Provider>
  const store = (isCluster ? caches.clusterProviders : caches.providers) as Store<Provider>
  /** By UID. */
  const writtenAt = new Map<string, number>()
  const judgedAt = new Map<string, number>()
  const triedAt = new Map<string, number>()
  const looks = new Map<string, { readonly at: number; readonly users: readonly string[] }>()
  store.subscribe(({ type, object: { metadata } }) => {
    if (type !== 'deleted') return
    writtenAt.delete(metadata.uid)
    judgedAt.delete(metadata.uid)
    triedAt.delete(metadata.uid)
    looks.delete(metadata.uid)
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

  /** Where it is being deleted, each of thousands that go is a reason to look, and a look goes through all that are left. */
  function usersFound(provider: Provider, credentials: readonly CustomCredential[]): readonly string[] {
    const { uid, deletionTimestamp } = provider.metadata
    if (!dependsOnUse(provider)) return []
    const last = looks.get(uid)
    const at = clock.now()
    if (deletionTimestamp !== undefined && last !== undefined && at >= last.at && at < last.at + PACE_MS)
      return last.users
    const tasks = caches.tasks.by('openByProvider', uid)
    const users = usersOf(uid, { tasks, jobs: caches.jobs.list(), credentials })
    looks.set(uid, { at, users })
    return users
  }

  async function hold(provider: Provider, due: 'take' | 'let go'): Promise<Outcome> {
    const written = { api, resource, cache: store }
    if (due === 'let go') {
      await assertUnused(api, provider)
      await removeFinalizer(written, provider, finalizer.inUse)
      return { requeueAfterMs: 0 }
    }
    // Where a watch is behind, each try would be refused, and everything that is made is a reason for one.
    const waitMs = (triedAt.get(provider.metadata.uid) ?? -Infinity) + PACE_MS - clock.now()
    if (waitMs > 0 && waitMs <= PACE_MS) return { requeueAfterMs: waitMs }
    triedAt.set(provider.metadata.uid, clock.now())
    await addFinalizer(written, provider, finalizer.inUse)
    return { requeueAfterMs: 0 }
  }

  async function write(provider: Provider, status: ProviderStatus): Promise<void> {
    const operations = [
      { op: 'replace', path: '/metadata/resourceVersion', value: provider.metadata.resourceVersion },
      { op: 'add', path: '/status', value: status },
    ] as const
    store.remember(await api.patch(resource, keyOf(provider), { operations, subresource: 'status' }))
    writtenAt.set(provider.metadata.uid, clock.now())
  }

  return async (key) => {
    const provider = store.get(key)
    if (provider === undefined) return {}
    const { namespace = '', name } = provider.metadata
    const credentials = caches.credentials.by('byProvider', providerIndex(kind, namespace, name))
    const users = usersFound(provider, credentials)
    const due = dueHold(provider, users)
    if (due === 'let go') return hold(provider, due)
    const stands = acceptanceOf(provider)
    const verdict = await verdictOn(provider, stands)
    const now = clock.now()
    const { condition, wakeAt } = revokingOf(provider, { credentials, orphans: caches.orphans.list(), now })
    const deletion = deletionOf(provider, users)
    const status = statusOf(provider, { verdict, deletion, revoking: condition }, now)
    if (!isDeepStrictEqual(provider.status, status)) {
      const waitMs = (writtenAt.get(provider.metadata.uid) ?? -Infinity) + PACE_MS - now
      const isNews = stands?.message !== verdict.message
      if (!isNews && waitMs > 0 && waitMs <= PACE_MS) return { requeueAfterMs: waitMs }
      await write(provider, status)
    }
    // Last: where that is refused, it is known all the same whether the provider can run.
    if (due === 'take') return hold(store.get(key) ?? provider, due)
    return lookAgain(Math.min(lookMs(verdict, deletion), wakeAt - now))
  }
}

/** The end of a run whose credential is gone tells nobody that its provider is free. */
const lookMs = ({ status }: Verdict, deletion: readonly Plain[]): number =>
  deletion.length > 0 ? PACE_MS : status === 'True' ? Infinity : RECHECK_MS

const lookAgain = (ms: number): Outcome => (ms === Infinity ? {} : { requeueAfterMs: ms })

/**
 * A provider is looked at when it comes or changes. One that is to be revoked by date is when a credential of it changes, too;
 * and one that is to be held, or let go, when anything is made with it or goes.
 */
export function watchProviders(caches: Caches, enqueue: (key: Key) => void, enqueueCluster: (key: Key) => void): void {
  caches.providers.subscribe(({ object }) => {
    enqueue(keyOf(object))
  })
  caches.clusterProviders.subscribe(({ object }) => {
    enqueueCluster(keyOf(object))
  })
  const enqueueWhere = (concerns: (provider: Provider) => boolean, namespace: string, { kind, name }: Named) => {
    const isCluster = kind === 'ClusterCredentialsProvider'
    const provider = isCluster ? caches.clusterProviders.get({ name }) : caches.providers.get({ namespace, name })
    if (provider && concerns(provider)) (isCluster ? enqueueCluster : enqueue)(keyOf(provider))
  }
  const isLeaking = ({ spec }: Provider) => spec.revokeIssuedBefore !== undefined
  const isConcerned = (provider: Provider) => isLeaking(provider) || dependsOnUse(provider)
  caches.credentials.subscribe(({ object, previous }) => {
    // What a provider was to it before is over now, and nothing of the object tells of it any more.
    for (const one of previous === undefined ? [object] : [object, previous])
      for (const provider of providersOf(one)) enqueueWhere(isConcerned, object.metadata.namespace ?? '', provider)
  })
  caches.orphans.subscribe(({ object: { spec } }) => {
    enqueueWhere(isLeaking, spec.credential.namespace, spec.provider)
  })
  caches.tasks.subscribe(({ object: { spec } }) => {
    enqueueWhere(dependsOnUse, spec.credential.namespace, spec.provider)
  })
  caches.jobs.subscribe(({ type, object, previous }) => {
    const isReleased = type === 'deleted' || (previous !== undefined && isHeld(previous) && !isHeld(object))
    const spec = isReleased ? specIn(object.metadata.annotations?.[annotation.taskSpec]) : undefined
    if (spec) enqueueWhere(dependsOnUse, spec.credential.namespace, spec.provider)
  })
}
