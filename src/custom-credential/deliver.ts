import type { CredentialVersion } from '../api/generated.ts'
import type { KubeObject } from '../api/meta.ts'
import { SecretMetadata, Secrets } from '../api/resources.ts'
import { readVersion } from '../custody/versions.ts'
import { isAlreadyExists, isNamespaceTerminating, isRefusal } from '../kube/errors.ts'
import type { Ports } from './ports.ts'
import { deliveryBackoff } from './schedule.ts'
import type { Snapshot, Trouble } from './snapshot.ts'
import { isOurs, type Payload, targetManifest, targetPatch } from './target.ts'

/** Puts a version into the Secret that consumers read. A Secret that is not ours is left as it is. */
export async function deliver(ports: Ports, s: Snapshot, version: CredentialVersion): Promise<Trouble | undefined> {
  const { api, caches } = ports
  const payload = await payloadOf(ports, s, version)
  if (payload === undefined) return lost(s, version)
  const delivery = { credential: s.credential, version, payload }
  const manifest = targetManifest(delivery)
  const key = { namespace: manifest.metadata.namespace ?? '', name: manifest.metadata.name }
  try {
    let there: KubeObject | undefined = caches.secrets.get(key)
    if (there === undefined) {
      const created = await createOrFind(ports, manifest)
      if (created.made) {
        caches.secrets.remember(withoutData(created.secret))
        return undefined
      }
      there = created.secret
    }
    if (!isOurs(there, s.credential)) return conflict(s, key.name)
    caches.secrets.remember(withoutData(await api.patch(Secrets, key, { operations: targetPatch(there, delivery) })))
    return undefined
  } catch (error) {
    return refused(s, error)
  }
}

async function createOrFind({ api }: Ports, manifest: ReturnType<typeof targetManifest>) {
  try {
    return { made: true, secret: await api.create(Secrets, manifest) }
  } catch (error) {
    if (!isAlreadyExists(error)) throw error
    // As metadata: what a Secret that is not ours holds is none of our business.
    const { namespace = '', name } = manifest.metadata
    const selection = { namespace, fieldSelector: `metadata.name=${name}`, metadataOnly: true }
    const [secret] = (await api.list(SecretMetadata, selection)).items
    if (secret === undefined) throw error
    return { made: false, secret }
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
  const message = `The payload of version ${version} is gone from custody: another version takes its place.`
  return deliveryTrouble(s, { reason: 'DeliveryFailed', message, lost: taskId })
}

function conflict(s: Snapshot, name: string): Trouble {
  const fix = 'Delete it, or give this credential up for one with another spec.target.name.'
  const message = `Secret "${name}" exists and does not belong to this credential. ${fix}`
  return deliveryTrouble(s, { reason: 'TargetConflict', message })
}

/** A refusal that time may heal (quota, policy) is a condition and is tried again; anything else is the queue's to retry. */
function refused(s: Snapshot, error: unknown): Trouble {
  if (isNamespaceTerminating(error)) return { ...s.trouble, namespaceTerminating: true }
  if (isRefusal(error)) {
    const fix = s.target === undefined ? '' : ' If it cannot be changed, delete it: it is made anew.'
    const message = `The target Secret cannot be written: ${error.message}.${fix}`
    return deliveryTrouble(s, { reason: 'DeliveryFailed', message })
  }
  throw error
}

function deliveryTrouble(s: Snapshot, what: Omit<NonNullable<Trouble['delivery']>, 'tries' | 'retryAt'>): Trouble {
  const tries = (s.trouble.delivery?.tries ?? 0) + 1
  return { ...s.trouble, delivery: { ...what, tries, retryAt: s.now + deliveryBackoff(tries) } }
}
