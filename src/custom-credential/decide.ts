import type { CredentialVersion, TaskTrigger, UnresolvedCredential } from '../api/generated.ts'
import { finalizer } from '../api/labels.ts'
import { type Resolution, resolve } from '../credentials-provider/resolve.ts'
import { kitName } from '../custody/kit.ts'
import type { Action, Decision } from './actions.ts'
import { causeOfCreation } from './cause.ts'
import { fold, isAccounted, type Ledger, openLedger, wasDeletedBy } from './ledger.ts'
import { creation, deletion, deletionDue, findable } from './orders.ts'
import { inUse, retireSuperseded } from './retire.ts'
import { rotationDue } from './schedule.ts'
import type { RunFacts, Snapshot } from './snapshot.ts'
import { statusOf } from './status.ts'
import { storiesOf } from './stories.ts'
import { windDown } from './wind-down.ts'

/**
 * What to do about a credential. Total and pure: everything that it depends on is in the snapshot.
 *
 *   account for evidence -> deliver the newest version -> retire what is superseded -> start at most one task
 */
export function decide(s: Snapshot): Decision {
  const ledger = fold(openLedger(s.credential.status), s, s.now)
  return s.credential.metadata.deletionTimestamp === undefined ? keep(s, ledger) : windDown(s, ledger)
}

function keep(s: Snapshot, accounted: Ledger): Decision {
  const resolution = resolve(s.credential, s.provider, s.namespace)
  const delivery = deliver(s, accounted)
  const { ledger, lost } = handOver(s, retireSuperseded(delivery.ledger, s.credential.spec, s.now))
  const status = statusOf(s, ledger, resolution)
  const next = nextTask(s, ledger, { resolution, trigger: causeOfCreation(s, ledger, status.lastHandledRotateRequest) })
  return {
    prepare: [
      ...spentPayloads(s),
      ...delivery.actions,
      ...lost.map((owed) => ({ kind: 'recordOrphan', owed }) as const),
    ],
    status,
    release: [
      ...next.actions,
      ...releases(s, ledger),
      ...unneededKits(s, { ...ledger, unresolved: [...ledger.unresolved, ...lost] }, resolution),
    ],
    wakeAt: Math.min(next.wakeAt, delivery.wakeAt, rotationWake(s, ledger)),
    stories: storiesOf(s.credential.status, status),
  }
}

/** The target shows the newest version; a delivery that failed is tried again when its time has come. */
function deliver(s: Snapshot, ledger: Ledger): { ledger: Ledger; actions: Action[]; wakeAt: number } {
  const newest = inUse(ledger).at(-1)
  const there = s.target?.ours === true && s.target.version === newest?.version
  if (newest === undefined || (newest.deliveredAt !== undefined && there))
    return { ledger, actions: [], wakeAt: Infinity }
  const retryAt = s.trouble.delivery?.retryAt ?? -Infinity
  if (retryAt > s.now) return { ledger, actions: [], wakeAt: retryAt }
  const delivered: CredentialVersion = { ...newest, deliveredAt: newest.deliveredAt ?? new Date(s.now).toISOString() }
  return {
    ledger: { ...ledger, versions: ledger.versions.map((version) => (version === newest ? delivered : version)) },
    actions: [{ kind: 'deliver', version: delivered }],
    wakeAt: Infinity,
  }
}

/** A run whose outcome is unknown, at a provider that cannot find what it made, is lost to us: a person has to look. */
export function handOver(s: Snapshot, ledger: Ledger): { ledger: Ledger; lost: UnresolvedCredential[] } {
  const lost = ledger.unresolved.filter((owed) => !findable(owed, s) && deletionDue(owed, s.runs) < Infinity)
  return { ledger: { ...ledger, unresolved: ledger.unresolved.filter((owed) => !lost.includes(owed)) }, lost }
}

interface Next {
  readonly actions: readonly Action[]
  readonly wakeAt: number
}

/** At most one task of a credential is open at any time; making a due version goes before revoking an old one. */
function nextTask(
  s: Snapshot,
  ledger: Ledger,
  { resolution, trigger }: { resolution: Resolution; trigger: TaskTrigger | undefined },
): Next {
  if (s.tasks.some(isOpen)) return { actions: [], wakeAt: Infinity }
  const deletions = nextDeletion(s, ledger)
  if (trigger === undefined || !resolution.ok) return deletions
  const retryAt = ledger.nextVersion.nextAttemptTime
  const waits = retryAt !== undefined && isObserved(s) ? Date.parse(retryAt) : -Infinity
  if (waits > s.now) return { ...deletions, wakeAt: Math.min(waits, deletions.wakeAt) }
  const { run } = resolution
  const order = creation(s, ledger, { trigger, run })
  const held = s.credential.metadata.finalizers?.includes(finalizer.revocation) ?? false
  return {
    actions: [
      ...(held ? [] : [{ kind: 'addFinalizer' } as const]),
      ...(s.custody.some(({ name }) => name === order.spec.kit) ? [] : [{ kind: 'storeKit', run } as const]),
      { kind: 'createTask', order },
    ],
    wakeAt: Infinity,
  }
}

/** A change of the spec is a reason to try again at once. */
const isObserved = ({ credential }: Snapshot): boolean =>
  credential.status.observedGeneration === credential.metadata.generation

export const isOpen = ({ status }: Snapshot['tasks'][number]): boolean =>
  status.state === 'queued' || status.state === 'processing'

export function nextDeletion(s: Snapshot, ledger: Ledger): Next {
  const due = ledger.unresolved.filter((owed) => findable(owed, s))
  const first = due.find((owed) => deletionDue(owed, s.runs) <= s.now)
  if (first) return { actions: [{ kind: 'createTask', order: deletion(s, first) }], wakeAt: Infinity }
  return { actions: [], wakeAt: Math.min(...due.map((owed) => deletionDue(owed, s.runs))) }
}

/** Payloads whose credential was deleted upstream. They go before the status forgets that it was owed. */
export const spentPayloads = (s: Snapshot): Action[] =>
  s.custody
    .filter((secret) => secret.custody === 'version' && s.tasks.some((task) => wasDeletedBy(task, secret)))
    .map(({ name }) => ({ kind: 'removeFromCustody', name }))

/** Kits of provider generations and parameters that nothing refers to any more. */
function unneededKits(s: Snapshot, ledger: Ledger, resolution: Resolution): Action[] {
  const needed = new Set([
    ...ledger.versions.map(({ kit }) => kit),
    ...ledger.unresolved.map(({ kit }) => kit),
    ...s.tasks.filter(isOpen).map(({ spec }) => spec.kit),
    ...s.runs.filter(({ held }) => held).map(({ spec }) => spec.kit),
    ...s.orphans.map(({ spec }) => spec.kit),
    ...(resolution.ok ? [kitName(s.credential.metadata.uid, resolution.run)] : []),
  ])
  return s.custody
    .filter(({ custody, name }) => custody === 'revocation-kit' && !needed.has(name))
    .map(({ name }) => ({ kind: 'removeFromCustody', name }))
}

/** What the status now accounts for is let go; what has lost its task is stopped first. */
export function releases(s: Snapshot, ledger: Ledger): Action[] {
  const held = s.runs.filter((run) => run.held)
  const strays = held.filter((run) => !run.ended && !s.tasks.some(({ metadata }) => metadata.uid === run.taskUid))
  const recorded = held.filter((run) => run.ended && isRecorded(run, ledger))
  const running = new Set(s.tasks.filter(isOpen).map(({ metadata }) => metadata.name))
  const refusals = s.custody.filter(({ custody, taskId = '' }) => custody === 'refused-report' && !running.has(taskId))
  return [
    ...strays.map((run) => ({ kind: 'stopJob', run }) as const),
    ...recorded.map((run) => ({ kind: 'releaseJob', run }) as const),
    ...refusals.map(({ name }) => ({ kind: 'removeFromCustody', name }) as const),
  ]
}

function isRecorded({ spec }: RunFacts, ledger: Ledger): boolean {
  if (spec.type === 'create_credentials') return isAccounted(ledger, spec)
  const owed = ledger.unresolved.find(
    ({ originTaskId, credentialsId }) => originTaskId === spec.originTaskId && credentialsId === spec.credentialsId,
  )
  return owed === undefined || owed.attempts >= spec.attempt
}

function rotationWake(s: Snapshot, ledger: Ledger): number {
  const newest = inUse(ledger).at(-1)
  const due = newest === undefined ? Infinity : rotationDue(s.credential.spec, newest.createdAt)
  return due > s.now ? due : Infinity
}
