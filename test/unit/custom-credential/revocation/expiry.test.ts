import { describe, expect, it } from 'vitest'
import type { CredentialVersion } from '../../../../src/api/generated.ts'
import { decide } from '../../../../src/custom-credential/decide.ts'
import {
  aCredential,
  after,
  at,
  aVersion,
  type CredentialBuilder,
  delivered,
  owedBy,
} from '../../../support/builders.ts'
import { aCreation } from '../../../support/builders-tasks.ts'
import { aSnapshot, type SnapshotBuilder } from '../../../support/builders-snapshot.ts'

const lasting = (version: number, made: string, ends: string, more: Partial<CredentialVersion> = {}) =>
  delivered(version, made, { expiresAt: ends, ...more })
const [first, second] = [lasting(1, at(), at('30d')), lasting(2, at('20d'), at('50d'))]

const byHand = aCredential().spec({ ttl: '30d' })
const rotating = byHand.rotating('20d', '12d')
const failedOnce = byHand.having(first).status({
  ...byHand.having(first).object.status,
  nextVersion: { number: 2, attempts: 1, failures: 1 },
})
const seen = (credential: CredentialBuilder, showing: number, when: string): SnapshotBuilder =>
  aSnapshot().of(credential).showing(showing).at(after(when))

const statusOf = ({ snapshot }: SnapshotBuilder) => decide(snapshot).status
/** `version reason`, of what is owed a deletion. */
const owed = (s: SnapshotBuilder): string[] =>
  (statusOf(s).unresolved ?? []).map(({ version, reason }) => `${version} ${reason}`)
const tasks = ({ snapshot }: SnapshotBuilder): string[] =>
  decide(snapshot).release.flatMap((action) =>
    action.kind === 'createTask' ? [`${action.order.spec.type} ${action.order.spec.trigger}`] : [],
  )
const risk = (s: SnapshotBuilder): string | undefined =>
  statusOf(s).conditions?.find(({ type }) => type === 'AtRisk')?.message

describe('the time to live of a version', () => {
  const made = aSnapshot().tasks(aCreation(1).created())
  it('begins when its provider reported it, by the spec of that time', () => {
    const [version] = statusOf(made.of(byHand)).versions ?? []
    expect(version).toMatchObject({ createdAt: at(), expiresAt: at('30d') })
  })
  it('is not changed by a later edit of the spec, nor given to a version that had none', () => {
    const { versions } = statusOf(seen(byHand.spec({ ttl: '90d' }).having(aVersion(1), first), 1, '1d'))
    expect(versions?.map(({ expiresAt }) => expiresAt)).toEqual([undefined, at('30d')])
  })
  it('is for ever without one', () => {
    expect(statusOf(made.of(aCredential())).versions?.[0]).not.toHaveProperty('expiresAt')
  })
  it('of the current version shows', () => {
    expect(statusOf(seen(byHand.having(first, second), 2, '21d')).expirationTime).toBe(at('50d'))
  })
})

describe('a version that has expired is owed a deletion', () => {
  it.each<[string, string[], SnapshotBuilder]>([
    ['not a moment before', [], seen(byHand.having(first), 1, '29d23h59m59s')],
    ['where nothing rotates it by itself', ['1 Expired'], seen(byHand.having(first), 1, '30d')],
    ['where it is the previous one', ['1 Expired'], seen(byHand.having(first, second), 2, '30d')],
    [
      'only once consumers have had its successor for as long as they are promised',
      [],
      seen(rotating.having(first, second), 2, '31d'),
    ],
    ['and then it is', ['1 Expired'], seen(rotating.having(first, second), 2, '32d')],
    ['never while its rotation is late (S6)', [], seen(rotating.having(first), 1, '40d')],
    ['not while its successor is made', [], seen(byHand.having(first), 1, '40d').tasks(aCreation(2).processing())],
    [
      'not while its successor is delivered',
      [],
      seen(byHand.having(first, aVersion(2)), 1, '40d').trouble({
        delivery: { reason: 'TargetConflict', message: '', tries: 9, retryAt: after('40d1m') },
      }),
    ],
    ['not while somebody has asked for its successor', [], seen(byHand.asking('now').having(first), 1, '40d')],
    [
      'though somebody has taken an answered request back',
      ['1 Expired'],
      seen(
        byHand.having(first).status({ ...byHand.having(first).object.status, lastHandledRotateRequest: 'before' }),
        1,
        '30d',
      ),
    ],
    [
      'not where its successor is suspect',
      [],
      seen(byHand.having(first, { ...second, suspect: 'its container failed' }), 2, '31d'),
    ],
    [
      'not where its successor bears the same ID (S34)',
      [],
      seen(byHand.having(first, { ...second, credentialsId: first.credentialsId }), 2, '31d'),
    ],
    [
      'with every older one, so that nobody is put back on it',
      ['1 Expired', '2 Expired'],
      seen(byHand.having(delivered(1), second), 2, '50d'),
    ],
    ['though a request that failed was taken back', ['1 Expired'], seen(failedOnce, 1, '30d')],
    ['not while it is suspended', [], seen(byHand.spec({ suspend: true }).having(first), 1, '40d')],
    ['never without a time to live', [], seen(byHand.having(delivered(1)), 1, '9000d')],
  ])('%s', (_, expected, s) => {
    expect(owed(s)).toEqual(expected)
  })

  it('with the trigger that IBM has for it', () => {
    expect(tasks(seen(byHand.having(first), 1, '30d'))).toEqual(['delete_credentials secret_version_expiration'])
  })

  it('at its time, though nothing else happens', () => {
    const at29 = seen(byHand.having(first), 1, '29d')
    expect(decide(at29.snapshot).wakeAt).toBe(after('30d'))
  })
})

describe('a credential whose last version has expired', () => {
  const expired = byHand.having(first).owing(owedBy(1, { reason: 'Expired' }))
  const both = byHand
    .having(delivered(1), second)
    .owing(owedBy(1, { reason: 'Expired' }), owedBy(2, { reason: 'Expired' }))
  const revoked = byHand.status({
    state: 'destroyed',
    nextVersion: { number: 2, attempts: 0, failures: 0 },
  })
  it.each<[string, CredentialBuilder]>([
    ['while it is being revoked', expired],
    ['while it and an older one are', both],
    ['when it is', revoked],
  ])('is destroyed, and says how to go on, %s', (_, credential) => {
    const { state, stateNumber, conditions } = statusOf(seen(credential, 1, '31d'))
    expect([state, stateNumber]).toEqual(['destroyed', 5])
    expect(conditions).toMatchObject([
      { type: 'Ready', status: 'False', reason: 'Expired' },
      { type: 'Stalled', status: 'True', reason: 'Expired' },
    ])
  })
  it.each<[string, string[], CredentialBuilder]>([
    ['by itself: no more', [], revoked],
    ['when somebody asks for it', ['create_credentials manual_secret_rotation'], revoked.asking('now')],
    ['when it is to be rotated from now on', ['create_credentials automatic_secret_rotation'], revoked.rotating('1d')],
  ])('gets another version %s', (_, expected, credential) => {
    expect(tasks(seen(credential, 1, '31d'))).toEqual(expected)
  })
})

describe('a version is at risk', () => {
  it.each<[string, string | undefined, SnapshotBuilder]>([
    ['not before the last tenth of its life', undefined, seen(byHand.having(first), 1, '26d')],
    ['from then on', `Version 1 expires at ${at('30d')}. Then it is revoked.`, seen(byHand.having(first), 1, '27d')],
    ['when its rotation is late', 'it is not revoked', seen(rotating.having(first), 1, '28d')],
    ['not before its rotation is late', undefined, seen(byHand.rotating('29d').having(first), 1, '28d')],
    ['never without an end', undefined, seen(byHand.having(delivered(1)), 1, '9000d')],
  ])('%s', (_, expected, s) => {
    if (expected === undefined) expect(risk(s)).toBeUndefined()
    else expect(risk(s)).toContain(expected)
  })

  it('and an event tells it, once', () => {
    const s = seen(byHand.having(first), 1, '27d')
    const { stories, status } = decide(s.snapshot)
    expect(stories).toContainEqual(expect.objectContaining({ type: 'Warning', reason: 'AtRisk' }))
    const told = decide({ ...s.snapshot, credential: { ...s.snapshot.credential, status } })
    expect(told.stories).toEqual([])
  })
})

describe('a credential that is suspended', () => {
  const due = rotating.having(first)
  const suspended = due.spec({ suspend: true })
  it('is not rotated, and says why', () => {
    const s = seen(suspended, 1, '25d')
    expect([tasks(s), tasks(seen(due, 1, '25d'))]).toEqual([[], ['create_credentials automatic_secret_rotation']])
    expect(statusOf(s).conditions).toContainEqual(expect.objectContaining({ type: 'Suspended', status: 'True' }))
    expect(statusOf(s).nextRotationTime).toBeUndefined()
  })
  it.each<[string, CredentialBuilder]>([
    ['is not revoked for its age', byHand.spec({ suspend: true }).having(first)],
    ['is not created', byHand.spec({ suspend: true })],
  ])('%s', (_, credential) => {
    expect(tasks(seen(credential, 1, '31d'))).toEqual([])
  })
  it('is revoked when it is deleted', () => {
    expect(tasks(seen(suspended.deleted(at('25d')), 1, '25d'))).toEqual([
      'delete_credentials secret_version_data_deletion',
    ])
  })
})

it('an interval that leaves no time for the next version before the end of this one is refused', () => {
  const late = byHand.rotating('29d23h55m')
  expect(statusOf(aSnapshot().of(late)).conditions?.[0]).toMatchObject({ reason: 'IntervalTooLong' })
  expect(statusOf(aSnapshot().of(byHand.rotating('29d23h49m'))).conditions?.[0]).toMatchObject({ reason: 'Creating' })
})
