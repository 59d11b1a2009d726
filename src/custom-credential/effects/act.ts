import type { CustomCredential } from '../../api/generated.ts'
import { sameJson } from '../../api/json.ts'
import { finalizer } from '../../api/labels.ts'
import { type Key, keyOf } from '../../api/meta.ts'
import { CustomCredentials, type Job, type Pod, SecretMetadata, SecretTasks } from '../../api/resources.ts'
import { isNotFound, isRefusal } from '../../kube/errors.ts'
import type { PatchOperation } from '../../kube/port.ts'
import { addFinalizer, removeExactly, removeFinalizer } from '../../kube/writes.ts'
import { recordOrphan } from '../../orphaned-credential/record.ts'
import { releaseJob } from '../../secret-task/release.ts'
import { stopJob } from '../../secret-task/stop.ts'
import type { Action, Decision } from '../actions.ts'
import { adopt } from './adopt.ts'
import { createTask } from './create-task.ts'
import { decide } from '../decide.ts'
import { deliver } from './deliver.ts'
import { repairsAfter } from '../delivery/drift.ts'
import { keepTarget } from './keep-target.ts'
import { leaveTarget } from './leave-target.ts'
import { removeFormer } from './remove-former.ts'
import { withdraw } from './withdraw.ts'
import { isMerged } from '../delivery/ownership.ts'
import { credentialOf, findable } from '../creation/orders.ts'
import { assertFormerKnown, assertNothingUnseen, assertNoTryUnseen } from './unseen.ts'
import type { Ports } from './ports.ts'
import { restart } from './restart-target.ts'
import { copyInput } from './copy-input.ts'
import { lookAtRollout } from './rollout-status.ts'
import { storeKit } from './store-kit.ts'
import type { RunFacts } from '../../secret-task/run-facts.ts'
import type { Snapshot, Trouble } from '../snapshot.ts'

/**
 * Carries out a decision: prepare, status, release, in this order and no further than the first failure. Returns what
 * stands in the way of the next decision; throws (`TaskRefused`, ...) where the same decision is to be tried again.
 */
export async function act(ports: Ports, snapshot: Snapshot, decision: Decision): Promise<Trouble> {
  if (decision.prepare.some(({ kind }) => kind === 'recordOrphan')) await assertNoTryUnseen(ports, snapshot)
  let s = snapshot
  for (const action of decision.prepare) {
    const trouble = await perform(ports, s, action)
    if (trouble && !ASIDE.has(action.kind)) return trouble
    if (trouble) s = { ...s, trouble }
  }
  const { status, stories, release } = s === snapshot ? decision : decide(s)
  await assertFormerKnown(ports, snapshot, status)
  await writeStatus(ports, snapshot.credential, status)
  // What could not be made ready has not happened, and is no story.
  for (const story of stories)
    ports.events.record({ regarding: reference(snapshot.credential), ...story, action: 'Reconcile' })
  // While the records of tasks are there: it is by them that what comes to light is judged.
  if (release.some(({ kind }) => kind === 'removeFinalizer')) await assertNothingUnseen(ports, snapshot)
  for (const action of release) {
    const trouble = await perform(ports, s, action)
    if (trouble) return trouble
  }
  return left(s, decision)
}

/** What fails or lasts and holds up nothing, though the status tells of it. */
const ASIDE: ReadonlySet<Action['kind']> = new Set(['restart', 'lookAtRollout', 'removeFormer'])

/** What is still in the way when all else has been carried out. */
function left({ trouble, now }: Snapshot, { prepare, release }: Decision): Trouble {
  const { adoption, delivery, intact, restarts, rollouts, removals } = trouble
  const delivered = prepare.find((action) => action.kind === 'deliver')
  const repairs = repairsAfter(trouble.repairs, now, delivered?.repairs ?? false)
  return {
    ...(adoption && !release.some(({ kind }) => kind === 'adopt') && { adoption }),
    ...(delivery !== undefined && delivered === undefined && { delivery }),
    ...(intact !== undefined && { intact }),
    ...(restarts && { restarts }),
    ...(rollouts && { rollouts }),
    ...(repairs && { repairs }),
    ...(removals && { removals }),
  }
}

/** The API server will not have what begins a task. A person or time may heal it (quota, webhook, policy). */
export class TaskRefused extends Error {
  override readonly name = 'TaskRefused'
}

const reference = ({ metadata }: CustomCredential) => ({
  apiVersion: 'customcredentials.dev/v1alpha1',
  kind: 'CustomCredential',
  namespace: metadata.namespace ?? '',
  name: metadata.name,
  uid: metadata.uid,
})

/** The only place that writes a credential's status. An unchanged status costs no write. */
async function writeStatus({ api, caches }: Ports, credential: CustomCredential, status: CustomCredential['status']) {
  if (sameJson(credential.status, status)) return
  const { resourceVersion } = credential.metadata
  const operations: PatchOperation[] = [
    { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion },
    { op: 'add', path: '/status', value: status },
  ]
  caches.credentials.remember(
    await api.patch(CustomCredentials, keyOf(credential), { operations, subresource: 'status' }),
  )
}

async function perform(ports: Ports, s: Snapshot, action: Action): Promise<Trouble | undefined> {
  try {
    return await effect(ports, s, action)
  } catch (error) {
    if (BEGINNINGS.has(action.kind) && isRefusal(error)) throw new TaskRefused(error.message, { cause: error })
    throw error
  }
}

const BEGINNINGS: ReadonlySet<Action['kind']> = new Set(['addFinalizer', 'storeKit', 'copyInput', 'createTask'])

async function effect(ports: Ports, s: Snapshot, action: Action): Promise<Trouble | undefined> {
  switch (action.kind) {
    case 'createTask':
      return createTask(ports, s, action.order)
    case 'adopt':
      return adopt(ports, s, action)
    case 'deliver':
      return deliver(ports, s, action)
    case 'keepTarget':
      return keepTarget(ports, s, action.version)
    case 'removeFormer':
      return removeFormer(ports, s, action)
    case 'restart':
      return restart(ports, s, action.restart)
    case 'lookAtRollout':
      return lookAtRollout(ports, s, action.restart)
    default:
      await performPlainly(ports, s, action)
      return undefined
  }
}

/** Actions that either succeed or are tried again. */
async function performPlainly(
  ports: Ports,
  s: Snapshot,
  action: Exclude<
    Action,
    { kind: 'createTask' | 'adopt' | 'deliver' | 'keepTarget' | 'removeFormer' | 'restart' | 'lookAtRollout' }
  >,
): Promise<void> {
  const { api } = ports
  switch (action.kind) {
    case 'addFinalizer':
      return holdCredential(ports, keyOf(s.credential))
    case 'removeFinalizer':
      await removeFinalizer(
        { api, resource: CustomCredentials, cache: ports.caches.credentials },
        s.credential,
        finalizer.revocation,
      )
      return
    case 'storeKit':
      return storeKit(ports, s, action.run)
    case 'copyInput':
      return copyInput(ports, s, action.secret)
    case 'deleteTask':
      return deleteTask(ports, s, action.name)
    case 'removeTarget':
      return removeTarget(ports, s)
    case 'leaveTarget':
      return leaveTarget(ports, s)
    case 'removeFromCustody':
      return removeFromCustody(ports, action.name)
    case 'recordOrphan':
      return recordOrphan(ports, credentialOf(s), { ...action.owed, find: findable(action.owed, s) })
    case 'stopJob':
      return withJob(ports, action.run, (job, pods) => stopJob(ports, job, pods))
    case 'releaseJob':
      return withJob(ports, action.run, (job) => releaseJob(ports, job))
  }
}

async function withJob(
  { caches }: Ports,
  run: RunFacts,
  effect: (job: Job, pods: readonly Pod[]) => Promise<void>,
): Promise<void> {
  const job = caches.jobs.get(run)
  if (job) await effect(job, caches.pods.by('byTask', run.name))
}

async function removeFromCustody({ api, caches, custodyNamespace }: Ports, name: string): Promise<void> {
  const key = { namespace: custodyNamespace, name }
  // Looked up before: by the time of the answer the write of a dead process may have put another in its place.
  const known = caches.secrets.get(key)
  await gone(api.remove(SecretMetadata, key))
  if (known) caches.secrets.forget(known)
}

/** As it is by now: its status has just been written. */
async function holdCredential({ api, caches: { credentials } }: Ports, key: Key): Promise<void> {
  const credential = credentials.get(key)
  if (credential)
    await addFinalizer({ api, resource: CustomCredentials, cache: credentials }, credential, finalizer.revocation)
}

async function removeTarget(ports: Ports, s: Snapshot): Promise<void> {
  const secret = ports.caches.secrets
    .by('byCredential', s.credential.metadata.uid)
    .find(({ metadata }) => metadata.uid === s.target?.uid)
  if (secret === undefined) return
  // By UID: a Secret that somebody has put in its place is not ours to delete.
  await (isMerged(secret)
    ? withdraw(ports, secret, { isOver: true })
    : removeExactly(ports.api, SecretMetadata, secret))
}

/** As it was seen: a task that has been claimed in between may have a Job by now, whose outcome is waited for. */
async function deleteTask({ api }: Ports, { tasks }: Snapshot, name: string): Promise<void> {
  const task = tasks.find(({ metadata }) => metadata.name === name)
  if (task === undefined) return
  const { uid, resourceVersion } = task.metadata
  await gone(api.remove(SecretTasks, keyOf(task), { uid, resourceVersion }))
}

/** Deleting what is not there is done. */
async function gone(removal: Promise<void>): Promise<void> {
  try {
    await removal
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}
