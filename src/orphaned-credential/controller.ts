import type { OrphanedCredential, OrphanedCredentialStatus } from '../api/generated.ts'
import { sameJson } from '../api/json.ts'
import { annotation, CustodyKind, finalizer, label } from '../api/labels.ts'
import { type Key, keyOf, type KubeObject } from '../api/meta.ts'
import { OrphanedCredentials, SecretMetadata, Secrets, SecretTasks } from '../api/resources.ts'
import type { Caches } from '../caches.ts'
import { kitManifest } from '../custody/kit.ts'
import type { EventRecorder } from '../kube/events.ts'
import type { KubeApi } from '../kube/port.ts'
import { removeExactly, removeFinalizer, unlessThere } from '../kube/writes.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Outcome } from '../runtime/controller.ts'
import { taskLabels } from '../secret-task/job.ts'
import { releaseJob } from '../secret-task/release.ts'
import type { StrandedRuns } from '../secret-task/stranded-runs.ts'
import { assertRunSeen } from '../secret-task/unseen.ts'
import { decide, type OrphanOrder, type OrphanSnapshot, willRevoke } from './decide.ts'
import { observe, rivalsOf } from './observe.ts'

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
    for (const rival of decision.forget) await forget(ports, rival)
    if (decision.over) await farewell(ports, snapshot, decision.over)
    return decision.wakeAt === Infinity ? {} : { requeueAfterMs: Math.max(0, decision.wakeAt - snapshot.now) }
  }
}

/** The only place that writes an orphan's status. */
async function writeStatus({ api, caches }: Ports, orphan: OrphanedCredential, status: OrphanedCredentialStatus) {
  if (sameJson(orphan.status, status)) return
  const { resourceVersion } = orphan.metadata
  const operations = [
    { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion },
    { op: 'add', path: '/status', value: status },
  ] as const
  caches.orphans.remember(await api.patch(OrphanedCredentials, keyOf(orphan), { operations, subresource: 'status' }))
}

/** As a person would have it. */
async function forget({ api, caches }: Ports, orphan: OrphanedCredential): Promise<void> {
  const { resourceVersion, annotations } = orphan.metadata
  if (annotations?.[annotation.forget] === 'true') return
  const operations = [
    { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion },
    { op: 'add', path: '/metadata/annotations', value: { ...annotations, [annotation.forget]: 'true' } },
  ] as const
  caches.orphans.remember(await api.patch(OrphanedCredentials, keyOf(orphan), { operations }))
}

async function createTask(ports: Ports, orphan: OrphanedCredential, { id, spec, kit }: OrphanOrder): Promise<void> {
  const { api, caches, custodyNamespace, revocationNamespace } = ports
  if (caches.secrets.get({ namespace: custodyNamespace, name: spec.kit }) === undefined) {
    const isMoved = spec.jobNamespace === revocationNamespace
    const own = isMoved ? { [label.orphan]: orphan.metadata.name } : {}
    const made = await unlessThere(api.create(Secrets, kitManifest(custodyNamespace, spec.credential, kit, own)))
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
  // own waits for an orphan of its own, which will need a kit, and the copies of what its run may read.
  const isAlone = others.every((secret) => isKit(secret) || isCopy(secret)) && !hasSiblings(ports, orphan)
  const left = isAlone ? others.filter(isOrphaned(ports, orphan)) : []
  for (const secret of left) await removeExactly(api, SecretMetadata, secret)
  if (last) await removeExactly(api, SecretTasks, last)
}

const regarding = { apiVersion: 'customcredentials.dev/v1alpha1', kind: 'OrphanedCredential' }

const isKit = ({ metadata }: KubeObject): boolean => metadata.labels?.[label.custody] === CustodyKind.kit

const isCopy = ({ metadata }: KubeObject): boolean => metadata.labels?.[label.custody] === CustodyKind.copy

/** Of a credential that lives on, only the kits of its orphans. */
const isOrphaned =
  ({ caches }: Ports, { spec: { credential } }: OrphanedCredential) =>
  ({ metadata }: KubeObject): boolean =>
    metadata.labels?.[label.orphan] !== undefined || caches.credentials.get(credential)?.metadata.uid !== credential.uid

const hasSiblings = ({ caches }: Ports, { metadata, spec }: OrphanedCredential): boolean =>
  caches.orphans.by('byCredential', spec.credential.uid).some((orphan) => orphan.metadata.uid !== metadata.uid)

/** Whatever may change a decision about an orphan queues it. */
export function watchOrphans(caches: Caches, enqueue: (key: Key) => void): void {
  const queueOwner = ({ metadata }: KubeObject) => {
    const name = metadata.labels?.[label.orphan]
    if (name !== undefined) enqueue({ name })
    for (const orphan of caches.orphans.by('byCredential', metadata.labels?.[label.credentialUid] ?? ''))
      enqueue(keyOf(orphan))
  }
  caches.orphans.subscribe(({ type, object, previous }) => {
    enqueue(keyOf(object))
    // One that goes, or that people want revoked by now, keeps the others from deleting the same credentials no more.
    const yields = type === 'deleted' || (previous !== undefined && willRevoke(object) !== willRevoke(previous))
    if (!yields) return
    for (const rival of rivalsOf(caches, object)) enqueue(keyOf(rival))
  })
  caches.credentials.subscribe(({ object, previous }) => {
    for (const orphan of caches.orphans.by('byCredential', object.metadata.uid)) enqueue(keyOf(orphan))
    // A credentials ID that comes into use keeps an orphan of the same ID from being deleted, and one that goes lets it.
    for (const { credentialsId } of [...(object.status.versions ?? []), ...(previous?.status.versions ?? [])])
      for (const orphan of caches.orphans.by('byCredentialsId', credentialsId)) enqueue(keyOf(orphan))
  })
  // Only kits: each look at an orphan reads one, and payloads come and go with every rotation.
  caches.secrets.subscribe(({ object }) => {
    if (isKit(object)) queueOwner(object)
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
  // Not its labels: each look at an orphan reads its kit. One that is made anew comes and goes as another.
  caches.namespaces.subscribe(({ object, previous }) => {
    if (previous && previous.metadata.deletionTimestamp === object.metadata.deletionTimestamp) return
    for (const orphan of caches.orphans.list()) enqueue(keyOf(orphan))
  })
}
