import type { CredentialReference, SecretTask, UnresolvedCredential } from '../api/generated.ts'
import { label, MANAGER } from '../api/labels.ts'
import { type Key, keyOf, type KubeObject, type Resource } from '../api/meta.ts'
import { CustomCredentials, Jobs, OrphanedCredentials, SecretMetadata, SecretTasks } from '../api/resources.ts'
import type { Caches } from '../caches.ts'
import { owedFor } from '../custom-credential/obligations.ts'
import { isMerged } from '../custom-credential/delivery/ownership.ts'
import { withdraw } from '../custom-credential/effects/withdraw.ts'
import { custodyOf } from '../custom-credential/observe.ts'
import type { KubeApi } from '../kube/port.ts'
import type { Store } from '../kube/store.ts'
import { removeUnchanged } from '../kube/writes.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Outcome } from '../runtime/controller.ts'
import { isTerminal } from '../secret-task/end.ts'
import { isHeld } from '../secret-task/run-facts.ts'
import { recordOrphan } from './record.ts'

interface Ports {
  readonly api: KubeApi
  readonly caches: Caches
  readonly clock: Clock
  readonly custodyNamespace: string
}

/** A kind of object that the operator makes for a credential and that nothing else in the cluster clears away. */
interface Kind<T extends KubeObject> {
  readonly resource: Resource
  readonly store: Pick<Store<T, 'byCredential'>, 'get' | 'by' | 'subscribe'>
  readonly credential: (object: T) => { readonly name: string; readonly uid: string }
  /** Whether nothing is going to come of the object any more. */
  readonly isSpent: (object: T) => boolean
  /** The object as it was judged, by its metadata. */
  readonly takeAway: (ports: Ports, object: KubeObject) => Promise<void>
}

export const secretsOf = ({ secrets }: Caches): Kind<KubeObject> => ({
  resource: SecretMetadata,
  store: secrets,
  credential: ({ metadata: { labels } }) => ({
    name: labels?.[label.credential] ?? '',
    uid: labels?.[label.credentialUid] ?? '',
  }),
  isSpent: () => true,
  takeAway: (ports, secret) =>
    isMerged(secret) ? withdraw(ports, secret, { isOver: true }) : removeUnchanged(ports.api, SecretMetadata, secret),
})

export const tasksOf = ({ tasks }: Caches): Kind<SecretTask> => ({
  resource: SecretTasks,
  store: tasks,
  credential: ({ spec }) => spec.credential,
  isSpent: isTerminal,
  takeAway: ({ api }, task) => removeUnchanged(api, SecretTasks, task),
})

/** The operator takes away itself, at once, what belongs to a credential that goes: only what comes later is looked at. */
const PATIENCE_MS = 10_000

/** What seems to have been made later than this from now was made before our clock was set back: it is not waited for. */
const CLOCKS_APART_MS = 60_000

/**
 * Takes away what a request of a dead process has made after its credential was gone: the API server may carry it out
 * long after it was sent, and nobody waits for it. A credential that went by force, its finalizer stripped, has accounted
 * for nothing: what custody still knows of becomes OrphanedCredentials, and all else stays until they are over.
 */
export function createReconciler<T extends KubeObject>(ports: Ports, kind: Kind<T>): (key: Key) => Promise<Outcome> {
  return async (key) => {
    const object = kind.store.get(key)
    if (object === undefined || !isUnowned(ports.caches, kind, object)) return {}
    const waitMs = Date.parse(object.metadata.creationTimestamp ?? '') + PATIENCE_MS - ports.clock.now()
    if (waitMs > 0 && waitMs <= PATIENCE_MS + CLOCKS_APART_MS) return { requeueAfterMs: waitMs }
    const left = await leftOver(ports.api, kind, object)
    if (left === undefined) return {}
    const debts = debtsOf(ports, kind.credential(object).uid)
    for (const { credential, owed } of debts) await recordOrphan(ports, credential, owed)
    if (debts.length === 0) await kind.takeAway(ports, left)
    return {}
  }
}

/** Credentials in custody that can be revoked: the kit goes first where they were accounted for. */
function debtsOf(
  { caches, clock, custodyNamespace }: Ports,
  uid: string,
): { credential: CredentialReference; owed: UnresolvedCredential }[] {
  const secrets = caches.secrets.by('byCredential', uid)
  const custody = secrets.filter(({ metadata }) => metadata.namespace === custodyNamespace).map(custodyOf)
  const since = new Date(clock.now()).toISOString()
  return custody.flatMap(({ taskId, credentialsId, origin }) => {
    if (taskId === undefined || credentialsId === undefined || origin === undefined) return []
    if (!custody.some(({ name }) => name === origin.kit)) return []
    const owed = { ...owedFor(taskId, origin, { reason: 'CredentialDeleted', since }), credentialsId }
    return [{ credential: origin.credential, owed }]
  })
}

/** Neither a credential nor an orphan nor an open run in the caches answers for it. One without our label is its readers' own. */
function isUnowned<T extends KubeObject>({ credentials, orphans, jobs }: Caches, kind: Kind<T>, object: T): boolean {
  const { uid } = kind.credential(object)
  if (uid === '') return false
  const runs = jobs.by('byCredential', uid).filter(isHeld)
  const owners = [credentials.by('byUid', uid), orphans.by('byCredential', uid), runs]
  return kind.isSpent(object) && owners.every(({ length }) => length === 0)
}

/**
 * The same of the API server, since the caches may be behind: the object as it is by then, and still that credential's, and the
 * operator's alone. Undefined where it is not to be taken away.
 */
async function leftOver<T extends KubeObject>(api: KubeApi, kind: Kind<T>, object: T): Promise<KubeObject | undefined> {
  const { name, uid } = kind.credential(object)
  const metadataOnly = true
  const ofCredential = { labelSelector: `${label.credentialUid}=${uid}`, metadataOnly }
  const namesakes = await api.list(CustomCredentials, { fieldSelector: `metadata.name=${name}`, metadataOnly })
  if (namesakes.items.some(({ metadata }) => metadata.uid === uid)) return undefined
  if ((await api.list(OrphanedCredentials, ofCredential)).items.length > 0) return undefined
  if ((await api.list(Jobs, ofCredential)).items.some(isHeld)) return undefined
  const { namespace = '', name: own } = object.metadata
  const seen = await api.list(kind.resource, { namespace, fieldSelector: `metadata.name=${own}`, metadataOnly })
  const isIt = ({ metadata }: KubeObject): boolean =>
    metadata.uid === object.metadata.uid && metadata.labels?.[label.credentialUid] === uid
  return seen.items.find((one) => isIt(one) && isOurMaking(one))
}

/**
 * Nobody but the operator has ever written it, or its keys in what is people's own. A copy, and what a backup has brought back,
 * bears our labels as well and may have consumers: it is left to the people who made it.
 */
function isOurMaking(object: KubeObject): boolean {
  const { managedFields = [] } = object.metadata
  // Its keys are named where nobody else can write, and no more than those are taken out.
  return isMerged(object) || (managedFields.length > 0 && managedFields.every(({ manager }) => manager === MANAGER))
}

/** An object is looked at when it changes; all of a credential are when it has gone, or an orphan or a run of it. */
export function watchLeftovers<T extends KubeObject>(
  caches: Caches,
  { store }: Kind<T>,
  enqueue: (key: Key, afterMs: number) => void,
): void {
  const queueAll = (uid: string) => {
    if (caches.credentials.by('byUid', uid).length > 0) return
    for (const object of store.by('byCredential', uid)) enqueue(keyOf(object), PATIENCE_MS)
  }
  store.subscribe(({ type, object }) => {
    if (type !== 'deleted') enqueue(keyOf(object), 0)
  })
  caches.credentials.subscribe(({ type, object }) => {
    if (type === 'deleted') queueAll(object.metadata.uid)
  })
  caches.orphans.subscribe(({ type, object }) => {
    if (type === 'deleted') queueAll(object.spec.credential.uid)
  })
  caches.jobs.subscribe(({ type, object }) => {
    // One that goes with our finalizer was never seen without it.
    if (type === 'deleted' || !isHeld(object)) queueAll(object.metadata.labels?.[label.credentialUid] ?? '')
  })
}
