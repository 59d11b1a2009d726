import type { TaskTrigger } from '../api/generated.ts'
import { finalizer } from '../api/labels.ts'
import { type Resolution, resolve, type Run } from '../credentials-provider/resolve.ts'
import { kitName } from '../custody/kit.ts'
import { strandedWake } from '../secret-task/run-facts.ts'
import type { Action, Decision } from './actions.ts'
import { adoptable, adoptionWaits, awaitsAdoption } from './creation/adoption.ts'
import { causeOfCreation } from './creation/cause.ts'
import { condemnationWake } from './revocation/condemned.ts'
import { feasible } from './creation/feasible.ts'
import { dueCopies, spentCopies, supplied } from './creation/input-secrets.ts'
import { dueDelivery } from './delivery/due-delivery.ts'
import { formerTargets, isStillShown } from './delivery/former-targets.ts'
import { expiryWake, withExpiry } from './revocation/expiry.ts'
import { exposedSettle, owedForExposed, revokeExposed } from './revocation/exposed.ts'
import type { Ledger } from './ledger.ts'
import { spentRecords } from './revocation/history.ts'
import { noticeWake, withNotices } from './status/notices.ts'
import { creation } from './creation/orders.ts'
import { restartsOf } from './delivery/restart.ts'
import { inUse, retireLost } from './revocation/retire.ts'
import { creationWaits } from './creation/retries.ts'
import { looksAtRollouts, withFollowers } from './delivery/rollouts.ts'
import { rotationDue } from './creation/rotation.ts'
import type { Snapshot } from './snapshot.ts'
import { statusOf } from './status/status.ts'
import { handOver, isOpen, type Next, nextDeletion, payloadsOf, releases, spentPayloads } from './steps.ts'
import { storiesOf } from './status/stories.ts'
import { isHalted, owedNow } from './suspension.ts'

/** The credential is to exist: deliver the newest version, retire what is superseded, start at most one task. */
export function keep(s: Snapshot, accounted: Ledger): Decision {
  const outputs = s.provider?.spec.schema.credentials
  const resolution = adoptable(
    s,
    supplied(feasible(resolve(s.credential, s.provider, s.namespace), s.credential.spec, outputs), s),
  )
  const delivery = dueDelivery(s, withFollowers(retireLost(revokeExposed(withExpiry(accounted, s), s), s), s))
  const { ledger: kept, lost } = handOver(s, delivery.ledger)
  const ledger = withNotices(kept, s)
  const isDelivered = delivery.actions.length > 0
  const restarts = restartsOf(s, ledger, { isDelivered })
  const formers = formerTargets(s, ledger, { isDelivered })
  const status = statusOf(s, ledger, { resolution, restarts, formers })
  const spentKits = unneededKits(s, { ...ledger, unresolved: [...ledger.unresolved, ...lost] }, resolution)
  const next = nextTask(s, ledger, { resolution, trigger: causeOfCreation(s, ledger, status.lastHandledRotateRequest) })
  const prepare: Action[] = [
    ...spentPayloads(s, delivery.ledger),
    ...delivery.actions,
    ...formers.due.map((former) => ({ kind: 'removeFormer', former, once: status.currentVersion }) as const),
    ...lost.map((owed) => ({ kind: 'recordOrphan', owed }) as const),
    ...restarts.due.map((restart) => ({ kind: 'restart', restart }) as const),
  ]
  const looks = looksAtRollouts(s, ledger)
  const copies = dueCopies(s).map((secret) => ({ kind: 'copyInput', secret }) as const)
  const isCreation = next.actions.some(
    (action) => action.kind === 'createTask' && action.order.spec.type === 'create_credentials',
  )
  return {
    // By itself: with what a look tells all that follows is decided anew.
    prepare: prepare.length > 0 ? prepare : looks.due.map((restart) => ({ kind: 'lookAtRollout', restart })),
    status,
    release: [
      ...payloadsOf(s, lost),
      // Before a creation, whose deletion may need it: by then the Secret may be gone. No deletion waits for a copy that fails.
      ...(isCreation ? copies : []),
      ...next.actions,
      ...releases(s, ledger),
      ...(isCreation ? [] : copies),
      ...spentRecords(s, ledger),
      ...[...spentKits, ...spentCopies(s, spentKits)].map((name) => ({ kind: 'removeFromCustody', name }) as const),
    ],
    wakeAt: Math.min(
      next.wakeAt,
      delivery.wakeAt,
      formers.wakeAt,
      restarts.wakeAt,
      looks.wakeAt,
      rotationWake(s, ledger),
      expiryWake(ledger, s),
      noticeWake(ledger, s),
      condemnationWake(ledger, s),
      strandedWake(s.runs, s.now),
    ),
    stories: [...storiesOf(s.credential.status, status, lost), ...delivery.stories],
  }
}

/**
 * At most one task of a credential is open at any time; making a due version goes before revoking an old one, but for what
 * is to be revoked at once.
 */
function nextTask(
  s: Snapshot,
  ledger: Ledger,
  { resolution, trigger }: { resolution: Resolution; trigger: TaskTrigger | undefined },
): Next {
  if (s.tasks.some(isOpen)) return { actions: [], wakeAt: Infinity }
  const urgent = nextDeletion(s, { ...ledger, unresolved: owedForExposed(ledger, s) })
  if (urgent.actions.length > 0) return urgent
  const isReplaced = inUse(ledger).some(({ deliveredAt }) => deliveredAt !== undefined)
  const free = owedNow(s, ledger).filter(({ version }) => !isReplaced || !isStillShown(s, version))
  const deletions = nextDeletion(s, { ...ledger, unresolved: free })
  if (trigger === undefined || isHalted(s, ledger) || !resolution.ok) return deletions
  const settles = exposedSettle(ledger, s)
  if (settles > s.now) return { actions: [], wakeAt: settles }
  const waits = awaitsAdoption(s, ledger) ? adoptionWaits(s) : creationWaits(s, ledger)
  if (waits > s.now) return { ...deletions, wakeAt: Math.min(waits, deletions.wakeAt) }
  return { actions: beginning(s, ledger, { trigger, run: resolution.run }), wakeAt: Infinity }
}

/** Nothing comes to exist, or becomes ours, before our finalizer holds the object and its revocation kit lies in custody. */
function beginning(s: Snapshot, ledger: Ledger, { trigger, run }: { trigger: TaskTrigger; run: Run }): Action[] {
  const held = s.credential.metadata.finalizers?.includes(finalizer.revocation) ?? false
  const kit = kitName(s.credential.metadata.uid, run)
  return [
    ...(held ? [] : [{ kind: 'addFinalizer' } as const]),
    ...(s.custody.some(({ name }) => name === kit) ? [] : [{ kind: 'storeKit', run } as const]),
    awaitsAdoption(s, ledger)
      ? { kind: 'adopt', run, kit }
      : { kind: 'createTask', order: creation(s, ledger, { trigger, run }) },
  ]
}

/** Kits of provider generations and parameters that nothing refers to any more. */
function unneededKits(s: Snapshot, ledger: Ledger, resolution: Resolution): string[] {
  const needed = new Set([
    ...ledger.versions.map(({ kit }) => kit),
    ...ledger.unresolved.map(({ kit }) => kit),
    ...s.tasks.filter(isOpen).map(({ spec }) => spec.kit),
    ...s.runs.filter(({ held }) => held).map(({ spec }) => spec.kit),
    ...s.orphans.map(({ spec }) => spec.kit),
  ])
  const unneeded = s.custody.filter(({ custody, name }) => custody === 'revocation-kit' && !needed.has(name))
  if (unneeded.length === 0) return []
  const next = resolution.ok ? kitName(s.credential.metadata.uid, resolution.run) : undefined
  return unneeded.map(({ name }) => name).filter((name) => name !== next)
}

function rotationWake(s: Snapshot, ledger: Ledger): number {
  const newest = inUse(ledger).at(-1)
  const due = newest === undefined ? Infinity : rotationDue(s.credential, newest, s.now)
  return due > s.now ? due : Infinity
}
