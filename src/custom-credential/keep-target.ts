import type { CredentialVersion } from '../api/generated.ts'
import { annotation } from '../api/labels.ts'
import { SecretMetadata, Secrets } from '../api/resources.ts'
import { isNotFound, isRefusal } from '../kube/errors.ts'
import { deliver } from './deliver.ts'
import type { Ports } from './ports.ts'
import { renditionOf } from './rendition.ts'
import type { Snapshot, Trouble } from './snapshot.ts'
import { keptPatch, targetName } from './target.ts'

/**
 * The credential goes, and its target Secret stays with the version that stays valid: it is its consumers' own from now on, and
 * tells what is needed to adopt that version again. Where it cannot, another record of it is needed (`isUnkept`).
 */
export async function keepTarget(ports: Ports, s: Snapshot, version: CredentialVersion): Promise<Trouble | undefined> {
  const { api, caches } = ports
  const key = { namespace: s.credential.metadata.namespace ?? '', name: targetName(s) }
  const unkept: Trouble = { ...s.trouble, isUnkept: true }
  try {
    if (s.target === undefined && (await isKept(ports, s, key))) return undefined
    if (!shows(s, version) && (await deliver(ports, s, { version, previous: undefined })) !== undefined) return unkept
    const secret = caches.secrets.get(key)
    if (secret === undefined) return unkept
    const { metadata } = await api.patch(Secrets, key, { operations: keptPatch(secret, s.credential, version) })
    // Not forgotten, as what is deleted: the same Secret comes back when it is adopted.
    caches.secrets.remember({ metadata })
    return undefined
  } catch (error) {
    if (isRefusal(error) || isNotFound(error)) return unkept
    throw error
  }
}

/** That version, and none beside it: the one before is revoked. */
const shows = ({ credential, target }: Snapshot, { version }: CredentialVersion): boolean =>
  target?.version === version && target.rendition === renditionOf(credential.spec.target, undefined)

/** By a process that has not lived to see the credential go. */
async function isKept(
  { api }: Ports,
  { credential }: Snapshot,
  key: { namespace: string; name: string },
): Promise<boolean> {
  const selection = { namespace: key.namespace, fieldSelector: `metadata.name=${key.name}`, metadataOnly: true }
  const [secret] = (await api.list(SecretMetadata, selection)).items
  return secret?.metadata.annotations?.[annotation.retained] === credential.metadata.uid
}
