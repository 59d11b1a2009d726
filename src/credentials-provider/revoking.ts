import type { ConditionInput } from '../api/conditions.ts'
import type { CustomCredential } from '../api/generated.ts'
import { condemnedFrom } from '../custom-credential/condemned.ts'
import type { Provider } from './resolve.ts'

interface Revoking {
  readonly condition?: Omit<ConditionInput, 'observedGeneration'>
  /** When it is to be looked at again though nothing has changed, in milliseconds since the epoch. */
  readonly wakeAt: number
}

/** Credentials that are named in a message: enough to look at, of perhaps thousands. */
const NAMED = 5

/** How far the replacement and revocation is that the provider's `revokeIssuedBefore` asks for. Pure. */
export function revokingOf(provider: Provider, credentials: readonly CustomCredential[], now: number): Revoking {
  const { revokeIssuedBefore } = provider.spec
  if (revokeIssuedBefore === undefined) return { wakeAt: Infinity }
  const moment = Date.parse(revokeIssuedBefore)
  if (moment > now) {
    const message = `spec.revokeIssuedBefore, ${revokeIssuedBefore}, is still to come: nothing is replaced or revoked for it before.`
    return { condition: { type: 'Revoking', status: 'False', reason: 'MomentToCome', message }, wakeAt: moment }
  }
  const isLeft = ({ status }: CustomCredential): boolean =>
    (status.versions ?? []).some(
      (version) => version.provider.uid === provider.metadata.uid && condemnedFrom(version, moment) <= now,
    )
  const left = credentials.filter(isLeft)
  if (left.length === 0) {
    const message = `No credential of this provider has a version that was issued before ${revokeIssuedBefore}.`
    return { condition: { type: 'Revoking', status: 'False', reason: 'NoneLeft', message }, wakeAt: Infinity }
  }
  const names = left.map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`).sort()
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : ''
  const message = `${names.length} of ${credentials.length} credentials still have a version that was issued before ${revokeIssuedBefore}: ${names.slice(0, NAMED).join(', ')}${more}.`
  return { condition: { type: 'Revoking', status: 'True', reason: 'IssuedBefore', message }, wakeAt: Infinity }
}
