import { describe, expect, it } from 'vitest'
import type { CustomCredentialStatus } from '../../../../src/api/generated.ts'
import type { Action } from '../../../../src/custom-credential/actions.ts'
import { decide } from '../../../../src/custom-credential/decide.ts'
import { aCredential, after, at, type CredentialBuilder, delivered, maker } from '../../../support/builders.ts'
import { aCreation } from '../../../support/builders-tasks.ts'
import { aSnapshot, type SnapshotBuilder, terminatingNamespace } from '../../../support/builders-snapshot.ts'

type Locks = NonNullable<CustomCredentialStatus['locks']>

/** Two versions, of which the spec wants this one locked. */
const wanting = (version: 'current' | 'previous', ...versions: readonly number[]): CredentialBuilder =>
  aCredential()
    .spec({ locks: [{ name: 'audit', version }] })
    .having(...(versions.length > 0 ? versions : [1, 2]).map((number) => delivered(number)))
const seen = (credential: CredentialBuilder, newest = 2): SnapshotBuilder =>
  aSnapshot().of(credential).showing(newest).at(after('1h'))
const bound = (version: number): Locks => [{ name: 'audit', version }]
const locksOf = ({ snapshot }: SnapshotBuilder) => decide(snapshot).status.locks
const kinds = ({ snapshot }: SnapshotBuilder): string[] => {
  const { prepare, release } = decide(snapshot)
  return [...prepare, ...release].map(({ kind }: Action) => kind)
}
const orders = ({ snapshot }: SnapshotBuilder): string[] =>
  decide(snapshot).release.flatMap((action) => (action.kind === 'createTask' ? [action.order.spec.type] : []))
const conditionsOf = ({ snapshot }: SnapshotBuilder): string[] =>
  (decide(snapshot).status.conditions ?? []).map(({ type, status, reason }) => `${type}=${status} ${reason}`)
const owed = ({ snapshot }: SnapshotBuilder): number[] =>
  (decide(snapshot).status.unresolved ?? []).map(({ version }) => version)

/** Text of its docs, "Locking secrets". */
const IBM = /^The requested action can't be completed because the secret version is locked\. /
const refusal = (text: string): unknown => expect.stringMatching(new RegExp(`${IBM.source}.*${text}`))

/** Its Secret was deleted, and in custody there is nothing to write it from. */
const withoutPayload = aSnapshot()
  .of(wanting('current'))
  .at(after('1h'))
  .trouble({
    delivery: { reason: 'DeliveryFailed', message: 'lost', lost: maker(2), tries: 1, retryAt: after('1d') },
  })

describe('a lock', () => {
  it.each<[string, Locks | undefined, SnapshotBuilder]>([
    ['binds to the number of the current version', bound(2), seen(wanting('current'))],
    ['binds to the number of the previous version', bound(1), seen(wanting('previous'))],
    [
      'stays with its version when that becomes the previous one',
      bound(2),
      seen(wanting('current', 1, 2, 3).status({ locks: bound(2) }), 3),
    ],
    ['waits where there is no such version', undefined, seen(wanting('previous', 1), 1)],
    ['waits where the payload of that version is lost', undefined, withoutPayload],
    ['waits while a task is not over', undefined, seen(wanting('current')).tasks(aCreation(3).processing())],
    [
      'ends when the spec names it no more',
      undefined,
      seen(
        aCredential()
          .having(delivered(1))
          .status({ locks: bound(1) }),
        1,
      ),
    ],
  ])('%s', (_, expected, s) => {
    expect(locksOf(s)).toEqual(expected)
  })

  it('says which version it holds, and what it waits for', () => {
    const message = (s: SnapshotBuilder) =>
      decide(s.snapshot).status.conditions?.find(({ type }) => type === 'Locked')?.message
    expect(message(seen(wanting('current')))).toBe(
      'Version 2 is locked by "audit". It is not revoked before its lock is removed from spec.locks.',
    )
    expect(message(seen(wanting('previous', 1), 1))).toBe('Lock "audit" waits: there is no previous version.')
    expect(message(withoutPayload)).toBe('Lock "audit" waits: the payload of the current version is lost.')
  })
})

describe('while the previous version is locked', () => {
  const previous = wanting('previous').status({ locks: bound(1) })
  it.each<[string, SnapshotBuilder]>([
    ['asked for', seen(previous.asking('now'))],
    ['due', seen(previous.rotating('30m'))],
  ])('no rotation is made that is %s, and the status says why', (_, s) => {
    expect(orders(s)).toEqual([])
    expect(conditionsOf(s)).toContain('RotationBlocked=True PreviousVersionLocked')
  })

  it('a version that is of no use is replaced all the same, and the locked one stays', () => {
    const suspect = wanting('previous')
      .having(delivered(1), delivered(2, at(), { suspect: 'exit 1' }))
      .status({ locks: bound(1) })
    expect(orders(seen(suspect))).toEqual(['create_credentials'])
    expect(owed(seen(wanting('previous', 1, 2, 3).status({ locks: bound(1) }), 3))).toEqual([])
  })

  it('nothing is said where no rotation is wanted', () => {
    expect(conditionsOf(seen(previous))).toEqual(['Ready=True Delivered', 'Locked=True VersionLocked'])
  })

  it('the rotation begins once the lock is gone', () => {
    const free = previous.asking('now').spec({ locks: [] })
    expect(orders(seen(free))).toEqual(['create_credentials'])
  })
})

describe('what a lock bars is refused as at IBM Secrets Manager, by an event that says what to do', () => {
  it.each<[string, SnapshotBuilder, string]>([
    [
      'RotationBlocked',
      seen(
        wanting('previous')
          .status({ locks: bound(1) })
          .asking('now'),
      ),
      'to have it rotated.',
    ],
    [
      'DeletionBlocked',
      seen(
        wanting('current')
          .status({ locks: bound(2) })
          .deleted(),
      ),
      'until spec.locks is empty.',
    ],
  ])('%s', (reason, { snapshot }, text) => {
    expect(decide(snapshot).stories).toContainEqual({ type: 'Warning', reason, note: refusal(text) })
  })
})

describe('a locked version', () => {
  it('that is the current one keeps nobody from rotating', () => {
    expect(
      orders(
        seen(
          wanting('current')
            .asking('now')
            .status({ locks: bound(2) }),
        ),
      ),
    ).toEqual(['create_credentials'])
  })

  it('outlives its time to live, and is revoked once it is unlocked', () => {
    const ended = (spec: object) => {
      const credential = aCredential()
        .spec({ ttl: '30m', ...spec })
        .having(delivered(1, at(), { expiresAt: at('30m') }))
      return seen(credential.status({ locks: bound(1) }), 1)
    }
    const locked = ended({ locks: [{ name: 'audit', version: 'current' }] })
    expect([owed(locked), conditionsOf(locked)]).toEqual([
      [],
      ['Ready=True Delivered', 'Locked=True VersionLocked', 'ExpiryBlocked=True VersionLocked'],
    ])
    expect(owed(ended({}))).toEqual([1])
  })

  it('tells at the end of its time that it stays, though nothing else happens', () => {
    const lasting = wanting('current')
      .having(delivered(1, at(), { expiresAt: at('3h') }))
      .status({ locks: bound(1) })
    const late = seen(lasting, 1).at(after('2h59m'))
    expect(conditionsOf(late)).not.toContain('ExpiryBlocked=True VersionLocked')
    expect(decide(late.snapshot).wakeAt).toBe(after('3h'))
    expect(decide(late.at(after('3h')).snapshot).stories).toContainEqual({
      type: 'Warning',
      reason: 'ExpiryBlocked',
      note: refusal('Version 1 was to end at'),
    })
  })
})

describe('a lock of the previous version', () => {
  const ended = { expiresAt: at('30m') }
  it('keeps the current one, too, at the end of its time: consumers are put back on none', () => {
    const credential = aCredential()
      .spec({ ttl: '30m', locks: [{ name: 'audit', version: 'previous' }] })
      .having(delivered(1, at(), ended), delivered(2, at(), ended))
    expect(owed(seen(credential.status({ locks: bound(1) })))).toEqual([])
  })
  it('that has been revoked protects nothing, and says so', () => {
    const s = seen(wanting('previous', 2, 3).status({ locks: bound(1) }), 3)
    const locked = decide(s.snapshot).status.conditions?.find(({ type }) => type === 'Locked')
    expect(locked).toMatchObject({ status: 'False', message: 'Lock "audit" has outlived its version: remove it.' })
  })
})

describe('a credential that is deleted while a version is locked', () => {
  const deleted = seen(
    wanting('current')
      .status({ locks: bound(2) })
      .deleted(),
  )
  it('stays as it is: nothing is revoked, removed or made', () => {
    expect([owed(deleted), kinds(deleted)]).toEqual([[], []])
    expect(conditionsOf(deleted)).toEqual([
      'Ready=True Delivered',
      'Locked=True VersionLocked',
      'DeletionBlocked=True VersionLocked',
    ])
  })
  it('is rotated as before', () => {
    const asked = wanting('current')
      .status({ locks: bound(2) })
      .asking('now')
    expect(orders(seen(asked.deleted()))).toEqual(['create_credentials'])
  })
  it('goes though it is locked, where that version is to be revoked in any case', () => {
    const condemned = wanting('current')
      .spec({ locks: [{ name: 'audit', version: 'current' }], revokeIssuedBefore: at('30m') })
      .status({ locks: bound(2) })
    expect(owed(seen(condemned.deleted(at('1h'))))).toEqual([1, 2])
  })
  it('goes once the lock is gone', () => {
    expect(
      owed(
        seen(
          wanting('current')
            .status({ locks: bound(2) })
            .spec({ locks: [] })
            .deleted(at('1h')),
        ),
      ),
    ).toEqual([1, 2])
  })
  it('goes with its namespace, which takes the consumers’ Secret along', () => {
    expect(owed(deleted.with({ namespace: terminatingNamespace }))).toEqual([])
    expect(kinds(deleted.with({ namespace: terminatingNamespace }))).toContain('recordOrphan')
  })
})
