import { describe, expect, it } from 'vitest'
import { decide } from '../../../../src/custom-credential/decide.ts'
import {
  aCredential,
  after,
  aProvider,
  at,
  aVersion,
  type CredentialBuilder,
  delivered,
  owedBy,
} from '../../../support/builders.ts'
import { aSnapshot, type SnapshotBuilder } from '../../../support/builders-snapshot.ts'

/** Versions 1 and 2 were made at the start, version 3, where there is one, an hour later; it is two hours by now. */
const early = [delivered(1), delivered(2)]
const late = delivered(3, at('1h'))
const before = (moment: string) => aCredential().spec({ revokeIssuedBefore: at(moment) })
const seen = (credential: CredentialBuilder, newest: number): SnapshotBuilder =>
  aSnapshot().of(credential).showing(newest).at(after('2h'))
const owed = ({ snapshot }: SnapshotBuilder): string[] =>
  (decide(snapshot).status.unresolved ?? []).map(({ version, reason }) => `${version} ${reason}`)
const orders = ({ snapshot }: SnapshotBuilder): string[] =>
  decide(snapshot).release.flatMap((action) =>
    action.kind === 'createTask'
      ? [`${action.order.spec.type} ${action.order.spec.version} ${action.order.spec.trigger}`]
      : [],
  )
const REPLACED = ['create_credentials 3 manual_secret_rotation']

const told = ({ snapshot }: SnapshotBuilder) =>
  decide(snapshot).status.conditions?.find(({ type }) => type === 'Revoking')?.message

describe('what was issued before the moment that people name', () => {
  it.each<[string, SnapshotBuilder]>([
    ['is replaced at once', seen(before('1h').having(...early), 2)],
    [
      'is replaced though the credential is suspended',
      seen(
        before('1h')
          .spec({ suspend: true })
          .having(...early),
        2,
      ),
    ],
    [
      'is replaced though its window is closed',
      seen(
        before('1h')
          .spec({ rotation: { interval: '1d', window: { schedule: '0 12 * * *', duration: '1h' } } })
          .having(...early),
        2,
      ),
    ],
    [
      'is replaced though it is locked',
      seen(
        before('1h')
          .spec({ locks: [{ name: 'audit', version: 'previous' }] })
          .having(...early)
          .status({ ...before('1h').having(...early).object.status, locks: [{ name: 'audit', version: 1 }] }),
        2,
      ),
    ],
    [
      'is replaced where the moment is named for its provider',
      seen(aCredential().having(...early), 2).with({
        provider: { ...aProvider(), spec: { ...aProvider().spec, revokeIssuedBefore: at('1h') } },
      }),
    ],
  ])('%s', (_, s) => {
    expect(orders(s)).toEqual(REPLACED)
    expect(owed(s)).toEqual([])
  })

  it.each<[string, string[], SnapshotBuilder]>([
    [
      'stays until its successor is delivered',
      [],
      seen(before('30m').having(delivered(2), aVersion(3, { createdAt: at('1h') })), 2).trouble({
        delivery: { reason: 'TargetConflict', message: '', tries: 9, retryAt: after('2h1m') },
      }),
    ],
    [
      'is revoked then, the previous version too',
      ['2 IssuedBefore'],
      seen(before('30m').having(delivered(2), late), 3),
    ],
    [
      'stays where its successor is suspect',
      [],
      seen(before('30m').having(delivered(2), { ...late, suspect: 'exit 1' }), 3),
    ],
    ['stays where it was issued later', [], seen(before('30m').having(delivered(2, at('40m')), late), 3)],
    [
      'is revoked where it was reported later: when it was issued nobody knows but that its task had begun',
      ['2 IssuedBefore'],
      seen(before('30m').having(delivered(2, at('40m'), { startedAt: at('20m'), issuedAfter: at('20m') }), late), 3),
    ],
    [
      'stays where its Job was made later, though its task was claimed before',
      [],
      seen(before('30m').having(delivered(2, at('40m'), { startedAt: at('20m'), issuedAfter: at('35m') }), late), 3),
    ],
    [
      'is revoked by the successor that follows it, whatever came before',
      ['1 Superseded', '2 IssuedBefore'],
      seen(before('30m').having(delivered(1, at('35m')), delivered(2, at('20m')), late), 3),
    ],
    ['stays until the moment has come', [], seen(before('3h').having(delivered(2), late), 3)],
    [
      'is revoked where its Job is older, and only the clock that dated the claim was ahead',
      ['2 IssuedBefore'],
      seen(before('30m').having(delivered(2, at('40m'), { issuedAfter: at('20m') }), late), 3),
    ],
    [
      'stays where its Job was made in the same second: that is dated in whole seconds',
      [],
      seen(before('30m').having(delivered(2, at('40m'), { issuedAfter: at('30m') }), late), 3),
    ],
  ])('%s', (_, expected, s) => {
    expect(owed(s)).toEqual(expected)
  })

  it('is revoked once consumers have had its successor for as long as they are promised', () => {
    const s = seen(
      before('30m')
        .spec({ rotation: { minOverlap: '2h' } })
        .having(delivered(2), late),
      3,
    )
    expect(decide(s.snapshot).status.unresolved).toMatchObject([{ version: 2, notBefore: at('3h') }])
    expect(orders(s)).toEqual([])
  })

  it('is revoked, of all that is owed, though the credential is suspended', () => {
    const suspended = before('30m').spec({ suspend: true }).having(delivered(1), delivered(2), late)
    const s = seen(suspended.owing(owedBy(1)), 3)
    expect(orders(s)).toEqual(['delete_credentials 1 manual_secret_rotation'])
    const trusted = seen(aCredential().spec({ suspend: true }).having(delivered(2), late).owing(owedBy(1)), 3)
    expect(orders(trusted)).toEqual([])
  })

  it('is no reason to make another while the credential is suspended and the newest is trusted', () => {
    const due = before('30m').spec({ suspend: true, rotation: { interval: '30m' } })
    expect(orders(seen(due.having(delivered(2), late), 3))).toEqual([
      'delete_credentials 2 secret_version_data_deletion',
    ])
  })

  it('is told by the provider that made it, though another one is named by now', () => {
    const former = { ...aProvider(), metadata: { ...aProvider().metadata, name: 'former', uid: 'former-uid' } }
    const makers = [{ ...former, spec: { ...former.spec, revokeIssuedBefore: at('30m') } }]
    const made = delivered(2, at(), { provider: { ...delivered(2).provider, name: 'former', uid: 'former-uid' } })
    expect(owed(seen(aCredential().having(made, late), 3).with({ makers }))).toEqual(['2 IssuedBefore'])
  })

  it('goes earlier where the overlap is shortened afterwards, and the condition tells when', () => {
    const owing = owedBy(2, { reason: 'IssuedBefore', notBefore: at('25h') })
    const shortened = before('30m')
      .spec({ rotation: { minOverlap: '2h' } })
      .having(delivered(2), late)
      .owing(owing)
    const { unresolved, conditions } = decide(seen(shortened, 3).snapshot).status
    expect(unresolved).toMatchObject([{ version: 2, notBefore: at('3h') }])
    expect(conditions?.find(({ type }) => type === 'Revoking')?.message).toContain(`until ${at('3h')}`)
  })

  it('is looked at when that moment comes', () => {
    const { wakeAt } = decide(seen(before('3h').having(...early), 2).snapshot)
    expect(wakeAt).toBe(after('3h'))
  })

  it('is looked at when that moment comes also where a clock that was ahead has it counted later', () => {
    const made = delivered(2, at('60m'), { startedAt: at('200m') })
    expect(decide(seen(before('3h').having(made), 2).snapshot).wakeAt).toBe(after('3h'))
  })

  it('is not replaced again and again while only a clock that is ahead takes the moment for past', () => {
    const made = delivered(2, at('100m'), { issuedAfter: at('60m') })
    const s = seen(before('90m').having(delivered(1), made), 2)
    expect(orders(s)).toEqual(['delete_credentials 1 secret_version_data_deletion'])
    expect(decide(s.snapshot).wakeAt).toBe(after('130m'))
    expect(told(s)).toBe(
      [
        'Issued before revokeIssuedBefore, of this object or of its provider, and to be replaced and revoked: version 1, 2.',
        `Consumers have spec.rotation.minOverlap to follow, until ${at('100m')}.`,
        `The operator's clock was ahead when it made one: that is taken on at ${at('130m')}.`,
      ].join(' '),
    )
    expect(orders(s.at(after('130m')))).toEqual(REPLACED)
  })

  it('is named until it is gone', () => {
    expect(told(seen(before('1h').having(...early), 2))).toBe(
      'Issued before revokeIssuedBefore, of this object or of its provider, and to be replaced and revoked: version 1, 2.',
    )
    expect(told(seen(before('30m').having(late), 3))).toBeUndefined()
  })
})
