import { createHash } from 'node:crypto'
import { parseDuration } from '../../api/duration.ts'
import type { CredentialVersion, CustomCredential } from '../../api/generated.ts'
import { providerKind, type Run } from '../../credentials-provider/resolve.ts'
import { checkInputs } from '../../credentials-provider/inputs.ts'
import { acceptanceOf } from '../../credentials-provider/status.ts'
import type { Snapshot } from '../snapshot.ts'

/** What of a spec a version is made by: an edit of anything else waits for no version, and makes none. */
type Field = 'spec.providerRef' | 'spec.parameters' | 'spec.ttl'

/**
 * Tells whether parameters are the same; they are no secret, and not hidden by it. Of a Secret that is read, its name counts:
 * what it holds is read anew by each run.
 */
export function parametersHash({
  parameters,
  secretParameters = {},
}: Pick<Run, 'parameters' | 'secretParameters'>): string {
  const secrets = Object.entries(secretParameters).map(([input, { name }]) => [input, { secret: name }] as const)
  const sorted = [...Object.entries(parameters), ...secrets].sort(([a], [b]) => (a < b ? -1 : 1))
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex').slice(0, 16)
}

/**
 * What has changed since the version was made. Of parameters the provider's defaults are a part; where there is no provider,
 * it is not accepted, they do not fit it, or the version was made before this was noted, nothing is told of them.
 */
export function changedSince(version: CredentialVersion, { credential, provider }: Facts): readonly Field[] {
  const { ttl } = credential.spec
  const isAccepted = provider && acceptanceOf(provider)?.status === 'True'
  const checked = isAccepted && checkInputs(provider.spec.schema.parameters, credential.spec)
  const now =
    checked &&
    checked.ok &&
    parametersHash({ parameters: checked.inputs.values, secretParameters: checked.inputs.secrets })
  const isOther = typeof now === 'string' && (version.parametersHash ?? now) !== now
  const changed: Field[] = []
  if (!isNamed(version.provider, credential)) changed.push('spec.providerRef')
  if (isOther) changed.push('spec.parameters')
  if (timeToLive(version) !== (ttl && parseDuration(ttl))) changed.push('spec.ttl')
  return changed
}

type Facts = Pick<Snapshot, 'credential' | 'provider'>

/** By name: that a provider is made anew, as GitOps may do with many at once, is no edit of the credential. */
const isNamed = ({ kind, name }: CredentialVersion['provider'], credential: CustomCredential): boolean =>
  kind === providerKind(credential) && name === credential.spec.providerRef.name

const timeToLive = ({ createdAt, expiresAt }: CredentialVersion): number | undefined =>
  expiresAt === undefined ? undefined : Date.parse(expiresAt) - Date.parse(createdAt)

/** People want the next version at once for what they have changed. */
export const appliesAtOnce = (version: CredentialVersion, s: Facts): boolean =>
  s.credential.spec.applyPolicy === 'Immediate' && changedSince(version, s).length > 0
