import type { Resolution } from '../../credentials-provider/resolve.ts'
import type { Ledger } from '../ledger.ts'
import { deliveryWaitEnds } from '../schedule.ts'
import type { Snapshot } from '../snapshot.ts'

/** Credentials that exist become the first version: nothing was made before them. */
export const awaitsAdoption = ({ credential }: Pick<Snapshot, 'credential'>, { nextVersion }: Ledger): boolean =>
  credential.spec.adopt !== undefined && nextVersion.number === 1

/**
 * Who adopts credentials has them deleted one day, whosever they are: the author of the provider decides whether anybody may.
 */
export function adoptable({ credential, provider }: Snapshot, resolution: Resolution): Resolution {
  const isFirst = (credential.status.nextVersion?.number ?? 1) === 1
  if (!resolution.ok || credential.spec.adopt === undefined || !isFirst) return resolution
  if (provider?.spec.capabilities?.includes('adopt')) return resolution
  const { kind, name } = credential.spec.providerRef
  const message = `${kind ?? 'CredentialsProvider'} "${name}" does not allow spec.adopt: "adopt" is not among its spec.capabilities.`
  return { ok: false, problem: { reason: 'AdoptionNotAllowed', message } }
}

/** Until when it is not tried again to adopt, in milliseconds since the epoch. For another spec nothing has failed yet. */
export function adoptionWaits({ credential, trouble: { adoption }, now }: Snapshot): number {
  if (adoption === undefined || adoption.generation !== credential.metadata.generation) return -Infinity
  return deliveryWaitEnds(adoption, now)
}
