import type { CustomCredential, OrphanedCredential, PinnedProvider } from '../api/generated.ts'
import { condemnedFrom } from '../custom-credential/revocation/condemned.ts'
import type { Plain } from './reasons.ts'
import type { Provider } from './resolve.ts'

interface Revoking {
  readonly condition?: Plain
  /** When it is to be looked at again though nothing has changed, in milliseconds since the epoch. */
  readonly wakeAt: number
}

interface Issued {
  /** Those whose provider it is or was. */
  readonly credentials: readonly CustomCredential[]
  readonly orphans: readonly OrphanedCredential[]
  readonly now: number
}

/** Credentials that are named in a message: enough to look at, of perhaps thousands. */
const NAMED = 5

/** How far the replacement and revocation is that the provider's `revokeIssuedBefore` asks for. Pure. */
export function revokingOf(provider: Provider, issued: Issued): Revoking {
  const { revokeIssuedBefore } = provider.spec
  if (revokeIssuedBefore === undefined) return { wakeAt: Infinity }
  if (Date.parse(revokeIssuedBefore) > issued.now) {
    const message = `spec.revokeIssuedBefore, ${revokeIssuedBefore}, is still to come: nothing is replaced or revoked for it before.`
    return {
      condition: { type: 'Revoking', status: 'False', reason: 'MomentToCome', message },
      wakeAt: Date.parse(revokeIssuedBefore),
    }
  }
  const left = leftOf(provider, Date.parse(revokeIssuedBefore), issued)
  if (left.length === 0) {
    const message = `Nothing is left of what this provider issued before ${revokeIssuedBefore}.`
    return { condition: { type: 'Revoking', status: 'False', reason: 'NoneLeft', message }, wakeAt: Infinity }
  }
  const more = left.length > NAMED ? ` and ${left.length - NAMED} more` : ''
  const names = left.slice(0, NAMED).join(', ')
  const message = `Still to replace or to revoke of what was issued before ${revokeIssuedBefore}: ${left.length}, of ${names}${more}. Each of them says what is next.`
  return { condition: { type: 'Revoking', status: 'True', reason: 'IssuedBefore', message }, wakeAt: Infinity }
}

/**
 * By name: credentials with a version that is condemned, or a debt from before, or with nothing in place of what was revoked
 * at once; and what orphans owe from before.
 */
function leftOf({ metadata, spec }: Provider, moment: number, { credentials, orphans }: Issued): string[] {
  const isIts = ({ provider }: { readonly provider: PinnedProvider }) => provider.uid === metadata.uid
  const isEarly = ({ since }: { readonly since: string }) => Date.parse(since) < moment
  const isBereft = ({ metadata: { deletionTimestamp }, status }: CustomCredential): boolean =>
    spec.revokeMode === 'Immediate' && status.state === 'deactivated' && deletionTimestamp === undefined
  const isOwing = ({ status: { versions = [], unresolved = [] } }: CustomCredential): boolean =>
    versions.some((version) => isIts(version) && condemnedFrom(version, moment) < Infinity) ||
    unresolved.some((owed) => isIts(owed) && isEarly(owed))
  return [
    ...credentials
      .filter((one) => isOwing(one) || isBereft(one))
      .map((one) => `${one.metadata.namespace ?? ''}/${one.metadata.name}`),
    ...orphans
      .filter(({ spec }) => isIts(spec) && isEarly(spec))
      .map((orphan) => `OrphanedCredential ${orphan.metadata.name}`),
  ].sort()
}
