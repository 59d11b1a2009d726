import { isDeepStrictEqual } from 'node:util'
import type { CustomCredential } from '../api/generated.ts'
import { finalizer } from '../api/labels.ts'
import { type Key, keyOf } from '../api/meta.ts'
import { CustomCredentials, Jobs, SecretMetadata, SecretTasks } from '../api/resources.ts'
import type { Caches } from '../caches.ts'
import { isNotFound } from '../kube/errors.ts'
import type { KubeApi, PatchOperation } from '../kube/port.ts'
import { removeExactly, removeFinalizer } from '../kube/writes.ts'
import { stopJob } from '../secret-task/stop.ts'
import type { Action, Decision } from './actions.ts'
import { createTask } from './create-task.ts'
import { deliver } from './deliver.ts'
import { recordOrphan } from './record-orphan.ts'
import { storeKit } from './store-kit.ts'
import type { Payload } from './target.ts'
import type { Snapshot, Trouble } from './snapshot.ts'

/** What effects need. */
export interface Ports {
  readonly api: KubeApi
  readonly caches: Caches
  readonly custodyNamespace: string
  /** Payloads that this process has just taken into custody: spares the read before delivery. */
  readonly handedOff: (taskId: string) => Payload | undefined
}

/**
 * Carries out a decision: prepare, status, release, in this order and no further than the first failure. Returns what
 * stands in the way of the next decision; throws where the same decision is to be tried again.
 */
export async function act(ports: Ports, snapshot: Snapshot, decision: Decision): Promise<Trouble> {
  for (const action of decision.prepare) {
    const trouble = await perform(ports, snapshot, action)
    if (trouble) return trouble
  }
  await writeStatus(ports, snapshot.credential, decision.status)
  for (const action of decision.release) {
    const trouble = await perform(ports, snapshot, action)
    if (trouble) return trouble
  }
  return decision.prepare.some(({ kind }) => kind === 'deliver') ? {} : withoutStale(snapshot.trouble)
}

/** The only place that writes a credential's status. An unchanged status costs no write. */
async function writeStatus({ api, caches }: Ports, credential: CustomCredential, status: CustomCredential['status']) {
  if (isDeepStrictEqual(plain(credential.status), plain(status))) return
  const { resourceVersion } = credential.metadata
  const operations: PatchOperation[] = [
    { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion },
    { op: 'add', path: '/status', value: status },
  ]
  caches.credentials.remember(
    await api.patch(CustomCredentials, keyOf(credential), { operations, subresource: 'status' }),
  )
}

/** As JSON has it: without fields that are undefined. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

const withoutStale = (trouble: Trouble): Trouble => (trouble.delivery ? { delivery: trouble.delivery } : {})

async function perform(ports: Ports, s: Snapshot, action: Action): Promise<Trouble | undefined> {
  const { api, caches } = ports
  switch (action.kind) {
    case 'addFinalizer':
      return void (await addFinalizer(ports, keyOf(s.credential)))
    case 'removeFinalizer':
      return void (await removeFinalizer(api, CustomCredentials, s.credential, finalizer.revocation))
    case 'storeKit':
      return void (await storeKit(ports, s, action.run))
    case 'createTask':
      return createTask(ports, s, action.order)
    case 'deleteTask':
      return void (await gone(api.remove(SecretTasks, { ...keyOf(s.credential), name: action.name })))
    case 'deliver':
      return deliver(ports, s, action.version)
    case 'removeTarget':
      return void (await removeTarget(ports, s))
    case 'removeFromCustody': {
      const key = { namespace: ports.custodyNamespace, name: action.name }
      await gone(api.remove(SecretMetadata, key))
      const removed = caches.secrets.get(key)
      return void (removed && caches.secrets.forget(removed))
    }
    case 'recordOrphan':
      return void (await recordOrphan(ports, s, action.owed))
    case 'stopJob': {
      const job = caches.jobs.get(action.run)
      return void (job && (await stopJob(api, job, caches.pods.by('byTask', action.run.name))))
    }
    case 'releaseJob': {
      const job = caches.jobs.get(action.run)
      const released = job && (await removeFinalizer(api, Jobs, job, finalizer.jobRelease))
      return void (released && caches.jobs.remember(released))
    }
  }
}

async function addFinalizer({ api, caches }: Ports, key: Key): Promise<void> {
  const credential = caches.credentials.get(key)
  if (credential === undefined) return
  const { finalizers = [], resourceVersion } = credential.metadata
  const operations: PatchOperation[] = [
    { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion },
    { op: 'add', path: '/metadata/finalizers', value: [...finalizers, finalizer.revocation] },
  ]
  caches.credentials.remember(await api.patch(CustomCredentials, key, { operations }))
}

async function removeTarget({ api, caches }: Ports, s: Snapshot): Promise<void> {
  const secret = caches.secrets
    .by('byCredential', s.credential.metadata.uid)
    .find(({ metadata }) => metadata.uid === s.target?.uid)
  // By UID: a Secret that somebody has put in its place is not ours to delete.
  if (secret) await removeExactly(api, SecretMetadata, secret)
}

/** Deleting what is not there is done. */
async function gone(removal: Promise<void>): Promise<void> {
  try {
    await removal
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}
