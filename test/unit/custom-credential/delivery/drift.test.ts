import { describe, expect, it } from 'vitest'
import { decide } from '../../../../src/custom-credential/decide.ts'
import { repairsAfter } from '../../../../src/custom-credential/delivery/drift.ts'
import { renditionOf } from '../../../../src/custom-credential/delivery/rendition.ts'
import { aCredential, after, aVersion, delivered, START } from '../../../support/builders.ts'
import { aCreation } from '../../../support/builders-tasks.ts'
import { aSnapshot, type SnapshotBuilder } from '../../../support/builders-snapshot.ts'

const payload = { ...aCreation(1).payload(), keys: ['username', 'password'] }
/** Version 1 is delivered, and of these keys of its Secret the operator was the last writer. */
const owning = (own: readonly string[] | undefined, credential = aCredential().having(delivered(1))): SnapshotBuilder =>
  aSnapshot()
    .of(credential)
    .custody(payload)
    .with({
      target: { uid: 'target-uid', version: 1, rendition: renditionOf(credential.object.spec.target, undefined), own },
    })
const repairs = ({ snapshot }: SnapshotBuilder): number[] =>
  decide(snapshot).prepare.flatMap((action) =>
    action.kind === 'deliver' && action.repairs ? [action.version.version] : [],
  )
const templated = aCredential()
  .spec({ target: { template: { url: '{{ username }}' } } })
  .having(delivered(1))

/** Its spec names a label and an annotation, and these are what the Secret bears. */
const marked = (labels: Record<string, string>, annotations: Record<string, string>): SnapshotBuilder => {
  const target = { labels: { app: 'orders' }, annotations: { owner: 'team-a' } }
  const s = owning(['username', 'password'], aCredential().spec({ target }).having(delivered(1)))
  return s.with({ target: s.snapshot.target && { ...s.snapshot.target, marks: { labels, annotations } } })
}

/** A repair has found nothing to change in version 7 of the object, and it is at this one. */
const intact = (s: SnapshotBuilder, resourceVersion: string): SnapshotBuilder =>
  s.with({ target: s.snapshot.target && { ...s.snapshot.target, resourceVersion } }).trouble({ intact: '7' })

describe('a target Secret is written again', () => {
  it.each<[string, number[], SnapshotBuilder]>([
    ['where somebody has written a key of it', [1], owning(['username'])],
    ['where somebody has taken a key away', [1], owning([])],
    ['where somebody has written what a template makes', [1], owning(['username', 'password'], templated)],
    ['where somebody has taken a label off that its spec names', [1], marked({}, { owner: 'team-a' })],
    ['where somebody has changed an annotation', [1], marked({ app: 'orders' }, { owner: 'team-b' })],
    [
      'not where a repair has found nothing to change, though somebody else has written last',
      [],
      intact(owning([]), '7'),
    ],
    ['where it was edited since', [1], intact(owning([]), '8')],
    ['not for a label that others have added', [], marked({ app: 'orders', theirs: 'a' }, { owner: 'team-a' })],
    ['not while it is ours', [], owning(['username', 'password'])],
    ['not for a key that others have added', [], owning(['username', 'password', 'theirs'])],
    ['not where nothing is known of its writers', [], owning(undefined)],
    ['not where nothing is known of what was reported', [], owning([]).with({ custody: [] })],
    ['not again before its time', [], owning([]).trouble({ repairs: { tries: 9, retryAt: after('1m') } })],
    [
      'at once where a clock that has been set back since noted that time',
      [1],
      owning([]).trouble({ repairs: { tries: 1, retryAt: after('1d') } }),
    ],
    ['once that time has come', [1], owning([]).trouble({ repairs: { tries: 1, retryAt: START } })],
  ])('%s', (_, expected, s) => {
    expect(repairs(s)).toEqual(expected)
  })

  it.each<[string, SnapshotBuilder, readonly string[]]>([
    ['edited', owning([]), ['Secret "orders-database" was edited by somebody: it holds version 1 again.']],
    ['gone', owning([]).with({ target: undefined }), ['Secret "orders-database" was gone: it holds version 1 again.']],
    ['made for the first time', aSnapshot().of(aCredential().having(aVersion(1))), []],
  ])('and an event tells where it was %s', (_, s, notes) => {
    const stories = decide(s.snapshot).stories.filter(({ reason }) => reason === 'Repaired')
    expect(stories).toEqual(notes.map((note) => ({ type: 'Warning', reason: 'Repaired', note })))
  })

  it('later each time, until it was left alone for an hour', () => {
    const first = repairsAfter(undefined, START, true)
    expect(first).toEqual({ tries: 1, retryAt: after('10s') })
    expect(repairsAfter(first, after('10s'), true)).toEqual({ tries: 2, retryAt: after('30s') })
    expect(repairsAfter(first, after('1h'), false)).toEqual(first)
    expect(repairsAfter(first, after('2h'), false)).toBeUndefined()
  })

  it('when that time has come, though nothing else happens', () => {
    const { wakeAt } = decide(owning([]).trouble({ repairs: { tries: 1, retryAt: after('1m') } }).snapshot)
    expect(wakeAt).toBe(after('1m'))
  })
})
