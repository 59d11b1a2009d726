import type { CredentialVersion, UnresolvedCredential } from '../../api/generated.ts'
import { isCondemned, isOwedEarly } from './condemned.ts'
import { deletionDue } from '../creation/orders.ts'
import type { Ledger } from '../ledger.ts'
import { concerns, owe, owedFor, withoutLiveIds } from '../obligations.ts'
import { later, waitEnds } from '../schedule.ts'
import { withSearches } from './retire.ts'
import type { Snapshot } from '../snapshot.ts'

/**
 * Versions that others are using by now (`revokeMode: Immediate`): they go at once, whoever has them. With each goes what its
 * provider issued before it, though another clock has dated that later: nobody is put back on it.
 */
export function exposed({ versions }: Pick<Ledger, 'versions'>, s: Snapshot): CredentialVersion[] {
  const named = versions.filter((version) => isCondemned(version, s, 'Immediate'))
  return versions.filter(({ version, provider }) =>
    named.some((other) => other.version >= version && other.provider.uid === provider.uid),
  )
}

/** They are owed a deletion, and no overlap, lock or missing successor puts it off. */
export function revokeExposed(ledger: Ledger, s: Snapshot): Ledger {
  const gone = exposed(ledger, s)
  if (gone.length === 0) return ledger
  const since = new Date(s.now).toISOString()
  const soon = ledger.unresolved.map((owed) => {
    const { notBefore: _overlap, ...hastened } = owed
    return gone.some((version) => concerns(owed, version)) ? hastened : owed
  })
  const owing = gone.reduce<Ledger>(
    (result, version) => {
      const owed = owedFor(version.taskId, version, { reason: 'IssuedBefore', since })
      const { credentialsId } = version
      return owe(result, { ...owed, credentialsId, trigger: 'secret_version_data_deletion' })
    },
    { ...ledger, unresolved: soon },
  )
  return withSearches(withoutLiveIds(owing))
}

/** What is owed for their sake, and what was owed by then: all of it goes before anything is made. */
export function owedForExposed(ledger: Ledger, s: Snapshot): UnresolvedCredential[] {
  const gone = exposed(ledger, s)
  return ledger.unresolved.filter(
    (owed) => isOwedEarly(owed, s, 'Immediate') || gone.some((version) => concerns(owed, version)),
  )
}

/** From a report to the end of its run, as its Job tells it: the API server dates, the kubelet and the Job controller lag. */
const SETTLING_MS = 60_000

/**
 * Until when nothing is made for their sake, in milliseconds since the epoch: a run that has just reported is about to end,
 * and a creation that came first would hold up the deletion for as long as it takes. One that goes on is not waited for.
 */
export const exposedSettle = (ledger: Ledger, s: Snapshot): number =>
  Math.max(
    ...exposed(ledger, s)
      .filter((version) =>
        ledger.unresolved.some((owed) => concerns(owed, version) && deletionDue(owed, s) === Infinity),
      )
      .map(({ createdAt }) => waitEnds(later(createdAt, SETTLING_MS), SETTLING_MS, s.now)),
  )
