import type { CredentialVersion } from '../../api/generated.ts'
import type { Action, Story } from '../actions.ts'
import { retireCondemned } from '../revocation/condemned.ts'
import { isEdited, repairWaits } from './drift.ts'
import { isAnnounced, isMoving, isReturning } from './former-targets.ts'
import { retireExpired } from '../revocation/expiry.ts'
import type { Ledger } from '../ledger.ts'
import { renditionOf } from './rendition.ts'
import { before, inUse, retireSuperseded } from '../revocation/retire.ts'
import { deliveryWaitEnds } from '../schedule.ts'
import type { Snapshot } from '../snapshot.ts'
import { targetName } from './target.ts'
import { targetProblem } from './target-problem.ts'

interface Delivery {
  readonly ledger: Ledger
  readonly actions: readonly Action[]
  readonly stories: readonly Story[]
  readonly wakeAt: number
}

const none = (ledger: Ledger, wakeAt = Infinity): Delivery => ({ ledger, actions: [], stories: [], wakeAt })

/**
 * The target shows the newest version as the spec wants it, and older ones are retired for it. A delivery that failed is
 * tried again when its time has come.
 */
export function dueDelivery(s: Snapshot, ledger: Ledger): Delivery {
  const newest = inUse(ledger).at(-1)
  if (newest === undefined) return none(retire(s, ledger))
  const waits = deliveryWaits(s, newest.version)
  const isWaiting = waits > s.now
  const delivered: CredentialVersion = { ...newest, deliveredAt: newest.deliveredAt ?? new Date(s.now).toISOString() }
  const versions = ledger.versions.map((version) => (version === newest && !isWaiting ? delivered : version))
  const retired = retire(s, { ...ledger, versions })
  // What is retired now is no previous version any more: it leaves the Secret before its deletion is ordered.
  const previous = before(newest, retired)
  const there = s.target !== undefined && s.target.version === newest.version && isRendered(s, previous)
  const repairs = newest.deliveredAt !== undefined && there
  if (repairs && !isEdited(s, newest)) return none(retired)
  const until = repairs ? Math.max(waits, repairWaits(s)) : waits
  if (until > s.now) return none(retired, until)
  const actions = [{ kind: 'deliver', version: delivered, previous, repairs }] as const
  return { ...none(retired), actions, stories: repairs || isGone(s, newest) ? [repaired(s, newest)] : [] }
}

/** Consumers had it there, and it was not the spec that has taken it away. */
const isGone = ({ credential, target }: Snapshot, { deliveredAt }: CredentialVersion): boolean =>
  target === undefined && deliveredAt !== undefined && !isMoving(credential.status.formerTargets ?? [])

/**
 * Until when no delivery is tried. Where the spec asks for what can not be made, a Secret that shows the version stays as it
 * is; where none does, what was reported may fit all the same. Of another spec nothing has failed yet.
 */
function deliveryWaits(s: Snapshot, version: number): number {
  const { credential, provider, target, trouble, now } = s
  const { metadata, spec } = credential
  const { delivery } = trouble
  if (!isAnnounced(s)) return Infinity
  const isShown = target?.version === version
  if (isShown && targetProblem(spec.target, provider?.spec.schema.credentials) !== undefined) return Infinity
  if (delivery === undefined || (delivery.generation ?? metadata.generation) !== metadata.generation) return -Infinity
  return deliveryWaitEnds(delivery, now)
}

const isRendered = ({ credential, target }: Snapshot, previous: CredentialVersion | undefined): boolean =>
  target?.rendition === renditionOf(credential.spec.target, previous?.version) && !isReturning({ credential })

const retire = (s: Snapshot, ledger: Ledger): Ledger =>
  retireExpired(retireCondemned(retireSuperseded(ledger, s.credential.spec, s.now), s), s)

const repaired = (s: Snapshot, { version }: CredentialVersion): Story => ({
  type: 'Warning',
  reason: 'Repaired',
  note: `Secret "${targetName(s)}" was ${s.target === undefined ? 'gone' : 'edited by somebody'}: it holds version ${version} again.`,
})
