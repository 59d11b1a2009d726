import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { CredentialVersion, UnresolvedCredential } from '../../../src/api/generated.ts'
import { type Evidence, fold, isAccounted, type Ledger } from '../../../src/custom-credential/ledger.ts'
import { inUse } from '../../../src/custom-credential/revocation/retire.ts'
import { after, at, aVersion, delivered, owedBy, unknownOf } from '../../support/builders.ts'
import { aCreation, aDeletion, type TaskBuilder } from '../../support/builders-tasks.ts'

/** Versions and runs of a few numbers, so that they meet; credentials of a few IDs, so that some are borne twice. */
const number = fc.integer({ min: 1, max: 4 })
const attempt = fc.integer({ min: 1, max: 3 })
const credentialsId = fc.constantFrom('role-1', 'role-2', 'role-3', 'same')

const versions = fc.uniqueArray(
  fc
    .record({ number, credentialsId, isDelivered: fc.boolean() })
    .map(({ number, credentialsId, isDelivered }): CredentialVersion =>
      isDelivered ? delivered(number, at(), { credentialsId }) : aVersion(number, { credentialsId }),
    ),
  { selector: ({ version }) => version, maxLength: 4 },
)
const unresolved = fc.uniqueArray(
  fc
    .record({ number, credentialsId: fc.option(credentialsId, { nil: undefined }), attempts: fc.nat(2) })
    .map(({ number, credentialsId, attempts }): UnresolvedCredential =>
      credentialsId === undefined ? unknownOf(number, { attempts }) : owedBy(number, { credentialsId, attempts }),
    ),
  { selector: (owed) => `${owed.originTaskId}/${owed.credentialsId ?? ''}`, maxLength: 4 },
)
const ledgers = fc.record({ versions, unresolved, tried: fc.nat(3) }).map(({ versions, unresolved, tried }): Ledger => {
  const number = Math.max(0, ...versions.map(({ version }) => version)) + 1
  const nextVersion = { number, attempts: tried, failures: tried }
  // A `find` is owed only for a run that has been accounted for.
  const mayStand = ({ credentialsId, version }: UnresolvedCredential) =>
    credentialsId !== undefined || isAccounted({ nextVersion }, { version, attempt: 1 })
  return { versions, unresolved: unresolved.filter(mayStand), nextVersion, lastFailure: undefined, locks: [] }
})

const ends = fc.constantFrom<(task: TaskBuilder, id: string) => TaskBuilder>(
  (task) => task.queued(),
  (task) => task.processing(),
  (task) => task.failed('Nothing', at('1m')),
  (task) => task.failed('Unknown', at('1m')),
  (task, id) => (task.object.spec.type === 'create_credentials' ? task.created(id) : task.deleted()),
  (task, id) => (task.object.spec.type === 'create_credentials' ? task.created(id).suspect('why') : task.deleted()),
)
const creations = fc
  .record({ number, attempt, credentialsId, end: ends })
  .map(({ number, attempt, credentialsId, end }) => end(aCreation(number, attempt), credentialsId))
const deletions = fc
  .record({ number, attempt, credentialsId: fc.option(credentialsId, { nil: undefined }), end: ends })
  .map(({ number, attempt, credentialsId, end }) => end(aDeletion(number, { attempt, credentialsId }), ''))
const runs = fc.uniqueArray(fc.oneof(creations, deletions), { selector: ({ id }) => id, maxLength: 6 })
const traces = fc.record({
  record: fc.boolean(),
  job: fc.option(
    fc.record({ ended: fc.boolean(), failed: fc.boolean(), held: fc.boolean(), startedTwice: fc.boolean() }),
  ),
  payload: fc.option(credentialsId),
  refusal: fc.option(credentialsId),
})

const key = (owed: { originTaskId?: string; credentialsId?: string }) =>
  `${owed.originTaskId ?? ''}/${owed.credentialsId ?? ''}`

/** A ledger and evidence for it: each run has left its record, its Job, its payload and a refused report, or some of them. */
const situations = fc
  .tuple(ledgers, runs)
  .map(([ledger, all]) => {
    const owed = new Set(ledger.unresolved.map(key))
    // A deletion is made only of what is owed by then.
    return {
      ledger,
      tasks: all.filter(({ object: { spec } }) => spec.type === 'create_credentials' || owed.has(key(spec))),
    }
  })
  .chain(({ ledger, tasks }) =>
    fc.tuple(...tasks.map((task) => traces.map((trace) => ({ task, ...trace })))).map((all) => {
      const creating = all.filter(({ task }) => task.object.spec.type === 'create_credentials')
      const seen: Evidence = {
        tasks: all.flatMap(({ task, record }) => (record ? [task.object] : [])),
        runs: all.flatMap(({ task, job }) => (job ? [task.job(job)] : [])),
        custody: creating.flatMap(({ task, payload, refusal }) => [
          ...(payload ? [task.payload(payload)] : []),
          ...(refusal ? [task.refusal(refusal)] : []),
        ]),
      }
      return { ledger, seen }
    }),
  )

const NOW = after('1h')

it('folding the same evidence again changes nothing', () => {
  fc.assert(
    fc.property(situations, ({ ledger, seen }) => {
      const once = fold(ledger, seen, NOW)
      expect(fold(once, seen, NOW)).toEqual(once)
    }),
    { numRuns: 2000 },
  )
})

it('what may exist is never dropped: only a deletion ends it, or a version in use that bears the same ID', () => {
  fc.assert(
    fc.property(situations, ({ ledger, seen }) => {
      const folded = fold(ledger, seen, NOW)
      const deleted = new Set(
        seen.tasks.filter(({ status }) => status.state === 'credentials_deleted').map(({ spec }) => key(spec)),
      )
      const live = new Set(inUse(folded).map((version) => version.credentialsId))
      const owed = new Set(folded.unresolved.map(key))
      const stays = (entry: { originTaskId: string; credentialsId?: string }) =>
        owed.has(key(entry)) || deleted.has(key(entry)) || live.has(entry.credentialsId ?? '')
      expect(ledger.unresolved.filter((entry) => !stays(entry))).toEqual([])
      const kept = new Set(folded.versions.map((version) => version.taskId))
      const wentAs = ({ taskId: originTaskId, credentialsId }: CredentialVersion) =>
        stays({ originTaskId, credentialsId }) || deleted.has(key({ originTaskId }))
      expect(ledger.versions.filter((version) => !kept.has(version.taskId) && !wentAs(version))).toEqual([])
    }),
    { numRuns: 2000 },
  )
})

it('no ID that a version in use bears is owed a deletion (S34)', () => {
  fc.assert(
    fc.property(situations, ({ ledger, seen }) => {
      const folded = fold(ledger, seen, NOW)
      const live = new Set(inUse(folded).map((version) => version.credentialsId))
      expect(folded.unresolved.filter((owed) => live.has(owed.credentialsId ?? ''))).toEqual([])
    }),
    { numRuns: 2000 },
  )
})

it('version numbers only grow, and none is used twice (S8)', () => {
  fc.assert(
    fc.property(situations, ({ ledger, seen }) => {
      const folded = fold(ledger, seen, NOW)
      expect(folded.nextVersion.number).toBeGreaterThanOrEqual(ledger.nextVersion.number)
      const numbers = folded.versions.map(({ version }) => version)
      expect(new Set(numbers).size).toBe(numbers.length)
    }),
    { numRuns: 2000 },
  )
})
