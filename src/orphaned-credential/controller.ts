import { isDeepStrictEqual } from 'node:util'
import type { OrphanedCredential, OrphanedCredentialStatus } from '../api/generated.ts'
import { annotation, CustodyKind, finalizer, label } from '../api/labels.ts'
import { type Key, keyOf, type KubeObject } from '../api/meta.ts'
import { OrphanedCredentials, SecretMetadata, Secrets, SecretTasks } from '../api/resources.ts'
import type { Caches } from '../caches.ts'
import { matches } from '../custom-credential/obligations.ts'
import { kitManifest, readKit, type RevocationKit } from '../custody/kit.ts'
import { isNotFound } from '../kube/errors.ts'
import type { EventRecorder } from '../kube/events.ts'
import type { KubeApi } from '../kube/port.ts'
import { removeExactly, removeFinalizer, unlessThere } from '../kube/writes.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Outcome } from '../runtime/controller.ts'
import { taskLabels } from '../secret-task/job.ts'
import { releaseJob } from '../secret-task/release.ts'
import { runsOf } from '../secret-task/run-facts.ts'
import type { StrandedRuns } from '../secret-task/stranded-runs.ts'
import { assertRunSeen } from '../secret-task/unseen.ts'
import { decide, type OrphanOrder, type OrphanSnapshot } from './decide.ts'

interface Ports {
  readonly api: KubeApi
  readonly caches: Caches
  readonly clock: Clock
  readonly events: EventRecorder
  readonly custodyNamespace: string
  readonly revocationNamespace: string
  readonly stranded: StrandedRuns
}

/** Reconciles one orphan: its tasks live in the revocation namespace, where no tenant can touch them. */
export function createReconciler(ports: Ports): (key: Key) => Promise<Outcome> {
  return async (key) => {
    const orphan = ports.caches.orphans.get(key)
    if (orphan === undefined) return {}
    const snapshot = await observe(ports, orphan)
    const decision = decide(snapshot)
    await writeStatus(ports, orphan, decision.status)
    if (decision.order && snapshot.kit) {
      await assertRunSeen(ports, { namespace: snapshot.kit.jobNamespace, name: orphan.spec.originTaskId })
      await createTask(ports, orphan, decision.order)
    }
    for (const run of decision.release) {
      const job = ports.caches.jobs.get(run)
      if (job) await releaseJob(ports, job)
    }
    for (const task of decision.spent) await removeExactly(ports.api, SecretTasks, task)
    if (decision.over) await farewell(ports, snapshot, decision.over)
    return decision.wakeAt === Infinity ? {} : { requeueAfterMs: Math.max(0, decision.wakeAt - snapshot.now) }
  }
}

async function observe(ports: Ports, orphan: OrphanedCredential): Promise<OrphanSnapshot> {
  const { caches, clock, revocationNamespace, stranded } = ports
  const kit = await kitOf(ports, orphan.spec.kit)
  // Only now: what the caches tell of may have happened while the kit was read.
  const now = clock.now()
  const { uid } = orphan.spec.credential
  const isOwn = ({ metadata }: KubeObject) => metadata.labels?.[label.orphan] === orphan.metadata.name
  const isOrigin = ({ metadata }: KubeObject) => metadata.name === orphan.spec.originTaskId
  const jobs = caches.jobs.by('byCredential', uid)
  const known = { caches, stranded, now }
  const jobNamespace = kit && caches.namespaces.get({ name: kit.jobNamespace })
  return {
    now,
    orphan,
    tasks: caches.tasks.by('byCredential', uid).filter(isOwn),
    runs: runsOf(jobs.filter(isOwn), known),
    origin: runsOf(jobs.filter(isOrigin), known)[0],
    handingOver: isHandingOver(caches, orphan),
    kit,
    jobNamespaceThere: jobNamespace !== undefined && jobNamespace.metadata.deletionTimestamp === undefined,
    revocationNamespace,
  }
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

/** The only place that writes an orphan's status. */
async function writeStatus({ api, caches }: Ports, orphan: OrphanedCredential, status: OrphanedCredentialStatus) {
  if (isDeepStrictEqual(JSON.parse(JSON.stringify(orphan.status)), JSON.parse(JSON.stringify(status)))) return
  const { resourceVersion } = orphan.metadata
  const operations = [
    { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion },
    { op: 'add', path: '/status', value: status },
  ] as const
  caches.orphans.remember(await api.patch(OrphanedCredentials, keyOf(orphan), { operations, subresource: 'status' }))
}

async function createTask(ports: Ports, orphan: OrphanedCredential, { id, spec, kit }: OrphanOrder): Promise<void> {
  const { api, caches, custodyNamespace, revocationNamespace } = ports
  if (caches.secrets.get({ namespace: custodyNamespace, name: spec.kit }) === undefined) {
    const made = await unlessThere(api.create(Secrets, kitManifest(custodyNamespace, spec.credential, kit)))
    if (made) caches.secrets.remember({ metadata: made.metadata })
  }
  const labels = { ...taskLabels(spec), [label.orphan]: orphan.metadata.name }
  const manifest = {
    apiVersion: 'customcredentials.dev/v1alpha1',
    kind: 'SecretTask',
    metadata: { namespace: revocationNamespace, name: id, labels },
    spec,
  }
  const task = await unlessThere(api.create(SecretTasks, manifest))
  if (task) caches.tasks.remember(task)
}

/**
 * What is left of an orphan that is over: its payload, kits where nobody else needs them, its tasks, itself. The task that
 * says that the credential is gone goes last: until then the same conclusion is reached again after a crash.
 */
async function farewell(ports: Ports, s: OrphanSnapshot, over: string): Promise<void> {
  const { api, caches, custodyNamespace, events } = ports
  const { orphan } = s
  const { originTaskId, credentialsId, credential } = orphan.spec
  const custody = caches.secrets
    .by('byCredential', credential.uid)
    .filter(({ metadata }) => metadata.namespace === custodyNamespace)
  const spent = custody.filter(
    ({ metadata: { labels, annotations } }) =>
      labels?.[label.task] === originTaskId &&
      (credentialsId === undefined || annotations?.[annotation.credentialsId] === credentialsId),
  )
  const others = custody.filter((secret) => !spent.includes(secret))
  const [last, ...earlier] = s.tasks.toSorted((a, b) => b.spec.attempt - a.spec.attempt)
  for (const secret of spent) await removeExactly(api, SecretMetadata, secret)
  for (const task of earlier) await removeExactly(api, SecretTasks, task)
  events.record({
    regarding: { ...regarding, name: orphan.metadata.name, uid: orphan.metadata.uid },
    type: 'Normal',
    reason: over,
    action: 'Revoke',
    note: `${credentialsId ?? originTaskId} is no longer owed a deletion.`,
  })
  await removeExactly(api, OrphanedCredentials, orphan)
  await removeFinalizer({ api, resource: OrphanedCredentials, cache: caches.orphans }, orphan, finalizer.owed)
  // Only now: of two orphans that are over at the same moment, each would leave the kits to the other. A payload beside its
  // own waits for an orphan of its own, which will need a kit.
  const kits = isLast(ports, orphan) && others.every(isKit) ? others : []
  for (const kit of kits) await removeExactly(api, SecretMetadata, kit)
  if (last) await removeExactly(api, SecretTasks, last)
}

const regarding = { apiVersion: 'customcredentials.dev/v1alpha1', kind: 'OrphanedCredential' }

const isKit = ({ metadata }: KubeObject): boolean => metadata.labels?.[label.custody] === CustodyKind.kit

/** Neither the credential nor another orphan of it is left: nobody needs its kits. */
function isLast({ caches }: Ports, { metadata, spec }: OrphanedCredential): boolean {
  const { credential } = spec
  const siblings = caches.orphans
    .by('byCredential', credential.uid)
    .filter((orphan) => orphan.metadata.uid !== metadata.uid)
  return siblings.length === 0 && caches.credentials.get(credential)?.metadata.uid !== credential.uid
}

/** Whatever may change a decision about an orphan queues it. */
export function watchOrphans(caches: Caches, enqueue: (key: Key) => void): void {
  const queueOwner = ({ metadata }: KubeObject) => {
    const name = metadata.labels?.[label.orphan]
    if (name !== undefined) enqueue({ name })
    for (const orphan of caches.orphans.by('byCredential', metadata.labels?.[label.credentialUid] ?? ''))
      enqueue(keyOf(orphan))
  }
  caches.orphans.subscribe(({ object }) => {
    enqueue(keyOf(object))
  })
  caches.credentials.subscribe(({ object }) => {
    for (const orphan of caches.orphans.by('byCredential', object.metadata.uid)) enqueue(keyOf(orphan))
  })
  caches.tasks.subscribe(({ object }) => {
    queueOwner(object)
  })
  caches.jobs.subscribe(({ object }) => {
    queueOwner(object)
  })
  caches.pods.subscribe(({ object }) => {
    queueOwner(object)
  })
  caches.namespaces.subscribe(() => {
    for (const orphan of caches.orphans.list()) enqueue(keyOf(orphan))
  })
}
