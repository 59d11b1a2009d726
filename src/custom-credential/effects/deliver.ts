import type { CredentialVersion } from '../../api/generated.ts'
import type { KubeObject } from '../../api/meta.ts'
import { SecretMetadata, Secrets } from '../../api/resources.ts'
import { readVersion } from '../../custody/versions.ts'
import { isAlreadyExists, isNamespaceTerminating, isRefusal } from '../../kube/errors.ts'
import type { Action } from '../actions.ts'
import { isOwned } from './adopt.ts'
import type { Ports } from './ports.ts'
import { ROTATE_NOW } from '../status/problem.ts'
import { deliveryBackoff } from '../schedule.ts'
import type { Snapshot, Trouble } from '../snapshot.ts'
import { isReturning } from '../delivery/former-targets.ts'
import { dataOf, renditionOf, shownBeside } from '../delivery/rendition.ts'
import { holds, isOurs, targetManifest, targetPatch } from '../delivery/target.ts'
import { type Payload, Unrenderable } from '../delivery/template.ts'

/** Puts a version into the Secret that consumers read. A Secret that is not ours is left as it is. */
export async function deliver(
  ports: Ports,
  s: Snapshot,
  { version, previous }: Versions,
): Promise<Trouble | undefined> {
  const { api, caches } = ports
  const payload = await payloadOf(ports, s, version)
  if (payload === undefined) return lost(s, version)
  const { target } = s.credential.spec
  const beside = shownBeside(target, previous)
  // What is not in custody any more is not shown: no reason to withhold the current version.
  const shown = beside && (await payloadOf(ports, s, beside))
  const data = made(() => dataOf(target, payload, shown))
  if (data instanceof Unrenderable) return deliveryTrouble(s, { reason: 'DeliveryFailed', message: data.message })
  const rendition = renditionOf(target, previous?.version)
  const delivery = { credential: s.credential, version, data, rendition, isReturning: isReturning(s) }
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
    if (!isOurs(there, s.credential)) {
      if (!isTakenOver(there, s, { version, caches })) return conflict(s, key.name)
      // Whoever has changed the login meanwhile knows better than we do what consumers need.
      const secret = await api.get(Secrets, key)
      if (!holds(secret, payload)) return changedSince(s, key.name)
      there = secret
    }
    caches.secrets.remember(withoutData(await api.patch(Secrets, key, { operations: targetPatch(there, delivery) })))
    return undefined
  } catch (error) {
    return refused(s, error)
  }
}

/** The Secret of an adopted login, while that has not been delivered: whoever wrote `spec.adopt` wants it to be the target. */
const isTakenOver = (
  secret: KubeObject,
  { credential: { spec, status } }: Snapshot,
  { version, caches }: Pick<Versions, 'version'> & Pick<Ports, 'caches'>,
): boolean =>
  version.adopted === true &&
  status.currentVersion === undefined &&
  spec.adopt?.secretName === secret.metadata.name &&
  !isOwned(secret, caches)

type Versions = Pick<Extract<Action, { kind: 'deliver' }>, 'version' | 'previous'>

function made(render: () => Payload): Payload | Unrenderable {
  try {
    return render()
  } catch (error) {
    if (error instanceof Unrenderable) return error
    throw error
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
  const isShown = s.target?.version === version
  const then = isShown ? `the target Secret stays as it is. ${ROTATE_NOW}` : 'another version takes its place.'
  const message = `The payload of version ${version} is gone from custody: ${then}`
  return deliveryTrouble(s, { reason: 'DeliveryFailed', message, lost: taskId })
}

function conflict(s: Snapshot, name: string): Trouble {
  const fix = 'Delete it, or name another one in spec.target.name.'
  const former = s.formers.find((one) => one.version !== undefined)
  const meanwhile = former === undefined ? '' : ` Until then Secret "${former.name}" stays as it is.`
  const message = `Secret "${name}" exists and does not belong to this credential. ${fix}${meanwhile}`
  return deliveryTrouble(s, { reason: 'TargetConflict', message })
}

function changedSince(s: Snapshot, name: string): Trouble {
  const fix = 'Write that into it again, or delete it: it is made anew with what was adopted, and can be rotated then.'
  const message = `Secret "${name}" does not hold what was adopted from it any more, and is left as it is. ${fix}`
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
