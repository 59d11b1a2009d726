import { describe, expect, it } from 'vitest'
import { annotation } from '../../../../src/api/labels.ts'
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
  unknownOf,
} from '../../../support/builders.ts'
import { aCreation, TaskBuilder } from '../../../support/builders-tasks.ts'
import { aSnapshot, type SnapshotBuilder } from '../../../support/builders-snapshot.ts'

/** Versions 1 and 2 were made at the start; the moment is an hour later, and it is two hours by now. */
const early = [delivered(1), delivered(2)]
const moment = { revokeIssuedBefore: at('1h'), revokeMode: 'Immediate' } as const
const leaked = (): CredentialBuilder =>
  aCredential()
    .spec(moment)
    .having(...early)
    .status({ state: 'active', currentVersion: 2 })
const seen = (credential: CredentialBuilder, shown = 2): SnapshotBuilder =>
  aSnapshot().of(credential).showing(shown).at(after('2h'))
const statusIn = ({ snapshot }: SnapshotBuilder) => decide(snapshot).status
const owed = (s: SnapshotBuilder): string[] =>
  (statusIn(s).unresolved ?? []).map(({ version, reason, notBefore }) => `${version} ${reason} ${notBefore ?? 'now'}`)
const orders = ({ snapshot }: SnapshotBuilder): string[] =>
  decide(snapshot).release.flatMap((action) =>
    action.kind === 'createTask'
      ? [`${action.order.spec.type} ${action.order.spec.version} ${action.order.spec.trigger}`]
      : [],
  )
const told = (s: SnapshotBuilder, wanted: string) =>
  statusIn(s).conditions?.find(({ type }) => type === wanted)?.message
const reasons = (s: SnapshotBuilder): string[] =>
  (statusIn(s).conditions ?? []).map(({ type, status, reason }) => `${type}=${status} ${reason}`)
const deliveries = ({ snapshot }: SnapshotBuilder): number[] =>
  decide(snapshot).prepare.flatMap((action) => (action.kind === 'deliver' ? [action.version.version] : []))

/** As the status is once all of it is gone upstream. */
const bereft = (): CredentialBuilder =>
  aCredential()
    .spec(moment)
    .status({ state: 'deactivated', stateNumber: 3, nextVersion: { number: 3, attempts: 0, failures: 0 } })

const NOW = ['1 IssuedBefore now', '2 IssuedBefore now']
const FIRST_DELETION = ['delete_credentials 1 secret_version_data_deletion']
const REPLACEMENT = ['create_credentials 3 manual_secret_rotation']

describe('what was issued before a moment of a leak that is being exploited', () => {
  it.each<[string, SnapshotBuilder]>([
    ['no successor is there', seen(leaked())],
    ['consumers are promised an overlap', seen(leaked().rotating('30d', '7d'))],
    ['the credential is suspended', seen(leaked().spec({ suspend: true }))],
    [
      'it is locked',
      seen(
        leaked()
          .spec({ locks: [{ name: 'audit', version: 'previous' }] })
          .status({ locks: [{ name: 'audit', version: 1 }] }),
      ),
    ],
    [
      'its end has come at the same time',
      seen(leaked().having(delivered(1), delivered(2, at(), { expiresAt: at('2h') }))),
    ],
    ['a rotation is asked for', seen(leaked().asking('now'))],
    [
      'a deletion was to come later',
      seen(
        leaked().owing(
          owedBy(1, { reason: 'IssuedBefore', notBefore: at('9d'), trigger: 'secret_version_data_deletion' }),
        ),
      ),
    ],
    [
      'only its provider says so, and the credential would wait',
      seen(leaked().spec({ revokeMode: 'AfterReplacement' })).with({ provider: aProvider(moment) }),
    ],
    ['its provider would wait', seen(leaked()).with({ provider: aProvider({ revokeIssuedBefore: at('90m') }) })],
  ])('is owed a deletion at once, and before anything is made, where %s', (_, s) => {
    expect(owed(s)).toEqual(NOW)
    expect(orders(s)).toEqual(FIRST_DELETION)
  })

  it.each<[string, string[], SnapshotBuilder]>([
    ['what was issued later', [], seen(leaked().having(delivered(3, at('90m'))), 3)],
    ['anything before the moment has come', [], seen(leaked().spec({ revokeIssuedBefore: at('3h') }))],
    ['anything in the other mode', [], seen(leaked().spec({ revokeMode: 'AfterReplacement' }))],
    ['what another provider made', ['2 IssuedBefore now'], ofTwo()],
  ])('takes no %s', (_, expected, s) => {
    expect(owed(s)).toEqual(expected)
  })

  it('goes together with what its provider made before it by a clock that was ahead', () => {
    const ahead = delivered(1, at(), { startedAt: at('5h'), issuedAfter: at() })
    expect(owed(seen(leaked().having(ahead, delivered(2))))).toEqual(NOW)
  })

  it('goes before what else is owed, and before what may exist since then', () => {
    const since = { since: at('90m') }
    const other = owedBy(7, { ...since, reason: 'Superseded' })
    expect(orders(seen(leaked().owing(other)))).toEqual(FIRST_DELETION)
    const unknown = bereft().owing(other, unknownOf(5, { since: at('30m') }))
    expect(orders(seen(unknown))).toEqual(['delete_credentials 5 manual_secret_rotation'])
  })

  it('is replaced while its deletion can not be tried', () => {
    const waiting = NOW.map((_, index) =>
      owedBy(index + 1, { reason: 'IssuedBefore', attempts: 1, nextAttemptTime: at('121m') }),
    )
    expect(
      orders(
        seen(
          leaked()
            .status({ state: 'deactivated' })
            .owing(...waiting),
        ),
      ),
    ).toEqual(REPLACEMENT)
  })

  it.each([
    ['is waited for while the run that made it is about to end', '7141s', []],
    ['is not waited for where that run goes on for a minute', '7140s', REPLACEMENT],
    ['is not waited for where a clock that was ahead has dated it', '3h', REPLACEMENT],
  ])('%s', (_, reported, expected) => {
    const fresh = leaked().having(...early.map((version) => ({ ...version, createdAt: at(reported) })))
    const atWork = [1, 2].map((version) => aCreation(version).job({ ended: false }))
    expect(orders(seen(fresh).jobs(...atWork))).toEqual(expected)
  })

  it('is not delivered where its run ends after the moment, and replaced', () => {
    const s = seen(leaked()).tasks(aCreation(3).created('role-3', at('61m')))
    expect(owed(s)).toEqual([...NOW, '3 IssuedBefore now'])
    expect(deliveries(s)).toEqual([])
  })

  it('leaves the Secret as it is, previous keys too', () => {
    const shown = leaked().spec({ target: { previousKeys: { prefix: 'previous_' } } })
    expect(decide(seen(shown).snapshot).prepare).toEqual([])
  })
})

/** Ordered after the moment, for a request that came after it, too. */
function trustedCreation(): TaskBuilder {
  const { object } = aCreation(3)
    .created('role-3', at('91m'))
    .answering({ [annotation.rotateRequestedAt]: 'before' })
  const metadata = { ...object.metadata, creationTimestamp: at('90m') }
  return new TaskBuilder({ ...object, metadata, status: { ...object.status, startedAt: at('90m') } })
}

/** Of a provider of which nobody has named a moment. */
const trusted = delivered(1, at(), { provider: { ...delivered(1).provider, name: 'former', uid: 'former-uid' } })
const ofTwo = (): SnapshotBuilder =>
  seen(aCredential().having(trusted, delivered(2)).status({ state: 'active' })).with({ provider: aProvider(moment) })

describe('a credential whose versions are revoked at once', () => {
  it('names none of them as current or previous', () => {
    const { currentVersion, previousVersion } = statusIn(seen(leaked()))
    expect([currentVersion, previousVersion]).toEqual([undefined, undefined])
  })

  it.each<[string, SnapshotBuilder, string, number]>([
    ['deactivated', seen(leaked()), 'deactivated', 3],
    ['deactivated until its successor is made', seen(bereft()), 'deactivated', 3],
    [
      'deactivated until that is delivered',
      seen(
        bereft().having(aVersion(3, { createdAt: at('90m'), startedAt: at('90m'), issuedAfter: at('90m') })),
      ).trouble({
        delivery: { reason: 'DeliveryFailed', message: '', tries: 9, retryAt: after('121m') },
      }),
      'deactivated',
      3,
    ],
    [
      'deactivated though one that had expired is still owed',
      seen(
        bereft()
          .having(delivered(1))
          .owing(owedBy(1, { reason: 'Expired', nextAttemptTime: at('121m'), attempts: 1 })),
      ),
      'deactivated',
      3,
    ],
    [
      'deactivated where only the Secret tells that consumers had one',
      seen(aCredential().spec(moment).having(aVersion(1)), 1),
      'deactivated',
      3,
    ],
    [
      'not active yet where they never had one',
      aSnapshot()
        .of(aCredential().spec(moment).having(aVersion(1)))
        .at(after('2h')),
      'pre_activation',
      0,
    ],
    [
      'destroyed where the last had expired before',
      seen(aCredential().spec(moment).status({ state: 'destroyed' })),
      'destroyed',
      5,
    ],
    ['active once the successor is there', seen(bereft().having(delivered(3, at('90m'))), 3), 'active', 1],
  ])('is %s', (_, s, state, stateNumber) => {
    expect(statusIn(s)).toMatchObject({ state, stateNumber })
  })

  it.each<[string, SnapshotBuilder]>([
    ['it has no interval', seen(bereft())],
    ['it is suspended', seen(bereft().spec({ suspend: true }))],
    [
      'a creation was cancelled before',
      seen(bereft().status({ nextVersion: { number: 3, attempts: 0, failures: 1, cancelledAt: at('30m') } })),
    ],
    [
      'one that had expired is still owed',
      seen(
        bereft()
          .having(delivered(2))
          .owing(owedBy(2, { reason: 'Expired', nextAttemptTime: at('121m'), attempts: 1 })),
      ),
    ],
    [
      'the moment is taken back',
      seen(bereft().spec({ revokeIssuedBefore: undefined, revokeMode: undefined } as object)),
    ],
  ])('gets another by itself where %s', (_, s) => {
    expect(orders(s)).toEqual(REPLACEMENT)
  })

  it('gets another where consumers never had one', () => {
    const never = aSnapshot()
      .of(aCredential().spec(moment).status({ state: 'pre_activation' }))
      .at(after('2h'))
    expect(orders(never)).toEqual(['create_credentials 1 secret_creation'])
  })

  it('gets no other where the last had expired before', () => {
    expect(orders(seen(aCredential().spec(moment).status({ state: 'destroyed' })))).toEqual([])
  })

  it('gets another that answers the request of meanwhile', () => {
    const [action] = decide(seen(bereft().asking('meanwhile')).snapshot).release.filter(
      ({ kind }) => kind === 'createTask',
    )
    expect(action).toMatchObject({ order: { rotateRequest: 'meanwhile' } })
    const answered = seen(bereft().asking('meanwhile')).tasks(trustedCreation())
    expect(statusIn(answered).lastHandledRotateRequest).toBe('before')
    expect(orders(answered)).toEqual(['create_credentials 4 manual_secret_rotation'])
  })

  it('puts its consumers back on what another provider made, and has it replaced', () => {
    expect(statusIn(ofTwo()).currentVersion).toBe(1)
    expect(deliveries(ofTwo())).toEqual([1])
    const { credential } = ofTwo().snapshot
    const status = { ...credential.status, versions: [trusted], currentVersion: 1 }
    expect(
      orders(
        ofTwo()
          .with({ credential: { ...credential, status } })
          .showing(1),
      ),
    ).toEqual(['create_credentials 3 automatic_secret_rotation'])
  })

  it('says that it is not ready, and what happens next', () => {
    expect(reasons(seen(leaked()))).toEqual([
      'Ready=False RevokedAtOnce',
      'Reconciling=True RevokedAtOnce',
      'Revoking=True IssuedBefore',
    ])
    expect(told(seen(leaked()), 'Ready')).toBe(
      'What consumers had is revoked, or about to be (revokeMode: Immediate). Version 3 is made next, and takes its place in Secret "orders-database".',
    )
    expect(told(seen(leaked()), 'Revoking')).toBe(
      'Issued before revokeIssuedBefore, of this object or of its provider, and to be replaced and revoked: version 1, 2. At once, by revokeMode Immediate: version 1, 2. Its consumers are locked out until another is there.',
    )
  })

  it('says that only those are locked out who are late, where the successor is there', () => {
    const followed = leaked().having(...early, delivered(3, at('90m')))
    expect(told(seen(followed, 3), 'Revoking')).toContain('Whoever still uses it is locked out.')
    expect(reasons(seen(followed, 3))).toContain('Ready=True Delivered')
  })

  it('says what keeps its successor from being made', () => {
    const failing = bereft().status({
      nextVersion: { number: 3, attempts: 1, failures: 1, cancelledAt: at('30m'), nextAttemptTime: at('3h') },
      lastFailure: { taskId: 'sm-task-1', time: at(), code: 'UpstreamDown', description: 'no route' },
    })
    expect(reasons(seen(failing))).toContain('Ready=False CreationFailed')
  })

  it('says under suspension that this is served', () => {
    expect(told(seen(bereft().spec({ suspend: true })), 'Suspended')).toContain('but for what was issued before')
  })
})
