import type { Restart, RestartTarget } from '../../api/generated.ts'
import type { Ledger } from '../ledger.ts'
import { inUse } from '../revocation/retire.ts'
import { deliveryWaitEnds } from '../schedule.ts'
import type { RestartTrouble, Snapshot } from '../snapshot.ts'

/** How far the restart targets have followed, and what is done about those that have not. */
export interface Restarts {
  /** For the status, once all that is due has been done. */
  readonly entries: readonly Restart[]
  /** To be rolled out now, each for this version. */
  readonly due: readonly Restart[]
  /** What keeps the others that are behind from following. */
  readonly failing: readonly RestartTrouble[]
  readonly wakeAt: number
}

/**
 * A target is rolled out when the version that it stands at in the status is older than the one that consumers can read. One
 * that the status does not name yet stands at the version that was current before this decision, or, where there was none, at
 * the first. The status is written after the rollouts, so that after a crash in between they are still due.
 */
export function restartsOf(s: Snapshot, ledger: Ledger, { isDelivered }: { readonly isDelivered: boolean }): Restarts {
  const { spec, status } = s.credential
  const current = inUse(ledger).findLast(({ deliveredAt }) => deliveredAt !== undefined)?.version
  const beginning = status.currentVersion ?? current
  const known = (spec.restartTargets ?? []).flatMap(({ kind, name }): Restart[] => {
    const version = of(status.restarts, { kind, name })?.version ?? beginning
    return version === undefined ? [] : [{ kind, name, version }]
  })
  const isReadable = current !== undefined && (isDelivered || s.target?.version === current)
  const behind = isReadable ? known.filter(({ version }) => version < current) : []
  const failing = behind
    .flatMap((target) => of(s.trouble.restarts, target) ?? [])
    .filter((trouble) => deliveryWaitEnds(trouble, s.now) > s.now)
  const due = behind
    .filter((target) => of(failing, target) === undefined)
    .map((target) => ({ ...target, version: current ?? target.version }))
  return {
    entries: known.map((target) => of(due, target) ?? target),
    due,
    failing,
    wakeAt: Math.min(...failing.map(({ retryAt }) => retryAt)),
  }
}

/** The one that is about this target. */
export const of = <T extends RestartTarget>(all: readonly T[] = [], { kind, name }: RestartTarget): T | undefined =>
  all.find((one) => one.kind === kind && one.name === name)
