import { describe, expect, it } from 'vitest'
import type { Action } from '../../../src/custom-credential/actions.ts'
import { decide } from '../../../src/custom-credential/decide.ts'
import {
  aCredential,
  after,
  aProvider,
  at,
  aVersion,
  type CredentialBuilder,
  delivered,
  elsewhere,
  KIT,
  maker,
  owedBy,
  unknownOf,
} from '../../support/builders.ts'
import { aCreation, aDeletion, aKit } from '../../support/builders-tasks.ts'
import { anOrphan, aSnapshot, type SnapshotBuilder } from '../../support/builders-snapshot.ts'

const kinds = (actions: readonly Action[]): string[] => actions.map(({ kind }) => kind)
const plan = ({ snapshot }: SnapshotBuilder) => {
  const { prepare, release } = decide(snapshot)
  return { prepare: kinds(prepare), release: kinds(release) }
}
const ordered = ({ snapshot }: SnapshotBuilder): string[] =>
  decide(snapshot).release.flatMap((action) => (action.kind === 'createTask' ? [action.order.id] : []))
const cannotFind = aProvider({ capabilities: [] })

/** A credential with two delivered versions and nothing to do. */
const settled = aCredential().having(delivered(1), delivered(2))
const idle = aSnapshot().of(settled).showing(2).at(after('1h'))
const of = (credential: CredentialBuilder) => idle.of(credential)

describe('a credential at rest', () => {
  it('costs nothing: no action, and the status that it has', () => {
    const { credential } = idle.snapshot
    const status = decide(idle.snapshot).status
    const again = decide({ ...idle.snapshot, now: after('2h'), credential: { ...credential, status } })
    expect(again).toMatchObject({ prepare: [], release: [], wakeAt: Infinity, stories: [] })
    expect(again.status).toEqual(status)
  })

  it('wakes up when its interval has passed', () => {
    expect(decide(of(settled.rotating('30d')).snapshot).wakeAt).toBe(after('30d'))
  })
})

describe('a first version', () => {
  const unseen = aSnapshot().of(aCredential().unseen())

  it('is made after the status, the finalizer and the kit are durable', () => {
    expect(plan(unseen.with({ custody: [] }))).toEqual({
      prepare: [],
      release: ['addFinalizer', 'storeKit', 'createTask'],
    })
  })

  it('needs neither twice', () => {
    expect(plan(aSnapshot())).toEqual({ prepare: [], release: ['createTask'] })
  })

  it.each([
    ['without a provider', { provider: undefined }],
    ['with a provider that is not accepted', { provider: { ...aProvider(), status: { observedGeneration: 1 } } }],
    ['with parameters that the provider does not know', { credential: aCredential().spec({ parameters: {} }).object }],
  ])('is not made %s', (_, more) => {
    expect(plan(aSnapshot().with({ custody: [], ...more }))).toEqual({ prepare: [], release: [] })
  })

  const failed = aCredential().status({
    nextVersion: { number: 1, attempts: 1, failures: 1, nextAttemptTime: at('10s') },
  })
  it('is tried again after the back-off', () => {
    expect(decide(aSnapshot().of(failed).snapshot)).toMatchObject({ release: [], wakeAt: after('10s') })
    expect(ordered(aSnapshot().of(failed).at(after('10s')))).toEqual([maker(1, 2)])
  })
  it('is tried again at once when the spec has changed', () => {
    expect(ordered(aSnapshot().of(failed.metadata({ generation: 2 })))).toEqual([maker(1, 2)])
  })

  it.each<[string, CredentialBuilder, string | undefined, string[]]>([
    ['again at once when somebody asks for it', failed.asking('now'), undefined, [maker(1, 2)]],
    ['again at once when somebody asks for it anew', failed.asking('once more'), 'now', [maker(1, 2)]],
    ['once for each request: after that it waits as before', failed.asking('now'), 'now', []],
    ['no sooner when nobody asks any more', failed, 'now', []],
    [
      'no sooner for a request that a version has answered',
      failed.asking('now').status({ ...failed.object.status, lastHandledRotateRequest: 'now' }),
      undefined,
      [],
    ],
  ])('is tried %s', (_, credential, rotateRequest, expected) => {
    const tried = { number: 1, attempts: 1, failures: 1, nextAttemptTime: at('10s') }
    const nextVersion = rotateRequest === undefined ? tried : { ...tried, rotateRequest }
    expect(ordered(aSnapshot().of(credential.status({ nextVersion })))).toEqual(expected)
  })
})

describe('at most one task of a credential is open (S13)', () => {
  const asking = settled.asking('now')
  it.each([
    ['a queued creation', aCreation(3).queued()],
    ['a running creation', aCreation(3).processing()],
    ['a queued deletion', aDeletion(1).queued()],
    ['a running deletion', aDeletion(1).processing()],
  ])('%s holds back a creation and a deletion', (_, task) => {
    expect(ordered(of(asking).tasks(task))).toEqual([])
    expect(ordered(of(settled.owing(owedBy(1))).tasks(task))).toEqual([])
  })

  it('a version that is due goes before what is owed', () => {
    expect(ordered(of(asking.owing(owedBy(1))))).toEqual([maker(3)])
  })

  it('what is owed is not held back by a version that waits for its next try', () => {
    const nextVersion = { number: 3, attempts: 1, failures: 10, nextAttemptTime: at('1h30m'), rotateRequest: 'now' }
    const waiting = of(asking.owing(owedBy(1)).status({ nextVersion }))
    expect(ordered(waiting)).toEqual([aDeletion(1).id])
  })

  it('what is owed is revoked in turn: one that waits for its next try holds back no other', () => {
    const owing = settled.owing(owedBy(1, { attempts: 10, nextAttemptTime: at('1h30m') }), owedBy(7))
    expect(ordered(of(owing))).toEqual([aDeletion(7).id])
  })
})

describe('a version that was made', () => {
  const made = idle.tasks(aCreation(3).created()).custody(aCreation(3).payload())

  it('is delivered before the status says so, and its Job released after that', () => {
    const job = aCreation(3).job({ ended: true })
    expect(plan(made.jobs(job))).toMatchObject({ prepare: ['deliver'], release: ['createTask', 'releaseJob'] })
    expect(decide(made.snapshot).status).toMatchObject({ currentVersion: 3, previousVersion: 2 })
  })

  it('retires the one before the previous one in the same status', () => {
    const { status, release } = decide(made.snapshot)
    expect(status.unresolved).toMatchObject([{ originTaskId: maker(1), reason: 'Superseded' }])
    expect(release).toMatchObject([{ kind: 'createTask', order: { id: aDeletion(1).id } }])
  })

  const blocked = made.trouble({
    delivery: { reason: 'TargetConflict', message: '', tries: 9, retryAt: after('1h5m') },
  })
  it('retires nothing, and is followed by nothing, while it cannot be delivered (S33)', () => {
    const { prepare, release, status, wakeAt } = decide(blocked.of(settled.rotating('1m').asking('now')).snapshot)
    expect({ prepare, release, unresolved: status.unresolved }).toEqual({ prepare: [], release: [], unresolved: [] })
    expect(status).toMatchObject({ currentVersion: 2, previousVersion: 1 })
    expect(wakeAt).toBe(after('1h5m'))
  })

  it('is delivered when its time has come again', () => {
    expect(plan(blocked.at(after('1h5m'))).prepare).toEqual(['deliver'])
  })

  it.each([
    ['is gone', idle.with({ target: undefined })],
    ['shows another version', idle.showing(1)],
  ])('is delivered again where the target %s, without a new version (S10)', (_, drifted) => {
    expect(plan(drifted)).toEqual({ prepare: ['deliver'], release: [] })
  })
})

describe('what nobody can find', () => {
  const lost = of(settled.owing(unknownOf(3))).with({ provider: cannotFind })

  it('becomes an orphan before the status forgets it', () => {
    const { prepare, status } = decide(lost.snapshot)
    expect(prepare).toEqual([{ kind: 'recordOrphan', owed: unknownOf(3) }])
    expect(status.unresolved).toEqual([])
  })

  it('is kept while a pod of its run may be at work', () => {
    const { prepare, release, status } = decide(lost.jobs(aCreation(3).job({ held: false })).snapshot)
    expect({ prepare, release, unresolved: status.unresolved }).toEqual({
      prepare: [],
      release: [],
      unresolved: [unknownOf(3)],
    })
  })
})

describe('a version whose ID another provider has given to the one in use', () => {
  const next = delivered(3, at(), { credentialsId: 'role-1', provider: elsewhere })
  const switched = of(aCredential().having(delivered(1), delivered(2), next)).showing(3)

  it('is left to people, and is deleted by nobody', () => {
    const { prepare, release, status } = decide(switched.custody(aCreation(1).payload()).snapshot)
    expect(prepare).toMatchObject([{ kind: 'recordOrphan', owed: { credentialsId: 'role-1', reason: 'IdInUse' } }])
    expect(release).toEqual([{ kind: 'removeFromCustody', name: aCreation(1).id }])
    expect(status.versions?.map(({ version }) => version)).toEqual([2, 3])
    expect(status.history).toMatchObject([{ version: 1, end: 'Orphaned' }])
  })

  it('is no debt again where its payload has outlasted the hand-over', () => {
    const handed = aCredential().having(delivered(2), next)
    const s = of(handed)
      .showing(3)
      .custody(aCreation(1).payload())
      .with({ orphans: [anOrphan(owedBy(1, { reason: 'IdInUse' }))] })
    const { status, release } = decide(s.snapshot)
    expect(status.unresolved).toEqual([])
    expect(release).toEqual([{ kind: 'removeFromCustody', name: aCreation(1).id }])
  })

  it('takes along what another pod of its run may have made', () => {
    const twice = of(aCredential().having(delivered(1, at(), { startedTwice: true }), delivered(2), next)).showing(3)
    const lost = decide(twice.snapshot).prepare.map((action) => (action.kind === 'recordOrphan' ? action.owed : action))
    expect(lost).toMatchObject([{ credentialsId: 'role-1' }, { reason: 'IdInUse' }])
  })
})

describe('what cannot be deleted for ten days', () => {
  const owed = owedBy(1, { attempts: 41, since: at('0s') })
  const failing = aCredential().having(delivered(1), delivered(2), delivered(3)).owing(owed)
  const at10d = of(failing).showing(3).at(after('10d'))
  const lostBy = (s: SnapshotBuilder) => decide(s.snapshot).prepare.filter(({ kind }) => kind === 'recordOrphan')

  it('becomes an orphan, and is no version and no payload of the credential any more', () => {
    const { prepare, status, release } = decide(at10d.custody(aCreation(1).payload()).snapshot)
    expect(prepare).toContainEqual({ kind: 'recordOrphan', owed })
    expect(status.unresolved).toEqual([])
    expect(status.versions?.map(({ version }) => version)).toEqual([2, 3])
    expect(release).toContainEqual({ kind: 'removeFromCustody', name: aCreation(1).id })
  })

  it('becomes no debt again where its payload has outlasted the hand-over', () => {
    const outlasted = aCredential().having(delivered(2), delivered(3))
    const s = of(outlasted)
      .showing(3)
      .custody(aCreation(1).payload())
      .with({ orphans: [anOrphan(owed)] })
    const { status, release } = decide(s.snapshot)
    expect(status.unresolved).toEqual([])
    expect(release[0]).toEqual({ kind: 'removeFromCustody', name: aCreation(1).id })
  })

  it.each<[string, SnapshotBuilder]>([
    ['a moment earlier', at10d.at(after('10d') - 1)],
    ['while a try is under way', at10d.tasks(aDeletion(1, { attempt: 42 }).processing())],
    ['while the Job of a try that was cancelled is at work', at10d.jobs(aDeletion(1, { attempt: 41 }).job())],
    [
      'before it was ever tried',
      of(failing.owing({ ...owed, attempts: 0 }))
        .showing(3)
        .at(after('10d')),
    ],
    [
      'while it has not been due for so long',
      of(failing.owing({ ...owed, notBefore: at('1d') }))
        .showing(3)
        .at(after('10d')),
    ],
  ])('but not %s', (_, s) => {
    expect(lostBy(s)).toEqual([])
  })
})

describe('evidence is let go once the status accounts for it', () => {
  const release = (s: SnapshotBuilder) => decide(s.snapshot).release
  const creation = aCreation(3)
  const deletion = aDeletion(1)
  const owing = settled.owing(owedBy(1))

  it('the Job of a creation that is still to be judged is held', () => {
    const job = creation.job({ ended: true })
    expect(release(idle.tasks(creation.processing()).jobs(job))).toEqual([])
  })
  it('the Job of a deletion that is still to be judged is held', () => {
    expect(
      release(
        of(owing)
          .tasks(deletion.processing())
          .jobs(deletion.job({ ended: true })),
      ),
    ).toEqual([])
  })
  it('the Job of a deletion that failed is released', () => {
    const job = deletion.job({ ended: true })
    expect(
      release(
        of(owing)
          .tasks(deletion.failed('Unknown', at('1h')))
          .jobs(job),
      ),
    ).toEqual([{ kind: 'releaseJob', run: job }])
  })
  it('a Job that is at work is held though its task has ended: it may fail yet', () => {
    expect(release(idle.tasks(aCreation(2).created()).jobs(aCreation(2).job()))).toEqual([])
  })
  it('a Job that has lost its task is stopped first', () => {
    const job = creation.job()
    expect(release(idle.jobs(job))).toContainEqual({ kind: 'stopJob', run: job })
    expect(kinds(release(idle.jobs(job)))).not.toContain('releaseJob')
  })
  it('a Job whose task was deleted after its end is left to come to its own: the version that it reported is in use', () => {
    expect(release(idle.jobs(aCreation(2).job()))).toEqual([])
  })
  it('unless it does not come to its own: it is suspended, or a container beside its provider goes on', () => {
    const job = aCreation(2).job({ lingers: true })
    expect(release(idle.jobs(job))).toEqual([{ kind: 'stopJob', run: job }])
  })
  it('a refused report is removed once it is owed, not while its task may still correct it', () => {
    const removal = { kind: 'removeFromCustody', name: creation.refusal('x').name }
    const refused = idle.custody(creation.refusal('x'))
    expect(release(refused)).toContainEqual(removal)
    expect(release(refused.tasks(creation.processing()))).not.toContainEqual(removal)
  })
  it('a payload is removed before the status forgets that its credentials were owed', () => {
    const gone = of(owing).tasks(deletion.deleted()).custody(aCreation(1).payload(), aCreation(2).payload())
    expect(decide(gone.snapshot).prepare).toEqual([{ kind: 'removeFromCustody', name: maker(1) }])
  })
  it('a payload is kept for the task that is about to end with it, though a version bears the same ID', () => {
    const renewing = idle.tasks(creation.processing()).custody(creation.payload('role-2'))
    const { prepare, release: released } = decide(renewing.snapshot)
    expect([...prepare, ...released]).toEqual([])
  })
  it('a kit of another generation goes when nothing refers to it any more', () => {
    const { prepare, release: released } = decide(idle.custody(aKit('kit-of-another-generation')).snapshot)
    expect(prepare).toEqual([])
    expect(released).toEqual([{ kind: 'removeFromCustody', name: 'kit-of-another-generation' }])
  })
})

it('nothing is owed, retired or delivered twice: the same situation gives the same decision', () => {
  const first = decide(idle.tasks(aCreation(3).created()).custody(aCreation(3).payload()).snapshot)
  const credential = { ...idle.snapshot.credential, status: first.status }
  const second = decide(
    idle.showing(3).with({ credential }).tasks(aCreation(3).created(), aDeletion(1).queued()).snapshot,
  )
  expect(second).toMatchObject({ prepare: [], release: [], stories: [] })
  expect(second.status).toEqual(first.status)
})

it('a version whose status write was lost is delivered again, with the same number', () => {
  const s = aSnapshot().tasks(aCreation(1).created()).showing(1)
  expect(decide(s.snapshot).status.versions).toEqual([
    aVersion(1, { deliveredAt: at(), provider: aCreation(1).object.spec.provider, kit: KIT }),
  ])
})
