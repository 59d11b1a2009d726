import type { CredentialVersion, CustomCredential } from '../../api/generated.ts'
import { label } from '../../api/labels.ts'
import type { KubeObject } from '../../api/meta.ts'
import type { Secret } from '../../api/resources.ts'
import type { Caches } from '../../caches.ts'
import { isClusterLogin, isReadable } from '../../custody/input-secrets.ts'
import { takenKeys } from '../delivery/merge.ts'
import { isOurs, isToMerge } from '../delivery/ownership.ts'
import { encoded, holds } from '../delivery/target.ts'
import type { Payload } from '../delivery/template.ts'
import { TRIED_AGAIN } from '../schedule.ts'
import type { Snapshot } from '../snapshot.ts'
import { isOwned } from './adopt.ts'
import { readWhole } from './look-at.ts'
import type { Ports } from './ports.ts'

/** A Secret that is not written to, and is left as it is: a sentence for people. */
export class Unwritable extends Error {
  readonly reason: 'TargetConflict' | 'TargetMissing'

  constructor(reason: Unwritable['reason'], message: string) {
    super(message)
    this.reason = reason
  }
}

/** What is to be written to it. */
interface Contents {
  readonly version: CredentialVersion
  /** The version's outputs. */
  readonly payload: Payload
  /** The keys of the Secret. */
  readonly data: Payload
}

/**
 * The Secret that is there, as it may be written to: the credential's own; one of people's that it is to merge into; or the one
 * that holds what was adopted. Throws `Unwritable`.
 */
export async function writable(ports: Ports, s: Snapshot, there: KubeObject, contents: Contents): Promise<Secret> {
  const { credential } = s
  if (isToMerge(there, credential)) return mergeable(ports, s, there, contents)
  if (isOurs(there, credential)) return there
  const { name } = there.metadata
  if (!isTakenOver(there, s, contents.version, ports.caches)) throw foreign(s, name)
  // Whoever has changed the login meanwhile knows better than we do what consumers need.
  const secret = await readWhole(ports.api, there)
  const isWhole = (keys: Secret['data'] = {}): boolean =>
    Object.keys(keys).every((key) => Object.hasOwn(contents.data, key))
  if (secret === undefined || !holds(secret, contents.payload) || !isWhole(secret.data)) throw changedSince(name)
  return secret
}

/** Read whole, for once: by no other way is it known which of its keys are somebody else's. */
async function mergeable(ports: Ports, s: Snapshot, there: KubeObject, { version, data }: Contents): Promise<Secret> {
  const secret = await readWhole(ports.api, there)
  if (secret === undefined) throw missing(s.credential, there.metadata.name)
  const { name } = secret.metadata
  // Judged anew as it is by now: to be replaced as a whole is for none that people have made.
  if (!isToMerge(secret, s.credential)) throw foreign(s, name)
  if (!isOurs(secret, s.credential) && isOwned(secret, ports.caches)) throw shared(name)
  if (isReserved(secret, ports.custodyNamespace)) throw reserved(name)
  const isAdopted = version.adopted === true && s.credential.spec.adopt?.secretName === name
  const taken = takenKeys(secret, encoded(data), { isAdopted })
  if (taken.length > 0) throw occupied(name, taken)
  return secret
}

/** The Secret of an adopted login, while that has not been delivered: whoever wrote `spec.adopt` wants it to be the target. */
const isTakenOver = (
  secret: KubeObject,
  { credential: { spec, status } }: Snapshot,
  version: CredentialVersion,
  caches: Caches,
): boolean =>
  version.adopted === true &&
  status.currentVersion === undefined &&
  spec.adopt?.secretName === secret.metadata.name &&
  !isOwned(secret, caches)

export function missing({ metadata }: CustomCredential, name: string): Unwritable {
  const fix = `Create it, or take that back. Until then the payload waits in custody. ${TRIED_AGAIN}`
  const message = `There is no Secret "${name}" for ${metadata.name} to merge into, as spec.target.creationPolicy asks. ${fix}`
  return new Unwritable('TargetMissing', message)
}

function foreign({ formers }: Snapshot, name: string): Unwritable {
  const fix = 'Delete it, or name another one in spec.target.name: then what was made is written.'
  const former = formers.find((one) => one.version !== undefined)
  const meanwhile = former === undefined ? '' : ` Until then Secret "${former.name}" stays as it is.`
  return new Unwritable(
    'TargetConflict',
    `Secret "${name}" exists and does not belong to this credential. ${fix}${meanwhile}`,
  )
}

/** It is no team's to add to: a record of the operator's, or what logs in to the cluster itself. */
const isReserved = (secret: Secret, custodyNamespace: string): boolean =>
  !isReadable(secret, custodyNamespace) ||
  isClusterLogin(secret) ||
  [label.task, label.orphan].some((key) => secret.metadata.labels?.[key] !== undefined)

const reserved = (name: string): Unwritable =>
  new Unwritable(
    'TargetConflict',
    `Secret "${name}" is the operator's own record, or logs in to the cluster itself: nothing is merged into it. Name another one in spec.target.name.`,
  )

const shared = (name: string): Unwritable =>
  new Unwritable(
    'TargetConflict',
    `Another CustomCredential is merged into Secret "${name}" already, and one at a time can be. Name another one in spec.target.name.`,
  )

function occupied(name: string, keys: readonly string[]): Unwritable {
  const which = keys.map((key) => `"${key}"`).join(', ')
  const fix = 'Take them out of it, or make others in spec.target.template.'
  return new Unwritable('TargetConflict', `Secret "${name}" has keys of somebody else, which stay: ${which}. ${fix}`)
}

function changedSince(name: string): Unwritable {
  const fix = 'Write that into it again, or delete it: it is made anew with what was adopted, and can be rotated then.'
  const message = `Secret "${name}" does not hold what was adopted from it any more, or more than that, and is left as it is. ${fix}`
  return new Unwritable('TargetConflict', message)
}
