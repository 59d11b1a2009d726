import type { Restart } from '../../api/generated.ts'
import type { Ledger } from '../ledger.ts'
import { overlapEnds } from '../revocation/overlap.ts'
import { formerTargetsOf } from './former-targets.ts'
import { of } from './restart.ts'
import { inUse } from '../revocation/retire.ts'
import { deliveryBackoff, deliveryWaitEnds } from '../schedule.ts'
import type { RolloutSeen, Snapshot } from '../snapshot.ts'

/** The restart targets whose rollout for the current version is to be looked at now, and when to look again. */
interface Looks {
  readonly due: readonly Restart[]
  /** Milliseconds since the epoch. */
  readonly wakeAt: number
}

/** Nothing is looked at but what may end an overlap that lasts. */
export function looksAtRollouts(s: Snapshot, ledger: Ledger): Looks {
  const waiting = awaited(s, ledger)
    .filter((seen) => !seen.isComplete)
    .map((seen) => ({ seen, at: deliveryWaitEnds(seen, s.now) }))
  return {
    due: waiting.filter(({ at }) => at <= s.now).map(({ seen: { kind, name, version } }) => ({ kind, name, version })),
    wakeAt: Math.min(...waiting.map(({ at }) => at)),
  }
}

/** Notes that all have followed, in one write. What one has done for another version counts for that one alone. */
export function withFollowers(ledger: Ledger, s: Snapshot): Ledger {
  const targets = awaited(s, ledger)
  if (targets.length === 0 || !targets.every(({ isComplete }) => isComplete)) return ledger
  const followedAt = new Date(s.now).toISOString()
  const versions = ledger.versions.map((one) => (one.version === targets[0]?.version ? { ...one, followedAt } : one))
  return { ...ledger, versions }
}

/** What is known of each restart target, once all have been rolled out for the current version; none where nobody asks. */
function awaited(s: Snapshot, ledger: Ledger): readonly RolloutSeen[] {
  const { spec, status } = s.credential
  const current = inUse(ledger).findLast(({ deliveredAt }) => deliveredAt !== undefined)
  if (spec.rotation?.overlapEnds !== 'AfterRestarts' || current?.deliveredAt === undefined) return []
  const { version, deliveredAt, followedAt } = current
  const isOver = followedAt !== undefined || overlapEnds(current, ledger, spec) <= s.now
  if (isOver || !ledger.versions.some((other) => other.version < version)) return []
  // Who reads a former target has followed to nothing, however often it was restarted.
  if (formerTargetsOf(s).length > 0) return []
  const targets = (spec.restartTargets ?? []).map((target) => of(status.restarts, target))
  // A rollout is not over in less.
  const begun = { tries: 1, retryAt: Date.parse(deliveredAt) + deliveryBackoff(1), isComplete: false }
  return targets.every((target) => target?.version === version)
    ? targets.flatMap((target) => {
        if (target === undefined) return []
        const seen = of(s.trouble.rollouts, target)
        return seen?.version === version ? seen : { ...target, ...begun }
      })
    : []
}
