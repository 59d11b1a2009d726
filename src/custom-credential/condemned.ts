import type { CredentialVersion } from '../api/generated.ts'
import type { Ledger } from './ledger.ts'
import { owe, owedFor, withoutLiveIds } from './obligations.ts'
import { inUse, withSearches } from './retire.ts'
import { minOverlap } from './schedule.ts'
import type { Snapshot } from './snapshot.ts'

type Facts = Pick<Snapshot, 'credential' | 'provider' | 'now'>

/** The moments before which everything is to be revoked: for this credential, and for all of its provider. */
const momentsFor = ({ provider: maker }: CredentialVersion, { credential, provider }: Facts): number[] =>
  [
    credential.spec.revokeIssuedBefore,
    maker.uid === provider?.metadata.uid ? provider.spec.revokeIssuedBefore : undefined,
  ]
    .filter((moment) => moment !== undefined)
    .map((moment) => Date.parse(moment))

/**
 * People no longer trust what was issued so early: it is replaced and then revoked, whatever windows, locks and suspension
 * say. A moment to come says nothing before it has come: everything is issued before it.
 */
export const isCondemned = (version: CredentialVersion, s: Facts): boolean =>
  momentsFor(version, s).some((moment) => moment <= s.now && Date.parse(version.createdAt) < moment)

/** Condemned versions that consumers have a successor of, for as long as they are promised, are owed a deletion. */
export function retireCondemned(ledger: Ledger, s: Facts): Ledger {
  const versions = inUse(ledger)
  const successor = versions.find(
    (version) => version.deliveredAt !== undefined && version.suspect === undefined && !isCondemned(version, s),
  )
  if (successor?.deliveredAt === undefined) return ledger
  const notBefore = new Date(Date.parse(successor.deliveredAt) + minOverlap(s.credential.spec)).toISOString()
  const since = new Date(s.now).toISOString()
  const retired = versions
    .filter((version) => version.version < successor.version && isCondemned(version, s))
    .reduce((result, version) => {
      const owed = owedFor(version.taskId, version, { reason: 'IssuedBefore', since })
      const { credentialsId } = version
      return owe(result, { ...owed, credentialsId, notBefore, trigger: 'secret_version_data_deletion' })
    }, ledger)
  return withSearches(withoutLiveIds(retired))
}

/** What is left to replace and to revoke, by version. */
export const condemned = (ledger: Ledger, s: Facts): number[] => [
  ...inUse(ledger)
    .filter((version) => isCondemned(version, s))
    .map(({ version }) => version),
  ...ledger.unresolved.filter(({ reason }) => reason === 'IssuedBefore').map(({ version }) => version),
]

/** When a moment that is still to come has come, in milliseconds since the epoch. */
export const condemnationWake = (ledger: Ledger, s: Facts): number =>
  Math.min(
    ...inUse(ledger)
      .flatMap((version) => momentsFor(version, s))
      .filter((moment) => moment > s.now),
  )
