import type { CredentialVersion } from '../../api/generated.ts'
import { annotation } from '../../api/labels.ts'
import { Secrets } from '../../api/resources.ts'
import { isNotFound, isRefusal } from '../../kube/errors.ts'
import { namespaceNow } from '../../kube/namespace-now.ts'
import { willRevoke } from '../../orphaned-credential/decide.ts'
import { deliver } from './deliver.ts'
import { orphansOf } from '../holders.ts'
import { lookAt } from './look-at.ts'
import type { Ports } from './ports.ts'
import { renditionOf } from '../delivery/rendition.ts'
import type { Snapshot, Trouble } from '../snapshot.ts'
import { keptPatch, targetName } from '../delivery/target.ts'

/**
 * The credential goes, and its target Secret stays with the version that stays valid: it is its consumers' own from now on, and
 * tells what is needed to adopt that version again. Where it cannot, another record of it is needed (`isUnkept`).
 */
export async function keepTarget(ports: Ports, s: Snapshot, version: CredentialVersion): Promise<Trouble | undefined> {
  const { api, caches } = ports
  const key = { namespace: s.credential.metadata.namespace ?? '', name: targetName(s) }
  const unkept: Trouble = { ...s.trouble, isUnkept: true }
  try {
    if (s.target !== undefined || !(await isKept(ports, s, key))) {
      const secret = (await isShown(ports, s, version)) ? caches.secrets.get(key) : undefined
      if (secret === undefined) return unkept
      const { metadata } = await api.patch(Secrets, key, { operations: keptPatch(secret, s.credential, version) })
      // Not forgotten, as what is deleted: the same Secret comes back when it is adopted.
      caches.secrets.remember({ metadata })
    }
    // Also where it was kept by a process that has not lived to have another record made.
    return hasRivals(ports, s, version) || (await isGoing(ports, key)) ? unkept : undefined
  } catch (error) {
    if (isRefusal(error) || isNotFound(error)) return unkept
    throw error
  }
}

/** Orphans of the same credentials, which they revoke once nobody is seen to have them: only another orphan is. */
const hasRivals = (
  { caches }: Ports,
  { credential: { metadata } }: Snapshot,
  { credentialsId, provider }: CredentialVersion,
): boolean => orphansOf(caches, { credentialsId, provider, namespace: metadata.namespace }).some(willRevoke)

/** By the API server's own word: with its namespace the Secret goes, and what it tells. */
async function isGoing({ api }: Ports, { namespace }: { namespace: string }): Promise<boolean> {
  const there = await namespaceNow(api, namespace)
  return there === undefined || there.metadata.deletionTimestamp !== undefined
}

/** One that shows it, though not as it should, is the consumers' own all the same, and is not cleared away one day. */
async function isShown(ports: Ports, s: Snapshot, version: CredentialVersion): Promise<boolean> {
  if (shows(s, version)) return true
  const trouble = await deliver(ports, s, { version, previous: undefined })
  return trouble === undefined || s.target?.version === version.version
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
  const secret = await lookAt(api, key)
  return secret?.metadata.annotations?.[annotation.retained] === credential.metadata.uid
}
