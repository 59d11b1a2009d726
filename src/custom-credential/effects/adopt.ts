import type { AdoptRequest, CustomCredential, SecretTaskSpec } from '../../api/generated.ts'
import { annotation, label } from '../../api/labels.ts'
import type { KubeObject, Manifest } from '../../api/meta.ts'
import { type Secret, Secrets } from '../../api/resources.ts'
import { adoptedTaskId } from '../../api/task-id.ts'
import type { Caches } from '../../caches.ts'
import { checkTexts } from '../../credentials-provider/schema.ts'
import { providerKind } from '../../credentials-provider/resolve.ts'
import { isClusterLogin, isReadable } from '../../custody/input-secrets.ts'
import { asText, textsIn, versionManifest } from '../../custody/versions.ts'
import { isNotFound } from '../../kube/errors.ts'
import { orThere } from '../../kube/writes.ts'
import { willRevoke } from '../../orphaned-credential/decide.ts'
import type { Action } from '../actions.ts'
import { isCondemned } from '../revocation/condemned.ts'
import { holdersOf, keptOf, orphansOf } from '../holders.ts'
import { credentialOf } from '../creation/orders.ts'
import type { Ports } from './ports.ts'
import { dataOf } from '../delivery/rendition.ts'
import { deliveryBackoff } from '../schedule.ts'
import type { Snapshot, Trouble } from '../snapshot.ts'
import { isOurs, isToMerge } from '../delivery/ownership.ts'
import { targetName } from '../delivery/target.ts'
import { type Payload, Unrenderable } from '../delivery/template.ts'

type Adoption = Extract<Action, { kind: 'adopt' }>

/** Why it is not adopted: a sentence for people. */
class Unadoptable extends Error {}

/**
 * Takes what `spec.adopt` names into custody, as if a run had reported it: from there it becomes the first version. Its name
 * in custody follows from the credentials, so that one of several that want them gets them.
 */
export async function adopt(ports: Ports, s: Snapshot, action: Adoption): Promise<Trouble | undefined> {
  const request = s.credential.spec.adopt
  if (request === undefined) return undefined
  try {
    assertTrusted(s, action)
    assertFree(ports, s, request)
    const data = outputsOf(s, await readSecret(ports, s, request))
    await keep(ports, s, adoptedManifest(ports, s, { action, request, data }))
    return undefined
  } catch (error) {
    if (error instanceof Unadoptable) return adoptionTrouble(s, error.message)
    throw error
  }
}

/** When it was issued is not known: consumers would be locked out as soon as it is adopted. */
function assertTrusted(s: Snapshot, { run: { provider } }: Adoption): void {
  if (!isCondemned({ provider }, s, 'Immediate')) return
  const why =
    'revokeIssuedBefore with revokeMode Immediate, of this object or of its provider, would have it revoked at once.'
  throw new Unadoptable(`${why} Take that back first, or take spec.adopt out.`)
}

/** What one credential has, or owes, another cannot adopt: one of them would revoke it under the other. */
function assertFree(
  { caches, custodyNamespace }: Ports,
  { credential }: Snapshot,
  { credentialsId }: AdoptRequest,
): void {
  const what = `Credentials "${credentialsId}"`
  const { namespace, uid } = credential.metadata
  const provider = { kind: providerKind(credential), name: credential.spec.providerRef.name }
  const wanted = { credentialsId, provider, namespace }
  const entriesIn = ({ status }: CustomCredential) => [...(status.versions ?? []), ...(status.unresolved ?? [])]
  if (holdersOf(caches, wanted, entriesIn).some(({ metadata }) => metadata.uid !== uid))
    throw new Unadoptable(
      `${what} are a version of another CustomCredential, which revokes them one day, or owes that.`,
    )
  // That was forced away, or its status does not tell of them yet.
  const kept = keptOf(caches, custodyNamespace, wanted).find((secret) => !isOurs(secret, credential))
  if (kept !== undefined)
    throw new Unadoptable(
      `${what} are another CustomCredential's, which has been given them, or is gone by force: they are revoked with it. Secret "${kept.metadata.name}" of namespace "${custodyNamespace}" tells so: where it is no more than a copy, remove it.`,
    )
  const orphan = orphansOf(caches, wanted).find(willRevoke)
  if (orphan !== undefined)
    throw new Unadoptable(`${what} are about to be revoked: see OrphanedCredential "${orphan.metadata.name}".`)
}

async function readSecret(
  { api, caches, custodyNamespace }: Ports,
  { credential }: Snapshot,
  { secretName }: AdoptRequest,
) {
  const key = { namespace: credential.metadata.namespace ?? '', name: secretName }
  try {
    const secret = await api.get(Secrets, key)
    if (isClusterLogin(secret))
      throw new Unadoptable(`Secret "${secretName}" logs in to the cluster itself: that is no provider's to revoke.`)
    if (!isReadable(secret, custodyNamespace))
      throw new Unadoptable(
        `Secret "${secretName}" is the operator's own record, by its label "${label.custody}". Copy its values into one without it.`,
      )
    if (isOurs(secret, credential) || !isOwned(secret, caches)) return secret
    throw new Unadoptable(`Secret "${secretName}" belongs to another CustomCredential.`)
  } catch (error) {
    if (isNotFound(error))
      throw new Unadoptable(`There is no Secret "${secretName}". Create it, or correct spec.adopt.`)
    throw error
  }
}

/** A CustomCredential that exists answers for the Secret: not one whose label a copy or a backup has brought along. */
export const isOwned = ({ metadata }: KubeObject, { credentials }: Pick<Caches, 'credentials'>): boolean =>
  credentials.by('byUid', metadata.labels?.[label.credentialUid] ?? '').length > 0

/** The outputs that the Secret holds, in full, and nothing that its consumers would miss where it is taken over. */
function outputsOf({ credential, provider }: Snapshot, secret: Secret): Payload {
  const { name } = secret.metadata
  const texts = textsIn(secret)
  const checked = checkTexts(provider?.spec.schema.credentials ?? [], texts)
  if (!checked.ok)
    throw new Unadoptable(`Secret "${name}" does not hold the provider's outputs: ${checked.problems.join('; ')}.`)
  const data = asText(checked.values)
  const changed = Object.keys(data).filter((key) => encoded(data[key] ?? '') !== secret.data?.[key])
  if (changed.length > 0)
    throw new Unadoptable(
      `Secret "${name}" holds what cannot be kept as it is (not UTF-8, or no plain number): ${changed.join(', ')}.`,
    )
  if (name !== targetName({ credential })) return data
  const shown = rendered(credential, data)
  // What else is in one of people's own stays.
  const read = Object.keys(isToMerge(secret, credential) ? data : texts)
  const missing = read.filter((key) => !Object.hasOwn(shown, key))
  if (missing.length === 0) return data
  const which = missing.map((key) => `"${key}"`).join(', ')
  throw new Unadoptable(
    `Secret "${name}" would lose the keys ${which}, which its consumers may read: make them in spec.target.template, or use another spec.target.name.`,
  )
}

const encoded = (text: string): string => Buffer.from(text).toString('base64')

function rendered({ spec }: CustomCredential, data: Payload): Payload {
  try {
    return dataOf(spec.target, data, undefined)
  } catch (error) {
    if (error instanceof Unrenderable) throw new Unadoptable(error.message, { cause: error })
    throw error
  }
}

interface Adopted {
  readonly action: Adoption
  readonly request: AdoptRequest
  readonly data: Payload
}

function adoptedManifest(
  { custodyNamespace }: Ports,
  s: Snapshot,
  { action, request, data }: Adopted,
): Manifest<Secret> {
  const { run, kit } = action
  const { credentialsId } = request
  const spec: SecretTaskSpec = {
    type: 'create_credentials',
    trigger: 'secret_creation',
    credential: credentialOf(s),
    version: 1,
    attempt: 1,
    kit,
    ...run,
  }
  const id = adoptedTaskId(run.provider.uid, credentialsId)
  const { metadata, ...rest } = versionManifest(custodyNamespace, { id, spec }, { credentialsId, data })
  return { ...rest, metadata: { ...metadata, annotations: { ...metadata.annotations, [annotation.adopted]: 'true' } } }
}

async function keep({ api, caches }: Ports, { credential }: Snapshot, manifest: Manifest<Secret>): Promise<void> {
  const { namespace = '', name } = manifest.metadata
  const { metadata } = await orThere(api.create(Secrets, manifest), () => api.get(Secrets, { namespace, name }))
  if (!isOurs({ metadata }, credential))
    throw new Unadoptable('Another CustomCredential has adopted these credentials.')
  caches.secrets.remember({ metadata })
}

function adoptionTrouble(s: Snapshot, message: string): Trouble {
  const tries = (s.trouble.adoption?.tries ?? 0) + 1
  const { generation } = s.credential.metadata
  return { ...s.trouble, adoption: { message, generation, tries, retryAt: s.now + deliveryBackoff(tries) } }
}
