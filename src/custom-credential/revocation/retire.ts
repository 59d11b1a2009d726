import type { CredentialVersion, CustomCredentialSpec, UnresolvedCredential } from '../../api/generated.ts'
import { isShown, type Shown } from '../delivery/delivered.ts'
import type { Ledger } from '../ledger.ts'
import { concerns, isLocked, isRetiring, matches, owe, owedFor, withoutLiveIds } from '../obligations.ts'
import { overlapEnds } from './overlap.ts'
import { minOverlap } from '../schedule.ts'
import type { Snapshot } from '../snapshot.ts'

/** The versions in use, oldest first: those that are not owed a deletion. */
export const inUse = (ledger: Ledger): CredentialVersion[] =>
  ledger.versions.filter((version) => !isRetiring(ledger, version)).sort((a, b) => a.version - b.version)

/**
 * Once the newest version is delivered, it and the one before it stay; every older one is owed a deletion, though not
 * before its own successor has been with the consumers for `minOverlap`. A suspect version has perhaps been undone: it
 * takes no other's place. The rotation that displaced the version is the trigger.
 */
export function retireSuperseded(ledger: Ledger, spec: CustomCredentialSpec, now: number): Ledger {
  const versions = inUse(ledger)
  const newest = versions.at(-1)
  if (newest?.deliveredAt === undefined) return ledger
  const older = versions.slice(0, -1)
  const previous = older.findLast(({ suspect }) => suspect === undefined) ?? older.at(-1)
  const retired = older
    .filter((version) => version !== previous && !isLocked(ledger, version))
    .reduce(
      (result, version) => {
        const notBefore = new Date(overlapEnds(successorOf(version, versions) ?? newest, ledger, spec)).toISOString()
        const why = { reason: 'Superseded', since: new Date(now).toISOString() } as const
        const owed = { ...owedFor(version.taskId, version, why), credentialsId: version.credentialsId, notBefore }
        return owe(result, { ...owed, trigger: newest.trigger })
      },
      followed(ledger, spec),
    )
  return withSearches(withoutLiveIds(retired))
}

/** What is owed already need not be kept any longer than until all workloads have followed, where the spec says so. */
const followed = (ledger: Ledger, spec: CustomCredentialSpec): Ledger => ({
  ...ledger,
  unresolved: ledger.unresolved.map((owed) => {
    if (spec.rotation?.overlapEnds !== 'AfterRestarts' || owed.notBefore === undefined) return owed
    const version = ledger.versions.find((one) => concerns(owed, one))
    const successor = version && successorOf(version, inUse(ledger))
    const end = successor === undefined ? Infinity : overlapEnds(successor, ledger, spec)
    return end < Date.parse(owed.notBefore) ? { ...owed, notBefore: new Date(end).toISOString() } : owed
  }),
})

/**
 * A version whose payload was lost before consumers had it is of no use to anybody. One that they have had stays, also where
 * only a Secret tells that they have, for want of a status: it may be what they log in with.
 */
export function retireLost(ledger: Ledger, s: Pick<Snapshot, 'trouble' | 'now'> & Shown): Ledger {
  const newest = inUse(ledger).at(-1)
  if (newest === undefined || newest.deliveredAt !== undefined || newest.taskId !== s.trouble.delivery?.lost)
    return ledger
  if (isShown(s, newest.version)) return ledger
  const why = { reason: 'Undelivered', since: new Date(s.now).toISOString() } as const
  return withSearches(owe(ledger, { ...owedFor(newest.taskId, newest, why), credentialsId: newest.credentialsId }))
}

/** The version that consumers had before this one, while it is in use. */
export const before = ({ version }: CredentialVersion, ledger: Ledger): CredentialVersion | undefined =>
  inUse(ledger).findLast((other) => other.version < version && other.deliveredAt !== undefined)

/** The first version after this one that consumers could rely on. */
const successorOf = ({ version }: CredentialVersion, versions: readonly CredentialVersion[]) =>
  versions.find((other) => other.version > version && other.suspect === undefined && other.deliveredAt !== undefined)

/**
 * The credential is being deleted: all that is in use is owed a deletion at once. Where a version stays valid, its consumers
 * keep the time to follow it that they were promised.
 */
export function retireAll(
  ledger: Ledger,
  kept: CredentialVersion | undefined,
  s: Pick<Snapshot, 'credential' | 'now'>,
) {
  const since = new Date(s.now).toISOString()
  const soon = ledger.unresolved.map(({ notBefore: _overlap, ...owed }) => owed)
  const overlapMs = minOverlap(s.credential.spec)
  const hastened: Ledger = {
    ...ledger,
    unresolved: kept === undefined ? soon : ledger.unresolved.map(within(s.now + overlapMs)),
  }
  const follows = kept && overlapEnds({ ...kept, deliveredAt: kept.deliveredAt ?? since }, ledger, s.credential.spec)
  const notBefore = follows === undefined ? undefined : new Date(follows).toISOString()
  const retired = inUse(ledger)
    .filter((version) => version !== kept)
    .reduce((result, version) => {
      const owed = owedFor(version.taskId, version, { reason: 'CredentialDeleted', since })
      const { credentialsId } = version
      const trigger = 'secret_version_data_deletion'
      return owe(result, { ...owed, credentialsId, ...(notBefore !== undefined && { notBefore }), trigger })
    }, hastened)
  return withSearches(kept === undefined ? retired : withoutLiveIds(retired))
}

/** No overlap is longer than it is: one that ends later was noted by a clock that has been set back since. */
const within =
  (end: number) =>
  ({ notBefore, ...owed }: UnresolvedCredential): UnresolvedCredential =>
    notBefore === undefined
      ? owed
      : { ...owed, notBefore: new Date(Math.min(Date.parse(notBefore), end)).toISOString() }

/**
 * A version whose run had more than one pod is owed a `find` beside its own deletion, once it is not in use any more: by its
 * run's task ID, whatever is found goes, this version too. Before the first of the two is done, the version is there to tell.
 */
export function withSearches(ledger: Ledger): Ledger {
  return ledger.versions
    .filter(({ startedTwice }) => startedTwice === true)
    .reduce((result, { taskId, credentialsId }) => {
      const owed = ledger.unresolved.find((entry) => matches(entry, { originTaskId: taskId, credentialsId }))
      if (owed === undefined) return result
      const { credentialsId: _known, lastError: _its, nextAttemptTime: _own, ...rest } = owed
      return owe(result, { ...rest, reason: owed.reason === 'IdInUse' ? owed.reason : 'OutcomeUnknown', attempts: 0 })
    }, ledger)
}
