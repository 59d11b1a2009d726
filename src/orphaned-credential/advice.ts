import type { OrphanedCredential } from '../api/generated.ts'
import { annotation } from '../api/labels.ts'

/** What has it tried now. */
export const retryOf = (name: string): string =>
  `kubectl annotate orphan ${name} ${annotation.retryRequestedAt}="$(date)" --overwrite`

/** Why it is left to people, and what they can do. */
export function leftText({ metadata, spec }: OrphanedCredential): string {
  const { credential, provider } = spec
  const retry = retryOf(metadata.name)
  const forget = `kubectl annotate orphan ${metadata.name} ${annotation.forget}=true`
  if (spec.reason === 'Retained')
    return `It stays valid, as spec.revocationPolicy has said. To have it revoked: ${retry}. When somebody else looks after it: ${forget}`
  const why = `Another provider has made a version of ${credential.namespace}/${credential.name} under the same ID, and only people can tell whether that is the same login.`
  return `${why} If it is: ${forget}. If not, to have this one revoked by ${provider.kind} ${provider.name}: ${retry}`
}
