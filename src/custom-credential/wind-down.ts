import type { UnresolvedCredential } from '../api/generated.ts'
import type { Action, Decision } from './actions.ts'
import { handOver, isOpen, nextDeletion, releases, spentPayloads } from './steps.ts'
import type { Ledger } from './ledger.ts'
import { retireAll } from './retire.ts'
import type { Snapshot } from './snapshot.ts'
import { deletingStatus } from './status.ts'
import { storiesOf } from './stories.ts'

/** A person is not kept waiting for an upstream that does not answer: after this, an OrphanedCredential takes over. */
const PATIENCE_MS = 15 * 60_000

/**
 * The credential is being deleted: everything that exists upstream is revoked, or handed over to a durable
 * OrphanedCredential, before the finalizer goes.
 */
export function windDown(s: Snapshot, accounted: Ledger): Decision {
  const { ledger, lost } = handOverAll(s, handOver(s, retireAll(accounted, s.now)))
  const next = s.tasks.some(isOpen) ? { actions: [], wakeAt: Infinity } : nextDeletion(s, ledger)
  const status = deletingStatus(s, ledger)
  return {
    prepare: [...spentPayloads(s), ...lost.map((owed) => ({ kind: 'recordOrphan', owed }) as const), ...calledOff(s)],
    status,
    release: [...next.actions, ...releases(s, ledger), ...(isOver(s, ledger) ? farewell(s, lost) : [])],
    wakeAt: Math.min(next.wakeAt, patienceEnds(s)),
    stories: storiesOf(s.credential.status, status, lost),
  }
}

/** A creation that has not begun is called off; one that runs is waited for, since only its end tells what it made. */
const calledOff = (s: Snapshot): Action[] =>
  s.tasks
    .filter(({ spec, status }) => spec.type === 'create_credentials' && status.state === 'queued')
    .map(({ metadata }) => ({ kind: 'deleteTask', name: metadata.name }))

const patienceEnds = ({ credential, now }: Snapshot): number => {
  const end = Date.parse(credential.metadata.deletionTimestamp ?? '') + PATIENCE_MS
  return end > now ? end : Infinity
}

/** In a namespace that is being deleted nothing can be created: no deletion can run from there. */
const isTerminating = ({ namespace, trouble }: Snapshot): boolean =>
  namespace?.metadata.deletionTimestamp !== undefined || trouble.namespaceTerminating === true

function handOverAll(s: Snapshot, handed: { ledger: Ledger; lost: UnresolvedCredential[] }): typeof handed {
  const overdue = patienceEnds(s) === Infinity && handed.ledger.unresolved.some(({ attempts }) => attempts > 0)
  if (!isTerminating(s) && !overdue) return handed
  return { ledger: { ...handed.ledger, unresolved: [] }, lost: [...handed.lost, ...handed.ledger.unresolved] }
}

/** Nothing is owed, and no run can make anything that would be. */
const isOver = (s: Snapshot, ledger: Ledger): boolean =>
  ledger.unresolved.length === 0 &&
  s.tasks.every(({ status }) => status.state !== 'processing') &&
  s.runs.every(({ ended, held }) => ended || !held)

/** What remains of a credential that is gone: the consumers' Secret, payloads, kits that no orphan needs, records. */
function farewell(s: Snapshot, lost: readonly UnresolvedCredential[]): Action[] {
  const needed = new Set([...s.orphans.map(({ spec }) => spec.kit), ...lost.map(({ kit }) => kit)])
  return [
    ...(s.target?.ours ? [{ kind: 'removeTarget' } as const] : []),
    ...s.custody
      .filter(({ name }) => !needed.has(name))
      .map(({ name }) => ({ kind: 'removeFromCustody', name }) as const),
    ...s.tasks.map(({ metadata }) => ({ kind: 'deleteTask', name: metadata.name }) as const),
    { kind: 'removeFinalizer' },
  ]
}
