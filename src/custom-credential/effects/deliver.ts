import type { CredentialVersion } from '../../api/generated.ts'
import { label } from '../../api/labels.ts'
import type { KubeObject } from '../../api/meta.ts'
import { Secrets } from '../../api/resources.ts'
import { readVersion } from '../../custody/versions.ts'
import { isAlreadyExists, isNamespaceTerminating, isRefusal } from '../../kube/errors.ts'
import type { Action } from '../actions.ts'
import { lookAt } from './look-at.ts'
import type { Ports } from './ports.ts'
import { missing, Unwritable, writable } from './target-secret.ts'
import { ROTATE_NOW } from '../status/problem.ts'
import { deliveryBackoff, TRIED_AGAIN } from '../schedule.ts'
import type { Snapshot, Trouble } from '../snapshot.ts'
import { isReturning } from '../delivery/former-targets.ts'
import { dataOf, renditionOf, shownBeside } from '../delivery/rendition.ts'
import { wantsMerge } from '../delivery/ownership.ts'
import { targetManifest, targetPatch } from '../delivery/target.ts'
import { type Payload, Unrenderable } from '../delivery/template.ts'

/** Puts a version into the Secret that consumers read. A Secret that is not ours is left as it is. */
export async function deliver(
  ports: Ports,
  s: Snapshot,
  { version, previous, repairs = false }: Versions,
): Promise<Trouble | undefined> {
  const { api, caches } = ports
  const payload = await payloadOf(ports, s, version)
  if (payload === undefined) return lost(s, version)
  const { target } = s.credential.spec
  const beside = shownBeside(target, previous)
  // What is not in custody any more is not shown: no reason to withhold the current version.
  const shown = beside && (await payloadOf(ports, s, beside))
  try {
    const data = dataOf(target, payload, shown)
    const rendition = renditionOf(target, previous?.version)
    const delivery = { credential: s.credential, version, data, rendition, isReturning: isReturning(s) }
    const manifest = targetManifest(delivery)
    const key = { namespace: manifest.metadata.namespace ?? '', name: manifest.metadata.name }
    const there = caches.secrets.get(key) ?? (await createOrFind(ports, s, manifest))
    if (there === undefined) return undefined
    const secret = await writable(ports, s, there, { version, payload, data })
    const written = await api.patch(Secrets, key, { operations: targetPatch(secret, delivery) })
    caches.secrets.remember(withoutData(written))
    const { resourceVersion } = written.metadata
    return repairs && resourceVersion === secret.metadata.resourceVersion
      ? { ...s.trouble, intact: resourceVersion }
      : undefined
  } catch (error) {
    return refused(s, error)
  }
}

type Delivery = Extract<Action, { kind: 'deliver' }>
type Versions = Pick<Delivery, 'version' | 'previous'> & Partial<Pick<Delivery, 'repairs'>>

/** Makes it, where it is not there and is not to be somebody else's; or finds the one that is. */
async function createOrFind(
  ports: Ports,
  { credential }: Snapshot,
  manifest: ReturnType<typeof targetManifest>,
): Promise<KubeObject | undefined> {
  const { api, caches } = ports
  const { namespace = '', name } = manifest.metadata
  if (wantsMerge(credential)) {
    const there = await lookAt(api, { namespace, name })
    if (there === undefined) throw missing(credential, name)
    return there
  }
  try {
    caches.secrets.remember(withoutData(await api.create(Secrets, manifest)))
    return undefined
  } catch (error) {
    if (!isAlreadyExists(error)) throw error
    const there = await lookAt(api, { namespace, name })
    if (there === undefined) throw error
    return there
  }
}

/** The cache holds metadata only: a payload is never kept longer than its delivery. */
const withoutData = ({ metadata }: KubeObject): KubeObject => ({ metadata })

async function payloadOf(
  ports: Ports,
  s: Snapshot,
  { taskId, version }: CredentialVersion,
): Promise<Payload | undefined> {
  const handedOff = ports.handedOff(taskId)
  if (handedOff !== undefined) return handedOff
  const custody = { api: ports.api, namespace: ports.custodyNamespace }
  const { namespace = '', name, uid } = s.credential.metadata
  const stored = await readVersion(custody, { id: taskId, spec: { credential: { namespace, name, uid }, version } })
  return stored?.data
}

function lost(s: Snapshot, { version, taskId }: CredentialVersion): Trouble {
  const isShown = s.target?.version === version
  const then = isShown ? `the target Secret stays as it is. ${ROTATE_NOW}` : 'another version takes its place.'
  const message = `The payload of version ${version} is gone from custody: ${then}`
  return deliveryTrouble(s, { reason: 'DeliveryFailed', message, lost: taskId })
}

const isMergedTarget = ({ target, credential }: Snapshot): boolean =>
  wantsMerge(credential) || target?.marks?.labels?.[label.merged] !== undefined

/** A refusal that time may heal (quota, policy) is a condition and is tried again; anything else is the queue's to retry. */
function refused(s: Snapshot, error: unknown): Trouble {
  if (error instanceof Unwritable) return deliveryTrouble(s, { reason: error.reason, message: error.message })
  if (error instanceof Unrenderable) return deliveryTrouble(s, { reason: 'DeliveryFailed', message: error.message })
  if (isNamespaceTerminating(error)) return { ...s.trouble, namespaceTerminating: true }
  if (isRefusal(error)) {
    const fix =
      s.target === undefined || isMergedTarget(s) ? '' : ' If it cannot be changed, delete it: it is made anew.'
    const message = `The target Secret cannot be written: ${error.message}.${fix} ${TRIED_AGAIN}`
    return deliveryTrouble(s, { reason: 'DeliveryFailed', message })
  }
  throw error
}

function deliveryTrouble(
  s: Snapshot,
  what: Omit<NonNullable<Trouble['delivery']>, 'generation' | 'tries' | 'retryAt'>,
): Trouble {
  const tries = (s.trouble.delivery?.tries ?? 0) + 1
  return {
    ...s.trouble,
    delivery: { ...what, generation: s.credential.metadata.generation, tries, retryAt: s.now + deliveryBackoff(tries) },
  }
}
