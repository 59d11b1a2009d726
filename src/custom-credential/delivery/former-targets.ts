import type { FormerTarget } from '../../api/generated.ts'
import type { Ledger } from '../ledger.ts'
import { inUse } from '../revocation/retire.ts'
import { deliveryWaitEnds, minOverlap } from '../schedule.ts'
import type { Snapshot } from '../snapshot.ts'
import { targetName } from './target.ts'

/** What becomes of the Secrets that were the target before `spec.target.name` changed. */
export interface FormerTargets {
  /** For the status, once all that is due has been done. */
  readonly entries: readonly FormerTarget[]
  /** To be removed now: consumers have the current version in the Secret that took their place, and had time to follow. */
  readonly due: readonly FormerTarget[]
  /** Milliseconds since the epoch. */
  readonly wakeAt: number
}

type Named = Pick<Snapshot, 'credential'>

const recorded = ({ credential }: Named): readonly FormerTarget[] => credential.status.formerTargets ?? []

/**
 * The status names the Secret that the spec wants, and accounts for the one before. Nothing is written to it earlier: in a
 * crash, followed by another rename, nobody would know of it.
 */
export const isAnnounced = (s: Named): boolean => (s.credential.status.target?.name ?? targetName(s)) === targetName(s)

/**
 * The spec has come back to a former name. That Secret is written anew before it counts, so that a removal that a dead
 * process has sent no longer fits it.
 */
export const isReturning = (s: Named): boolean => recorded(s).some(({ name }) => name === targetName(s))

/** The current version is still on its way to the Secret of another name. */
export const isMoving = (entries: readonly FormerTarget[]): boolean =>
  entries.some(({ removeAfter }) => removeAfter === undefined)

/**
 * All of them: those of the status; the one whose name it is about to forget; and what comes to light later, since a request
 * of a dead process may come late. Of a copy that somebody has made nothing is known but that it is one.
 */
export function formerTargetsOf(s: Pick<Snapshot, 'credential' | 'formers'>): FormerTarget[] {
  const known = recorded(s)
  const former = s.credential.status.target?.name
  const found = s.formers.filter(
    ({ name, uid, isMade }) => (isMade || name === former) && !known.some((one) => one.uid === uid),
  )
  return [...known, ...found.map(({ name, uid }) => ({ name, uid }))].slice(0, MOST)
}

/** So many the status has room for. Another rename is refused long before. */
const MOST = 32

export function formerTargets(
  s: Snapshot,
  ledger: Ledger,
  { isDelivered }: { readonly isDelivered: boolean },
): FormerTargets {
  const all = formerTargetsOf(s)
  const current = inUse(ledger).findLast(({ deliveredAt }) => deliveredAt !== undefined)?.version
  const isThere = isAnnounced(s) && !isReturning(s) && current !== undefined && s.target?.version === current
  if (!isThere && !isDelivered) return { entries: all, due: [], wakeAt: Infinity }
  // No overlap is longer than it is: one that ends later was noted by a clock that has been set back since.
  const end = new Date(s.now + minOverlap(s.credential.spec)).toISOString()
  const entries = all
    .filter(({ name }) => name !== targetName(s))
    .map(({ removeAfter = end, ...former }) => ({ ...former, removeAfter: removeAfter < end ? removeAfter : end }))
  // Only what the status has told of: in a crash the next process knows it, too.
  const due = isThere ? recorded(s).filter((former) => removalDue(former, s) <= s.now) : []
  return {
    entries: entries.filter(({ uid }) => !due.some((former) => former.uid === uid)),
    due,
    wakeAt: Math.min(...entries.map((former) => removalDue(former, s)).filter((at) => at > s.now)),
  }
}

function removalDue({ uid, removeAfter }: FormerTarget, { trouble, now }: Snapshot): number {
  const refusal = trouble.removals?.find((one) => one.uid === uid)
  const waits = refusal === undefined ? -Infinity : deliveryWaitEnds(refusal, now)
  return removeAfter === undefined ? Infinity : Math.max(Date.parse(removeAfter), waits)
}

/** A former target shows the version, and nothing but time holds up its removal. */
export function isStillShown(s: Snapshot, version: number): boolean {
  const refused = new Set(s.trouble.removals?.map(({ uid }) => uid))
  const formers = formerTargetsOf(s).filter(({ uid }) => !refused.has(uid))
  return formers.some(({ uid }) => s.formers.some((former) => former.uid === uid && former.version === version))
}
