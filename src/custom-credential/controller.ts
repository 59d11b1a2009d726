import type { CustomCredential, SecretTask } from '../api/generated.ts'
import { label } from '../api/labels.ts'
import { type Key, keyOf, type KubeObject } from '../api/meta.ts'
import { type Caches, inputSecretIndex, providerIndex } from '../caches.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Outcome } from '../runtime/controller.ts'
import type { StrandedRuns } from '../secret-task/stranded-runs.ts'
import { act, TaskRefused } from './effects/act.ts'
import { accounted, decide } from './decide.ts'
import { isOwn, observe } from './observe.ts'
import type { Ports as ActPorts } from './effects/ports.ts'
import type { Trouble } from './snapshot.ts'
import { mayBegin } from './suspension.ts'

interface Ports extends ActPorts {
  readonly clock: Clock
  readonly stranded: StrandedRuns
}

/** Reconciles one credential: observe, decide, act. */
export function createReconciler(ports: Ports): (key: Key) => Promise<Outcome> {
  // What stood in the way, by UID. Lost in a restart without harm: it is met again.
  const troubles = new Map<string, Trouble>()
  ports.caches.credentials.subscribe(({ type, object }) => {
    if (type === 'deleted') troubles.delete(object.metadata.uid)
  })

  return async (key) => {
    const { caches, clock, custodyNamespace, stranded } = ports
    const uid = caches.credentials.get(key)?.metadata.uid
    if (uid === undefined) return {}
    const now = clock.now()
    const snapshot = observe(caches, key, { now, custodyNamespace, stranded, trouble: troubles.get(uid) ?? {} })
    if (snapshot === undefined) return {}
    const decision = decide(snapshot)
    const trouble = await act(ports, snapshot, decision).catch((error: unknown) => {
      // Shown by the next try: the queue's, later each time.
      if (error instanceof TaskRefused) troubles.set(uid, { ...snapshot.trouble, refusal: error.message })
      throw error
    })
    const isNew = JSON.stringify(trouble) !== JSON.stringify(snapshot.trouble)
    if (Object.keys(trouble).length === 0) troubles.delete(uid)
    else troubles.set(uid, trouble)
    // Another trouble, or none any more, changes the decision: it is taken again at once.
    if (isNew) return { requeueAfterMs: 0 }
    return decision.wakeAt === Infinity ? {} : { requeueAfterMs: Math.max(0, decision.wakeAt - now) }
  }
}

/** Whether a task may begin as far as its credential is concerned: one that is suspended holds back what waits for its turn. */
export function mayBeginFor({
  caches,
  clock,
  custodyNamespace,
  stranded,
}: Pick<Ports, 'caches' | 'clock' | 'custodyNamespace' | 'stranded'>) {
  return (task: SecretTask): boolean => {
    const credential = caches.credentials.get(task.spec.credential)
    if (credential?.spec.suspend !== true || !isOwn(task)) return true
    const s = observe(caches, task.spec.credential, { now: clock.now(), custodyNamespace, stranded, trouble: {} })
    return s === undefined || mayBegin(task, s, accounted(s))
  }
}

/** Whatever may change a decision about a credential queues it. */
export function watchCredentials(caches: Caches, enqueue: (key: Key) => void): void {
  const byUid = new Map<string, Key>()
  const queueOwner = (object: KubeObject, uid = object.metadata.labels?.[label.credentialUid]) => {
    const key = uid === undefined ? undefined : byUid.get(uid)
    if (key) enqueue(key)
  }
  const queueAll = (credentials: readonly CustomCredential[]) => {
    for (const credential of credentials) enqueue(keyOf(credential))
  }
  const queueReaders = ({ metadata: { namespace = '', name } }: KubeObject) => {
    queueAll(caches.credentials.by('byInputSecret', inputSecretIndex(namespace, name)))
  }
  caches.credentials.subscribe(({ type, object }) => {
    if (type === 'deleted') byUid.delete(object.metadata.uid)
    else byUid.set(object.metadata.uid, keyOf(object))
    enqueue(keyOf(object))
  })
  caches.tasks.subscribe(({ object }) => {
    queueOwner(object, object.spec.credential.uid)
  })
  caches.jobs.subscribe(({ object }) => {
    queueOwner(object)
  })
  caches.pods.subscribe(({ object }) => {
    queueOwner(object)
  })
  caches.secrets.subscribe(({ object }) => {
    queueOwner(object)
    queueReaders(object)
  })
  caches.otherSecrets.subscribe(({ object }) => {
    queueReaders(object)
  })
  caches.orphans.subscribe(({ object }) => {
    queueOwner(object, object.spec.credential.uid)
  })
  caches.providers.subscribe(({ object: { metadata } }) => {
    const index = providerIndex('CredentialsProvider', metadata.namespace ?? '', metadata.name)
    queueAll(caches.credentials.by('byProvider', index))
  })
  caches.clusterProviders.subscribe(({ object: { metadata } }) => {
    queueAll(caches.credentials.by('byProvider', providerIndex('ClusterCredentialsProvider', '', metadata.name)))
  })
  caches.namespaces.subscribe(({ object }) => {
    queueAll(caches.credentials.by('byNamespace', object.metadata.name))
  })
}
