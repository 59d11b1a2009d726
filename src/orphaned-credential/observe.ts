import type { OrphanedCredential } from '../api/generated.ts'
import { finalizer, label } from '../api/labels.ts'
import type { KubeObject, ObjectMeta } from '../api/meta.ts'
import { type Namespace, Secrets } from '../api/resources.ts'
import type { Caches } from '../caches.ts'
import { holdersOf, orphansOf } from '../custom-credential/holders.ts'
import { openLedger } from '../custom-credential/ledger.ts'
import { matches } from '../custom-credential/obligations.ts'
import { inUse } from '../custom-credential/revocation/retire.ts'
import { copyName } from '../custody/input-secrets.ts'
import { readKit, type RevocationKit } from '../custody/kit.ts'
import { isNotFound } from '../kube/errors.ts'
import type { KubeApi } from '../kube/port.ts'
import type { Clock } from '../runtime/clock.ts'
import { runsOf } from '../secret-task/run-facts.ts'
import type { StrandedRuns } from '../secret-task/stranded-runs.ts'
import type { OrphanSnapshot } from './decide.ts'

interface Ports {
  readonly api: KubeApi
  readonly caches: Caches
  readonly clock: Clock
  readonly custodyNamespace: string
  readonly revocationNamespace: string
  readonly stranded: StrandedRuns
}

/** Gathers what is known about one orphan from the caches, and its kit from custody. */
export async function observe(ports: Ports, orphan: OrphanedCredential): Promise<OrphanSnapshot> {
  const { caches, clock, revocationNamespace, stranded } = ports
  const kit = await kitOf(ports, orphan.spec.kit)
  // Only now: what the caches tell of may have happened while the kit was read.
  const now = clock.now()
  const { uid } = orphan.spec.credential
  const isOwn = ({ metadata }: KubeObject) => metadata.labels?.[label.orphan] === orphan.metadata.name
  const isOrigin = ({ metadata }: KubeObject) => metadata.name === orphan.spec.originTaskId
  const jobs = caches.jobs.by('byCredential', uid)
  const known = { caches, stranded, now }
  return {
    now,
    orphan,
    tasks: caches.tasks.by('byCredential', uid).filter(isOwn),
    runs: runsOf(jobs.filter(isOwn), known),
    origin: runsOf(jobs.filter(isOrigin), known)[0],
    handingOver: isHandingOver(caches, orphan),
    kit,
    goneInputs: kit === undefined ? [] : goneInputs(ports, orphan, kit),
    jobNamespaceThere: kit !== undefined && isThere(caches.namespaces.get({ name: kit.jobNamespace }), kit),
    ...usersOf(caches, orphan),
    others: rivalsOf(caches, orphan),
    revocationNamespace,
  }
}

/** In a namespace that was made anew under the name, all are: what is there now is another tenant's. */
function goneInputs(
  { caches, custodyNamespace }: Ports,
  { spec: { credential } }: OrphanedCredential,
  { secretParameters = {}, namespaceUid }: RevocationKit,
): string[] {
  const { namespace } = credential
  const isHome = caches.namespaces.get({ name: namespace })?.metadata.uid === namespaceUid
  const isThere = (name: string): boolean =>
    (caches.secrets.get({ namespace, name }) ?? caches.otherSecrets.get({ namespace, name })) !== undefined
  const isKept = (name: string): boolean =>
    caches.secrets.get({ namespace: custodyNamespace, name: copyName(credential.uid, name) }) !== undefined
  const names = new Set(Object.values(secretParameters).map(({ name }) => name))
  return [...names].filter((name) => !(isHome && isThere(name)) && !isKept(name)).sort()
}

/** By UID: a namespace that was made anew under the name is another tenant's, with other secrets, or another upstream. */
function isThere(namespace: Namespace | undefined, { jobNamespaceUid }: RevocationKit): boolean {
  if (namespace === undefined || namespace.metadata.deletionTimestamp !== undefined) return false
  return jobNamespaceUid === undefined || jobNamespaceUid === namespace.metadata.uid
}

/** The credentials, whichever they are, that have a version in use under the orphan's credentials ID, at a provider of that name. */
function usersOf(caches: Caches, orphan: OrphanedCredential): Pick<OrphanSnapshot, 'usedBy' | 'isStillHeld'> {
  const { credentialsId, provider, credential } = orphan.spec
  if (credentialsId === undefined) return {}
  const wanted = { credentialsId, provider, namespace: credential.namespace }
  const users = holdersOf(caches, wanted, ({ status }) => inUse(openLedger(status))).map(({ metadata }) => metadata)
  const isGiver = ({ uid }: ObjectMeta): boolean => uid === credential.uid && isHandingOver(caches, orphan)
  const user = users.find((one) => !isGiver(one))
  return { usedBy: user && `${user.namespace ?? ''}/${user.name}`, isStillHeld: users.some(isGiver) }
}

/**
 * The other orphans that stand for the same credentials: by their ID or, where either has none and looks for what a run has
 * made, by that run. What one of them leaves to people another would find.
 */
export function rivalsOf(caches: Caches, { metadata, spec }: OrphanedCredential): OrphanedCredential[] {
  const { credentialsId, provider, credential, originTaskId } = spec
  const namesakes =
    credentialsId === undefined ? [] : orphansOf(caches, { credentialsId, provider, namespace: credential.namespace })
  const ofRun = caches.orphans
    .by('byCredential', credential.uid)
    .filter((other) => other.spec.originTaskId === originTaskId)
    .filter((other) => credentialsId === undefined || other.spec.credentialsId === undefined)
  return [...namesakes, ...ofRun].filter((other) => other.metadata.uid !== metadata.uid)
}

/**
 * Until the status is written, or the finalizer of a credential that is being deleted is gone, a payload that comes to light
 * or a status that was not written makes the credential record its orphans again.
 */
function isHandingOver({ credentials }: Caches, { spec }: OrphanedCredential): boolean {
  const credential = credentials.get(spec.credential)
  if (credential?.metadata.uid !== spec.credential.uid) return false
  const { deletionTimestamp, finalizers } = credential.metadata
  const isLeaving = deletionTimestamp !== undefined && finalizers?.includes(finalizer.revocation) === true
  return isLeaving || (credential.status.unresolved ?? []).some((owed) => matches(owed, spec))
}

async function kitOf({ api, custodyNamespace }: Ports, name: string): Promise<RevocationKit | undefined> {
  try {
    return readKit(await api.get(Secrets, { namespace: custodyNamespace, name }))
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}
