import { describe, expect, it } from 'vitest'
import { decide } from '../../../src/custom-credential/decide.ts'
import { aCredential, after, aProvider, at, aVersion, delivered, owedBy, unknownOf } from '../../support/builders.ts'
import { aCreation, aDeletion, aKit } from '../../support/builders-tasks.ts'
import { anOrphan, aSnapshot, type SnapshotBuilder, terminatingNamespace } from '../../support/builders-snapshot.ts'

const actions = ({ snapshot }: SnapshotBuilder) => {
  const { prepare, release } = decide(snapshot)
  return [...prepare, ...release]
}
const kinds = (s: SnapshotBuilder): string[] => actions(s).map(({ kind }) => kind)
const ends = (s: SnapshotBuilder): boolean => kinds(s).includes('removeFinalizer')
const recorded = ({ snapshot }: SnapshotBuilder) =>
  decide(snapshot).prepare.flatMap((action) => (action.kind === 'recordOrphan' ? [action.owed] : []))

const gone = aCredential().deleted()
const live = gone.having(delivered(1), delivered(2))
const revoking = aSnapshot().of(live).showing(2)
const owing = gone.owing(owedBy(1, { reason: 'CredentialDeleted' }))
const tried = gone.owing(owedBy(1, { attempts: 1, nextAttemptTime: at('10s') }))

describe('a credential that is deleted', () => {
  it('has every live version revoked, one after the other, the oldest first', () => {
    const { status, release } = decide(revoking.snapshot)
    expect(status.unresolved?.map(({ originTaskId, reason }) => [originTaskId, reason])).toEqual([
      [aCreation(1).id, 'CredentialDeleted'],
      [aCreation(2).id, 'CredentialDeleted'],
    ])
    expect(release).toMatchObject([{ kind: 'createTask', order: { id: aDeletion(1).id } }])
  })

  it('waits for a deletion that has its turn, and no longer than half an hour for one that has not', () => {
    const waiting = revoking.tasks(aDeletion(1).queued())
    expect(kinds(waiting.at(after('29m')))).not.toContain('deleteTask')
    expect(kinds(waiting.at(after('30m')))).toContain('deleteTask')
    expect(kinds(revoking.tasks(aDeletion(1).processing()).at(after('30m')))).not.toContain('deleteTask')
  })

  it('stops what lingers where nothing can be created any more, in place of trying to', () => {
    const job = aCreation(2).job({ lingers: true })
    const going = revoking.with({ namespace: terminatingNamespace }).jobs(job)
    expect(kinds(going)).toEqual(['stopJob'])
  })

  it('does not go while a task that is called off bears the name of a run that is not accounted for yet', () => {
    const s = aSnapshot()
      .of(gone)
      .tasks(aCreation(1).queued())
      .jobs(aCreation(1).job({ taskUid: 'another', ended: true }))
    expect(kinds(s)).toEqual(['deleteTask'])
    const { status } = decide(
      aSnapshot()
        .of(gone)
        .jobs(aCreation(1).job({ taskUid: 'another', ended: true })).snapshot,
    )
    expect(status.unresolved).toMatchObject([{ originTaskId: aCreation(1).id, reason: 'OutcomeUnknown' }])
  })

  it('is made no new version of, whatever is asked', () => {
    expect(kinds(aSnapshot().of(gone.asking('now').rotating('1m')))).not.toContain('createTask')
  })

  it('goes once nothing is owed, with all that is its own', () => {
    const s = aSnapshot().of(gone).showing(2).tasks(aDeletion(2).deleted()).custody(aCreation(2).payload())
    expect(actions(s)).toEqual([
      { kind: 'removeFromCustody', name: aCreation(2).id },
      { kind: 'removeTarget' },
      { kind: 'removeFromCustody', name: aKit().name },
      { kind: 'removeFromCustody', name: aCreation(2).id },
      { kind: 'deleteTask', name: aDeletion(2).id },
      { kind: 'removeFinalizer' },
    ])
  })

  it('leaves its Secret where the spec says so, once nothing is owed', () => {
    const credential = gone.spec({ ...gone.object.spec, target: { deletionPolicy: 'Retain' } })
    const s = aSnapshot().of(credential).showing(2)
    expect(kinds(s)).toEqual(['leaveTarget', 'removeFromCustody', 'removeFinalizer'])
    expect(kinds(s.of(credential.having(delivered(2))))).toEqual(['createTask'])
  })

  it.each([
    ['a version is live', revoking],
    ['a version was made and never delivered', aSnapshot().of(gone.having(aVersion(1)))],
    ['something is owed', aSnapshot().of(owing)],
    ['it may exist, and can be found', aSnapshot().of(gone.owing(unknownOf(1)))],
    ['a payload lies in custody', aSnapshot().of(gone).custody(aCreation(1).payload())],
    ['a refused report lies in custody', aSnapshot().of(gone).custody(aCreation(1).refusal('x'))],
    ['a creation runs', aSnapshot().of(gone).tasks(aCreation(1).processing())],
    ['a creation has just succeeded', aSnapshot().of(gone).tasks(aCreation(1).created())],
    ['a creation ended without an outcome', aSnapshot().of(gone).tasks(aCreation(1).failed('Unknown'))],
    ['a Job that has lost its task is at work', aSnapshot().of(gone).jobs(aCreation(1).job())],
  ])('stays while %s (S15)', (_, s) => {
    expect(ends(s)).toBe(false)
  })

  it('calls off a creation that has not begun, before anything else is decided by it', () => {
    const { prepare } = decide(aSnapshot().of(gone).tasks(aCreation(1).queued()).snapshot)
    expect(prepare).toEqual([{ kind: 'deleteTask', name: aCreation(1).id }])
  })

  it('waits for a creation that runs, since only its end tells what it made', () => {
    expect(kinds(aSnapshot().of(gone).tasks(aCreation(1).processing()))).toEqual([])
  })

  it('releases its Jobs before it goes', () => {
    const job = aDeletion(1).job({ ended: true })
    expect(kinds(aSnapshot().of(gone).tasks(aDeletion(1).deleted()).jobs(job))).toEqual([
      'releaseJob',
      'removeFromCustody',
      'deleteTask',
      'removeFinalizer',
    ])
  })

  it('says what is left, and why', () => {
    const lastError = { code: 'UpstreamDown', description: 'no route to host' }
    const { status } = decide(aSnapshot().of(gone.owing(owedBy(1, { attempts: 1, lastError }))).snapshot)
    expect(status).toMatchObject({
      state: 'deactivated',
      conditions: [
        { type: 'Ready', status: 'False', reason: 'Deleting', message: expect.stringContaining('1 left') as unknown },
      ],
    })
    expect(status.conditions?.[0]?.message).toContain('UpstreamDown: no route to host')
  })
})

describe('a person is not kept waiting', () => {
  it('for longer than 15 minutes after a first failure: orphans take over, and it goes', () => {
    const s = aSnapshot().of(tried).at(after('15m'))
    expect(recorded(s)).toEqual([owedBy(1, { attempts: 1, nextAttemptTime: at('10s') })])
    expect(ends(s)).toBe(true)
  })

  it('though every try in these minutes counts', () => {
    const s = aSnapshot().of(tried).at(after('14m59s'))
    expect(recorded(s)).toEqual([])
    expect(kinds(s)).toEqual(['createTask'])
  })

  it('though what has not been tried is tried first', () => {
    expect(recorded(aSnapshot().of(owing).at(after('20m')))).toEqual([])
    expect(recorded(aSnapshot().of(owing).at(after('30m')))).toHaveLength(1)
  })

  it('and is looked after when that time comes', () => {
    const waiting = gone.owing(owedBy(1, { attempts: 9, nextAttemptTime: at('2h') }))
    expect(decide(aSnapshot().of(waiting).snapshot).wakeAt).toBe(after('15m'))
  })

  it.each([
    ['at work', aDeletion(1, { attempt: 2 }).processing()],
    ['about to begin', aDeletion(1, { attempt: 2 }).queued()],
  ])('but a run that is %s is waited for before orphans take over', (_, task) => {
    const s = aSnapshot().of(tried).tasks(task).at(after('15m'))
    expect(recorded(s)).toEqual([])
    expect(ends(s)).toBe(false)
  })
})

describe('in a namespace that is being deleted nothing can be created', () => {
  it.each([
    ['as the namespace says', aSnapshot().of(live).with({ namespace: terminatingNamespace })],
    ['as a refused write says', aSnapshot().of(live).trouble({ namespaceTerminating: true })],
  ])('%s: orphans take over at once', (_, s) => {
    expect(recorded(s).map(({ credentialsId }) => credentialsId)).toEqual(['role-1', 'role-2'])
    expect(kinds(s)).not.toContain('createTask')
    expect(ends(s)).toBe(true)
  })

  it('the orphans are durable before anything else happens', () => {
    const { prepare } = decide(aSnapshot().of(live).with({ namespace: terminatingNamespace }).snapshot)
    expect(prepare.map(({ kind }) => kind)).toEqual(['recordOrphan', 'recordOrphan'])
  })

  it('what a run may still make is waited for', () => {
    const s = aSnapshot().of(gone).with({ namespace: terminatingNamespace }).jobs(aCreation(1).job())
    expect(ends(s)).toBe(false)
    expect(kinds(s)).toContain('stopJob')
  })
})

describe('kits that an orphan needs are kept', () => {
  const removed = (s: SnapshotBuilder) =>
    actions(s).flatMap((action) => (action.kind === 'removeFromCustody' ? [action.name] : []))

  it('if the orphan is there', () => {
    const s = aSnapshot()
      .of(gone)
      .with({ orphans: [anOrphan(owedBy(1))] })
    expect(removed(s)).toEqual([])
  })

  it('if it is being made', () => {
    const s = aSnapshot()
      .of(gone.owing(unknownOf(1)))
      .with({ provider: aProvider({ capabilities: [] }) })
    expect(recorded(s)).toHaveLength(1)
    expect(removed(s)).toEqual([])
  })

  it('and so are the others, for it may run by a kit that was moved: the last orphan clears them away', () => {
    const s = aSnapshot()
      .of(gone)
      .custody(aKit('kit-2'))
      .with({ orphans: [anOrphan(owedBy(1))] })
    expect(removed(s)).toEqual([])
  })
})
