import type { CredentialVersion, FormerTarget, SecretTask, UnresolvedCredential } from '../api/generated.ts'
import { CustodyKind } from '../api/labels.ts'
import { strandedWake } from '../secret-task/run-facts.ts'
import type { Action, Decision } from './actions.ts'
import { formerTargetsOf } from './delivery/former-targets.ts'
import { targetName } from './delivery/target.ts'
import type { Ledger } from './ledger.ts'
import { revokeExposed } from './revocation/exposed.ts'
import { remembered, retained } from './revocation/retention.ts'
import { retireAll } from './revocation/retire.ts'
import { handOverAt } from './schedule.ts'
import type { Snapshot } from './snapshot.ts'
import { deletingStatus } from './status/status.ts'
import { handOver, isOpen, isRecorded, nextDeletion, payloadsOf, releases, spentPayloads } from './steps.ts'
import { storiesOf } from './status/stories.ts'

/**
 * The credential is being deleted: everything that exists upstream is revoked, or handed over to a durable
 * OrphanedCredential, before the finalizer goes.
 */
export function windDown(all: Snapshot, accounted: Ledger): Decision {
  const calledOff = all.tasks.filter((task) => isCalledOff(task, all))
  const s = { ...all, tasks: all.tasks.filter((task) => !calledOff.includes(task)) }
  // What has leaked goes at once here, too, though another version stays valid.
  const exposed = revokeExposed(accounted, s)
  const kept = retained(s, exposed)
  const { ledger, lost } = handOverAll(s, handOver(s, retireAll(exposed, kept, s)), kept)
  const isHeldUp = s.tasks.some(isOpen) || isTerminating(s)
  const next = isHeldUp ? { actions: [], wakeAt: Infinity } : nextDeletion(s, ledger)
  const status = deletingStatus(s, ledger)
  return {
    prepare: [
      ...spentPayloads(s, accounted),
      // Before what they were to delete is handed over: one that has been claimed meanwhile is waited for.
      ...calledOff.map(({ metadata }) => ({ kind: 'deleteTask', name: metadata.name }) as const),
      ...lost.map((owed) => ({ kind: 'recordOrphan', owed }) as const),
    ],
    status,
    release: [
      ...payloadsOf(s, lost),
      ...next.actions,
      ...releases(s, ledger),
      ...(isOver(s, ledger) ? farewell(s, ledger, lost) : []),
    ],
    wakeAt: Math.min(next.wakeAt, patienceEnds(s), strandedWake(s.runs, s.now)),
    stories: storiesOf(s.credential.status, status, lost),
  }
}

/**
 * A creation that has not begun is called off; one that runs is waited for, since only its end tells what it made. So is a
 * deletion that has waited for its turn for too long, once nothing else is under way: what it was to delete is handed over.
 */
function isCalledOff({ spec, status }: SecretTask, s: Snapshot): boolean {
  if (status.state !== 'queued') return false
  return spec.type === 'create_credentials' || ((isOverdue(s, false) || isTerminating(s)) && areRunsOver(s))
}

const deletedAt = ({ credential }: Snapshot): number => Date.parse(credential.metadata.deletionTimestamp ?? '')

const isOverdue = (s: Snapshot, isTried: boolean): boolean => handOverAt(deletedAt(s), isTried) <= s.now

const patienceEnds = (s: Snapshot): number =>
  Math.min(...[true, false].map((isTried) => handOverAt(deletedAt(s), isTried)).filter((at) => at > s.now))

/** In a namespace that is being deleted nothing can be created: no deletion can run from there. */
const isTerminating = ({ namespace, trouble }: Snapshot): boolean =>
  namespace?.metadata.deletionTimestamp !== undefined || trouble.namespaceTerminating === true

/**
 * All at once, and not before every run has ended: what is handed over is nobody's here any more, neither owed nor a
 * version, and must not come back.
 */
function handOverAll(s: Snapshot, handed: HandedOver, kept: CredentialVersion | undefined): HandedOver {
  const { ledger, lost } = handed
  const overdue = isOverdue(s, true) && (isOverdue(s, false) || ledger.unresolved.some(({ attempts }) => attempts > 0))
  const isDue = isTerminating(s) || overdue
  if (!isIdle(s, ledger) || !(isDue || ledger.unresolved.length === 0)) return handed
  // Nothing of the namespace stays, the target Secret least of all.
  const isUnkept = isTerminating(s) || s.trouble.isUnkept === true
  const memories = kept === undefined ? [] : remembered(kept, { now: s.now, isUnkept })
  const versions = kept === undefined || isUnkept ? [] : [kept]
  return { ledger: { ...ledger, versions, unresolved: [] }, lost: [...lost, ...ledger.unresolved, ...memories] }
}

interface HandedOver {
  readonly ledger: Ledger
  readonly lost: readonly UnresolvedCredential[]
}

/**
 * No run can make or delete anything, none is about to, and each is accounted for: not yet, where a task that is being called
 * off bears its name.
 */
const isIdle = (s: Snapshot, ledger: Ledger): boolean =>
  !s.tasks.some(isOpen) && areRunsOver(s) && s.runs.every((run) => !run.held || isRecorded(run, ledger))

const areRunsOver = ({ runs }: Snapshot): boolean => runs.every(({ ended, held }) => ended || !held)

const isOver = (s: Snapshot, ledger: Ledger): boolean => ledger.unresolved.length === 0 && isIdle(s, ledger)

/** What orphans need of custody. */
const FOR_ORPHANS: ReadonlySet<CustodyKind> = new Set([CustodyKind.kit, CustodyKind.copy])

/** What remains of a credential that is gone: the consumers' Secret, payloads, kits where no orphan needs any, records. */
function farewell(s: Snapshot, { versions: [kept] }: Ledger, lost: readonly UnresolvedCredential[]): Action[] {
  const isOrphaned = s.orphans.length + lost.length > 0
  const spent = s.custody.filter(({ custody }) => !FOR_ORPHANS.has(custody) || !isOrphaned)
  // A Secret that cannot be written stays with the version that it shows; a former one does where no other shows it.
  const left = [...lost, ...s.orphans.map(({ spec }) => spec)].filter(({ reason }) => reason === 'Retained')
  const stays = (shown: number | undefined) => left.some(({ version }) => version === shown)
  const kind = s.credential.spec.target?.deletionPolicy === 'Retain' ? 'leaveTarget' : 'removeTarget'
  const removal = s.target && !stays(s.target.version) ? [{ kind } as const] : []
  const versionOf = ({ uid }: FormerTarget) => s.formers.find((former) => former.uid === uid)?.version
  const isSpent = (former: FormerTarget) => kept !== undefined || stays(s.target?.version) || !stays(versionOf(former))
  return [
    ...(kept ? [{ kind: 'keepTarget', version: kept } as const] : removal),
    ...formerTargetsOf(s)
      .filter(({ name }) => name !== targetName(s))
      .filter(isSpent)
      .map((former) => ({ kind: 'removeFormer', former }) as const),
    ...spent.map(({ name }) => ({ kind: 'removeFromCustody', name }) as const),
    ...s.tasks.map(({ metadata }) => ({ kind: 'deleteTask', name: metadata.name }) as const),
    { kind: 'removeFinalizer' },
  ]
}
