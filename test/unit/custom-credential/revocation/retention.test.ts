import { describe, expect, it } from 'vitest'
import type { UnresolvedCredential } from '../../../../src/api/generated.ts'
import { decide } from '../../../../src/custom-credential/decide.ts'
import { aCredential, after, at, aVersion, delivered, maker, owedBy } from '../../../support/builders.ts'
import { aCreation, aDeletion, aKit } from '../../../support/builders-tasks.ts'
import { anOrphan, aSnapshot, type SnapshotBuilder, terminatingNamespace } from '../../../support/builders-snapshot.ts'

const actions = ({ snapshot }: SnapshotBuilder) => {
  const { prepare, release } = decide(snapshot)
  return [...prepare, ...release]
}
const kinds = (s: SnapshotBuilder) => actions(s).map(({ kind }) => kind)
const recorded = (s: SnapshotBuilder): UnresolvedCredential[] =>
  actions(s).flatMap((action) => (action.kind === 'recordOrphan' ? [action.owed] : []))

const [first, second] = [delivered(1), delivered(2, at('1d'))]
const gone = aCredential().spec({ revocationPolicy: 'Retain' }).deleted(at('3d'))
const leaving = aSnapshot().of(gone.having(second)).custody(aCreation(2).payload()).showing(2).at(after('3d'))

describe('a credential whose current version is retained when it is deleted', () => {
  it('goes at once, and leaves the target Secret behind, before anything else', () => {
    expect(actions(leaving)).toEqual([
      { kind: 'keepTarget', version: second },
      { kind: 'removeFromCustody', name: aKit().name },
      { kind: 'removeFromCustody', name: maker(2) },
      { kind: 'removeFinalizer' },
    ])
    expect(decide(leaving.snapshot).status).toMatchObject({ versions: [second], unresolved: [] })
  })

  it('has every other version revoked first, once consumers have had the overlap that they were promised', () => {
    const newest = delivered(2, at('2d23h55m'))
    const both = leaving.of(gone.rotating('30d', '10m').having(first, newest))
    expect(kinds(both)).toEqual([])
    expect(decide(both.snapshot)).toMatchObject({
      status: { unresolved: [{ originTaskId: maker(1), notBefore: at('3d5m'), reason: 'CredentialDeleted' }] },
      wakeAt: after('3d5m'),
    })
    expect(actions(both.at(after('3d5m')))).toMatchObject([
      { kind: 'createTask', order: { spec: { credentialsId: 'role-1' } } },
    ])
  })

  it('does not wait for the overlap: an orphan does', () => {
    const both = leaving.of(gone.rotating('30d', '3d').having(first, second)).at(after('3d30m'))
    expect(recorded(both)).toMatchObject([{ originTaskId: maker(1), notBefore: at('4d') }])
    expect(kinds(both)).toContain('keepTarget')
    expect(kinds(both)).toContain('removeFinalizer')
  })

  it('waits no longer for the overlap than it lasts, though the clock has been set back meanwhile', () => {
    const newest = delivered(2, at('2d'))
    const owing = gone
      .rotating('30d', '10m')
      .having(first, newest)
      .owing(owedBy(1, { notBefore: at('5d') }))
    expect(decide(leaving.of(owing).snapshot).status.unresolved).toMatchObject([{ notBefore: at('3d10m') }])
  })

  it('has what nobody else has revoked: a newer version that was never delivered', () => {
    const undelivered = leaving.of(gone.having(second, aVersion(3)))
    expect(decide(undelivered.snapshot).status.unresolved).toMatchObject([{ originTaskId: maker(3) }])
  })

  it('retains what the target shows, though the process that has put it there has not lived to say so', () => {
    const shown = leaving
      .of(gone.having(first, aVersion(3)))
      .custody(aCreation(3).payload())
      .showing(3)
    expect(decide(shown.snapshot).status.unresolved).toMatchObject([{ originTaskId: maker(1) }])
  })

  it.each([
    ['is issued before a moment that people have named', gone.spec({ revokeIssuedBefore: at('2d') }).having(second)],
    ['is at the end of its time to live', gone.having({ ...second, expiresAt: at('3d') })],
    ['was never delivered', gone.having(aVersion(3))],
    ['has no such policy', gone.spec({ revocationPolicy: 'Revoke' }).having(second)],
  ])('revokes what %s', (_, credential) => {
    expect(kinds(leaving.of(credential))).toEqual(['createTask'])
  })

  it('revokes at once what has leaked, whatever overlap its consumers were promised', () => {
    const leaked = { revokeIssuedBefore: at('12h'), revokeMode: 'Immediate' as const }
    const both = leaving.of(gone.rotating('30d', '3d').spec(leaked).having(first, second))
    expect(actions(both)).toMatchObject([{ kind: 'createTask', order: { spec: { credentialsId: 'role-1' } } }])
  })

  it('owes nothing for the retained credentials, whichever run has reported them', () => {
    const same = [
      { ...first, credentialsId: 'same' },
      { ...second, credentialsId: 'same' },
    ]
    const renewed = leaving.of(gone.having(...same)).custody()
    expect(decide(renewed.snapshot).status.unresolved).toEqual([])
    const refused = leaving.with({ custody: [aKit(), aCreation(2).payload(), aCreation(1).refusal('role-2')] })
    expect(decide(refused.snapshot).status.unresolved).toEqual([])
  })

  it('is served on while another version is locked', () => {
    const locked = gone.spec({ locks: [{ name: 'audit', version: 'current' }] }).having(second)
    expect(kinds(leaving.of(locked))).not.toContain('keepTarget')
  })
})

describe('what the target Secret cannot tell', () => {
  const kept = { originTaskId: maker(2), credentialsId: 'role-2', reason: 'Retained', version: 2 }

  it('an orphan remembers: the version, where the namespace goes', () => {
    const terminating = leaving.with({ namespace: terminatingNamespace })
    expect(recorded(terminating)).toMatchObject([kept])
    expect(kinds(terminating)).toEqual(['recordOrphan', 'removeFromCustody', 'removeFromCustody', 'removeFinalizer'])
    expect(decide(terminating.snapshot).status.versions).toEqual([])
  })

  it('an orphan remembers: the version, where the Secret cannot be written, which stays as it is', () => {
    const unkept = leaving.trouble({ isUnkept: true })
    expect(recorded(unkept)).toMatchObject([kept])
    expect(kinds(unkept)).not.toContain('removeTarget')
    const orphan = anOrphan(owedBy(2, { reason: 'Retained' }))
    const after = leaving.of(gone).with({ orphans: [orphan], custody: [aKit()] })
    expect(kinds(after)).toEqual(['removeFinalizer'])
  })

  it('an orphan remembers: what another pod of its run may have made, since a search would find the version, too', () => {
    const doubled = leaving.of(gone.having({ ...second, startedTwice: true }))
    const [search, ...none] = recorded(doubled)
    expect(search).toMatchObject({ originTaskId: maker(2), reason: 'Retained' })
    expect(search).not.toHaveProperty('credentialsId')
    expect(none).toEqual([])
    expect(kinds(doubled)).toContain('keepTarget')
  })

  it('is told while something else is still to be revoked', () => {
    const { conditions } = decide(leaving.of(gone.having(first, second)).tasks(aDeletion(1).queued()).snapshot).status
    expect(conditions?.[0]?.message).toContain('Version 2 stays valid')
  })
})
