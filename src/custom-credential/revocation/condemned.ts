import type { CredentialVersion, CustomCredentialSpec, UnresolvedCredential } from '../../api/generated.ts'
import type { Ledger } from '../ledger.ts'
import { concerns, owe, owedFor, withoutLiveIds } from '../obligations.ts'
import { overlapEnds } from './overlap.ts'
import { inUse, withSearches } from './retire.ts'
import type { Snapshot } from '../snapshot.ts'

type Facts = Pick<Snapshot, 'credential' | 'provider' | 'makers' | 'now'>

type RevokeMode = NonNullable<CustomCredentialSpec['revokeMode']>

/**
 * The moments before which everything is to be revoked, in this mode or in any: for this credential, and for all of the
 * version's provider.
 */
const momentsFor = (
  { provider: { uid } }: Pick<CredentialVersion, 'provider'>,
  { credential, provider, makers }: Facts,
  mode?: RevokeMode,
): number[] =>
  [credential.spec, [provider, ...makers].find((one) => one?.metadata.uid === uid)?.spec]
    .filter((spec) => mode === undefined || spec?.revokeMode === mode)
    .flatMap((spec) => spec?.revokeIssuedBefore ?? [])
    .map((moment) => Date.parse(moment))

/**
 * People no longer trust what was issued so early: it is replaced and then revoked, whatever windows, locks and suspension
 * say. A moment to come says nothing before it has come: everything is issued before it.
 */
type Issued = Pick<CredentialVersion, 'provider' | 'issuedAfter' | 'startedAt'>

export const isCondemned = (version: Issued, s: Facts, mode?: RevokeMode): boolean =>
  momentsFor(version, s, mode).some((moment) => condemnedFrom(version, moment) <= s.now)

/**
 * From when on the moment condemns the version; never, where it was issued later. Judged by the claim of its task, for it was
 * issued some time before its report, and by the Job's creation, which another clock has dated: that of the claim may have
 * been ahead. By as much as they differ the moment counts later, or a leader whose clock is ahead of it would go on replacing.
 */
export function condemnedFrom({ issuedAfter, startedAt }: Omit<Issued, 'provider'>, moment: number): number {
  if (startedAt === undefined) return moment
  const started = Date.parse(startedAt)
  const made = Date.parse(issuedAfter ?? startedAt)
  if (made > moment) return Infinity
  if (started < moment) return moment
  return made + CREATION_PRECISION_MS <= moment ? moment + started - made : Infinity
}

/** The API server dates in whole seconds, rounded down. */
const CREATION_PRECISION_MS = 1000

/** Condemned versions that consumers have a successor of, for as long as they are promised, are owed a deletion. */
export function retireCondemned(ledger: Ledger, s: Facts): Ledger {
  const since = new Date(s.now).toISOString()
  const retired = inUse(ledger)
    .filter((version) => isCondemned(version, s))
    .reduce((result, version) => {
      const notBefore = mayGoFrom(version, ledger, s)
      if (notBefore === undefined) return result
      const owed = owedFor(version.taskId, version, { reason: 'IssuedBefore', since })
      const { credentialsId } = version
      return owe(result, { ...owed, credentialsId, notBefore, trigger: 'secret_version_data_deletion' })
    }, ledger)
  return withSearches(withoutLiveIds(hastened(retired, s)))
}

/** What is owed already goes as early as the overlap allows that the spec promises by now. */
const hastened = (ledger: Ledger, s: Facts): Ledger => ({
  ...ledger,
  unresolved: ledger.unresolved.map((owed) => {
    const version = condemned(ledger, s).find((one) => concerns(owed, one))
    const end = version && mayGoFrom(version, ledger, s)
    return end !== undefined && owed.notBefore !== undefined && end < owed.notBefore
      ? { ...owed, notBefore: end }
      : owed
  }),
})

/** Until when consumers may follow the first good version after this one; undefined while there is none. */
function mayGoFrom({ version }: CredentialVersion, ledger: Ledger, s: Facts): string | undefined {
  const successor = inUse(ledger).find((other) => isGood(other, s) && other.version > version)
  return successor && new Date(overlapEnds(successor, ledger, s.credential.spec)).toISOString()
}

/** Consumers can rely on it from now on. */
const isGood = (version: CredentialVersion, s: Facts): boolean =>
  version.deliveredAt !== undefined && version.suspect === undefined && !isCondemned(version, s)

/** What is left to replace and to revoke. */
export const condemned = ({ versions }: Ledger, s: Facts): CredentialVersion[] =>
  versions.filter((version) => isCondemned(version, s))

/** What is owed for their sake, and what was owed by then: it was issued before, if it exists. */
export function owedForCondemned(ledger: Ledger, s: Facts): UnresolvedCredential[] {
  const left = condemned(ledger, s)
  return ledger.unresolved.filter((owed) => isOwedEarly(owed, s) || left.some((version) => concerns(owed, version)))
}

/** It was owed before a moment that has come. */
export const isOwedEarly = (owed: UnresolvedCredential, s: Facts, mode?: RevokeMode): boolean =>
  momentsFor(owed, s, mode).some((moment) => moment <= s.now && Date.parse(owed.since) < moment)

/** From when on the versions are condemned that a moment that has come speaks of, by their numbers. */
export const doomed = ({ versions }: Ledger, s: Facts): ReadonlyMap<number, number> =>
  new Map(
    versions.flatMap((version) => {
      const from = Math.min(
        ...momentsFor(version, s)
          .filter((moment) => moment <= s.now)
          .map((moment) => condemnedFrom(version, moment)),
      )
      return from < Infinity ? [[version.version, from] as const] : []
    }),
  )

/** The next moment that is still to come, in milliseconds since the epoch. */
export const momentToCome = ({ versions }: Ledger, s: Facts): number =>
  Math.min(...versions.flatMap((version) => momentsFor(version, s)).filter((moment) => moment > s.now))

/** When the next moment comes, or condemns a version by a clock that was ahead, in milliseconds since the epoch. */
export const condemnationWake = ({ versions }: Ledger, s: Facts): number =>
  Math.min(
    ...versions
      .flatMap((version) => momentsFor(version, s).flatMap((moment) => [moment, condemnedFrom(version, moment)]))
      .filter((moment) => moment > s.now),
  )
