import { createHash } from 'node:crypto'
import { parseDuration } from '../api/duration.ts'
import type { CredentialVersion, CustomCredential } from '../api/generated.ts'
import { providerKind, resolve, type Run } from '../credentials-provider/resolve.ts'
import type { Snapshot } from './snapshot.ts'

/** What of a spec a version is made by: an edit of anything else waits for no version, and makes none. */
type Field = 'spec.providerRef' | 'spec.parameters' | 'spec.ttl'

/** Tells whether parameters are the same; they are no secret, and not hidden by it. */
export function parametersHash(parameters: Run['parameters']): string {
  const sorted = Object.entries(parameters).sort(([a], [b]) => (a < b ? -1 : 1))
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex').slice(0, 16)
}

/**
 * What has changed since the version was made. Of parameters the provider's defaults are a part; where the provider cannot be
 * used as it is, or the version was made before this was noted, nothing is told of them.
 */
export function changedSince(
  version: CredentialVersion,
  { credential, provider, namespace }: Pick<Snapshot, 'credential' | 'provider' | 'namespace'>,
): readonly Field[] {
  const resolution = resolve(credential, provider, namespace)
  const run = resolution.ok ? resolution.run : undefined
  const changed: Field[] = []
  if (!isNamed(version.provider, credential)) changed.push('spec.providerRef')
  if (
    run !== undefined &&
    (version.parametersHash ?? parametersHash(run.parameters)) !== parametersHash(run.parameters)
  )
    changed.push('spec.parameters')
  if (timeToLive(version) !== (credential.spec.ttl && parseDuration(credential.spec.ttl))) changed.push('spec.ttl')
  return changed
}

/** By name: that a provider is made anew, as GitOps may do with many at once, is no edit of the credential. */
const isNamed = ({ kind, name }: CredentialVersion['provider'], credential: CustomCredential): boolean =>
  kind === providerKind(credential) && name === credential.spec.providerRef.name

const timeToLive = ({ createdAt, expiresAt }: CredentialVersion): number | undefined =>
  expiresAt === undefined ? undefined : Date.parse(expiresAt) - Date.parse(createdAt)

/** People want the next version at once for what they have changed. */
export const appliesAtOnce = (version: CredentialVersion, s: Parameters<typeof changedSince>[1]): boolean =>
  s.credential.spec.applyPolicy === 'Immediate' && changedSince(version, s).length > 0
