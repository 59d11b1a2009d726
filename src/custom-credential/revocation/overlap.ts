import type { CredentialVersion, CustomCredentialSpec } from '../../api/generated.ts'
import type { Ledger } from '../ledger.ts'
import { minOverlap } from '../schedule.ts'

/**
 * Until when consumers may keep to what this version has displaced, in milliseconds since the epoch. Where the spec says so, no
 * longer than until all workloads that were to follow it, or a later one, have done so.
 */
export function overlapEnds(
  { version, deliveredAt = '' }: CredentialVersion,
  { versions }: Pick<Ledger, 'versions'>,
  spec: CustomCredentialSpec,
): number {
  const promised = Date.parse(deliveredAt) + minOverlap(spec)
  if (spec.rotation?.overlapEnds !== 'AfterRestarts') return promised
  const followed = versions.filter((later) => later.version >= version).flatMap(({ followedAt }) => followedAt ?? [])
  return Math.min(promised, ...followed.map((at) => Date.parse(at)))
}
