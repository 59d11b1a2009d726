import type { CredentialVersion, UnresolvedCredential } from '../api/generated.ts'
import { lastOwnWrite } from '../kube/own-writes.ts'
import type { Ledger } from './ledger.ts'
import type { Snapshot } from './snapshot.ts'

/** So much may clocks differ. */
const TOLERANCE_MS = 60_000

/**
 * Brings back the dates that a clock has noted which was ahead and has been set right since. All that the status says has been
 * when the operator wrote it last, and that write the API server has dated: what is later, and lies ahead of us, is impossible.
 * That it lies ahead of us is not enough, for our clock may be behind: brought back by such a one, it would end overlaps early
 * once that is right again. Nor is it enough that it is later, for by a clock that stays ahead the overlap that it has
 * promised would be over. Where the API server's clock was ahead as well, dates stay as they are: too late rather than too early.
 */
export function withPossibleDates(ledger: Ledger, { credential, now }: Pick<Snapshot, 'credential' | 'now'>): Ledger {
  const written = lastOwnWrite(credential.metadata)
  if (written === -Infinity) return ledger
  // The API server has dated the runs of versions as well.
  const latest = Math.max(written, ...ledger.versions.map(({ issuedAfter }) => Date.parse(issuedAfter ?? '') || 0))
  const limit = Math.max(latest, now) + TOLERANCE_MS
  return broughtBack(ledger, (date = '') => (Date.parse(date) > limit ? Date.parse(date) - latest : 0))
}

/** `excess`: by how many milliseconds a date is impossible. */
function broughtBack(ledger: Ledger, excess: (date: string | undefined) => number): Ledger {
  const { nextVersion } = ledger
  const version = (one: CredentialVersion): CredentialVersion => ({
    ...one,
    // It lives as long as it was to.
    ...back({ createdAt: one.createdAt, expiresAt: one.expiresAt }, excess(one.createdAt)),
    ...back({ startedAt: one.startedAt }, excess(one.startedAt)),
    ...back({ deliveredAt: one.deliveredAt }, excess(one.deliveredAt)),
  })
  const owed = (one: UnresolvedCredential): UnresolvedCredential => ({
    ...one,
    ...back({ since: one.since, notBefore: one.notBefore }, excess(one.since)),
  })
  return {
    ...ledger,
    versions: ledger.versions.map(version),
    unresolved: ledger.unresolved.map(owed),
    nextVersion: {
      ...nextVersion,
      ...back({ cancelledAt: nextVersion.cancelledAt }, excess(nextVersion.cancelledAt)),
    },
  }
}

/** Those of the dates that are there, so much earlier; none where that is as they are. */
const back = (dates: Readonly<Record<string, string | undefined>>, ms: number): Record<string, string> =>
  Object.fromEntries(
    Object.entries(dates).flatMap(([name, date]) =>
      date === undefined || ms === 0 ? [] : [[name, new Date(Date.parse(date) - ms).toISOString()]],
    ),
  )
