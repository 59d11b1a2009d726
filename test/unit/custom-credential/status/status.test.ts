import { describe, expect, it } from 'vitest'
import type { CustomCredentialStatus } from '../../../../src/api/generated.ts'
import { annotation } from '../../../../src/api/labels.ts'
import { UNRESOLVED_LIMIT } from '../../../../src/custom-credential/creation/cause.ts'
import { decide } from '../../../../src/custom-credential/decide.ts'
import { aCredential, after, aProvider, at, aVersion, delivered, unknownOf } from '../../../support/builders.ts'
import { aCreation, anError } from '../../../support/builders-tasks.ts'
import { aSnapshot, type SnapshotBuilder } from '../../../support/builders-snapshot.ts'

const statusOf = ({ snapshot }: SnapshotBuilder): CustomCredentialStatus => decide(snapshot).status
/** `Ready=True Delivered`, ... */
const conditions = (s: SnapshotBuilder): string[] =>
  (statusOf(s).conditions ?? []).map(({ type, status, reason }) => `${type}=${status} ${reason}`)
const message = (s: SnapshotBuilder, type: string): string =>
  statusOf(s).conditions?.find((condition) => condition.type === type)?.message ?? ''

const fresh = aSnapshot()
const active = aSnapshot()
  .of(aCredential().having(delivered(1), delivered(2)))
  .showing(2)
  .at(after('1h'))
const failedOnce = aCreation(1).failed('Nothing')
const conflict = {
  delivery: { reason: 'TargetConflict', message: 'Secret "x" is not ours.', tries: 9, retryAt: after('1m') },
} as const
const refused = { delivery: { reason: 'DeliveryFailed', message: 'quota', tries: 9, retryAt: after('1h1m') } } as const
const pending = { ...aProvider(), status: { observedGeneration: 0 } }

describe('conditions follow kstatus', () => {
  const undelivered = aSnapshot().of(aCredential().having(aVersion(1)))
  const crowded = aCredential().owing(
    ...Array.from({ length: UNRESOLVED_LIMIT }, (_, index) => unknownOf(index + 5, { nextAttemptTime: at('1d') })),
  )
  it.each<[string, SnapshotBuilder, string[]]>([
    ['until the first version is there', fresh, ['Ready=False Creating', 'Reconciling=True Creating']],
    [
      'after a failed try, which is made again',
      fresh.tasks(failedOnce),
      ['Ready=False CreationFailed', 'Reconciling=True CreationFailed'],
    ],
    ['while a version is delivered', active, ['Ready=True Delivered']],
    [
      'while the provider is being checked',
      fresh.with({ provider: pending }),
      ['Ready=False ProviderPending', 'Reconciling=True ProviderPending'],
    ],
    [
      'where a person must act, since there is no provider',
      fresh.with({ provider: undefined }),
      ['Ready=False ProviderNotFound', 'Stalled=True ProviderNotFound'],
    ],
    [
      'where a person must correct parameters',
      fresh.of(aCredential().spec({ parameters: { databse: 'orders' } })),
      ['Ready=False ParametersInvalid', 'Stalled=True ParametersInvalid'],
    ],
    [
      'where a person must free the name of the target',
      undelivered.trouble(conflict),
      ['Ready=False TargetConflict', 'Stalled=True TargetConflict'],
    ],
    [
      'where time may heal a refused delivery',
      undelivered.trouble(refused),
      ['Ready=False DeliveryFailed', 'Reconciling=True DeliveryFailed'],
    ],
    [
      'where revocations fail for so long that nothing more is made',
      fresh.of(crowded),
      ['Ready=False TooManyUnresolved', 'Stalled=True TooManyUnresolved'],
    ],
    [
      'where a version works and a rotation fails: it stays ready',
      active.tasks(aCreation(3).failed('Nothing', at('1h'))),
      ['Ready=True Delivered', 'RotationFailed=True TaskFailed'],
    ],
    [
      'where a version works and its successor cannot be delivered: ready, and not rotated',
      active.of(aCredential().having(delivered(1), delivered(2), aVersion(3))).trouble(refused),
      ['Ready=True Delivered', 'RotationFailed=True DeliveryFailed'],
    ],
    [
      'where the target has gone and cannot be made again: not ready any more',
      active.with({ target: undefined }).trouble(refused),
      ['Ready=False DeliveryFailed', 'Reconciling=True DeliveryFailed'],
    ],
    [
      'where a version works and no other can be made: ready, and stalled',
      active.with({ provider: undefined }),
      ['Ready=True Delivered', 'Stalled=True ProviderNotFound'],
    ],
  ])('%s', (_, s, expected) => {
    expect(conditions(s)).toEqual(expected)
  })

  it('say for which generation they hold', () => {
    const { observedGeneration, conditions: all } = statusOf(fresh.of(aCredential().metadata({ generation: 7 })))
    expect(observedGeneration).toBe(7)
    expect(new Set(all?.map((condition) => condition.observedGeneration))).toEqual(new Set([7]))
  })

  it('say what failed, and when the next try is', () => {
    expect(message(fresh.tasks(failedOnce), 'Ready')).toBe(
      `Attempt 1 at version 1 failed: UpstreamDown: no route to host Next try: ${at('10s')}.`,
    )
  })

  it('never hold more of an error than a condition may', () => {
    const endless = aCreation(1).failed('Nothing', at(), { ...anError(), description: 'x'.repeat(5000) })
    expect(message(fresh.tasks(endless), 'Ready').length).toBeLessThan(1200)
  })

  it('do not change while the situation does not, however time passes', () => {
    const first = statusOf(fresh.tasks(failedOnce))
    const later = fresh.of(aCredential().status(first)).tasks(failedOnce).at(after('5s'))
    expect(statusOf(later)).toEqual(first)
  })
})

describe('the status', () => {
  it.each<[string, SnapshotBuilder, Partial<CustomCredentialStatus>]>([
    ['is pre-active without a version', fresh, { state: 'pre_activation', stateNumber: 0 }],
    [
      'is pre-active while the first version is undelivered',
      aSnapshot()
        .of(aCredential().having(aVersion(1)))
        .trouble(conflict),
      { state: 'pre_activation' },
    ],
    [
      'names the current version and the previous one',
      active,
      { state: 'active', stateNumber: 1, currentVersion: 2, previousVersion: 1 },
    ],
    ['names the target', active, { target: { name: 'orders-database' } }],
    [
      'names the target that the spec wants',
      fresh.of(aCredential().spec({ target: { name: 'x' } })),
      { target: { name: 'x' } },
    ],
    [
      'tells the next rotation',
      active.of(aCredential().rotating('30d').having(delivered(1))),
      { nextRotationTime: at('30d') },
    ],
    [
      'tells the next try of a rotation that is overdue',
      active
        .of(aCredential().rotating('30m').having(delivered(1), delivered(2)))
        .tasks(aCreation(3).failed('Nothing', at('1h'))),
      { nextRotationTime: new Date(after('1h10s')).toISOString() },
    ],
  ])('%s', (_, s, expected) => {
    expect(statusOf(s)).toMatchObject(expected)
  })

  it('tells no next rotation where there is none', () => {
    expect(statusOf(active)).not.toHaveProperty('nextRotationTime')
  })
})

describe('a rotate-now request', () => {
  const asking = aCredential().asking('now').having(delivered(1))
  const answer = aCreation(2).answering({ [annotation.rotateRequestedAt]: 'now' })
  const handled = (s: SnapshotBuilder) => statusOf(s).lastHandledRotateRequest
  const s = active.of(asking).custody(aCreation(2).payload())

  it('is answered by the version that was made for it', () => {
    expect(handled(s.tasks(answer.created()))).toBe('now')
  })
  it('is kept as far as the status has room for it, whatever somebody has written on the task', () => {
    const edited = aCreation(2).answering({ [annotation.rotateRequestedAt]: 'x'.repeat(2000) })
    expect(handled(s.tasks(edited.created()))).toHaveLength(1024)
    expect(statusOf(s.tasks(edited.failed('Nothing'))).nextVersion?.rotateRequest).toHaveLength(1024)
    const waiting = s.tasks(edited.queued().saying('Waits for its turn.'))
    expect(statusOf(waiting).nextVersion?.queued?.rotateRequest).toHaveLength(1024)
  })
  it('is not answered by a version that was ordered before it stood', () => {
    expect(handled(s.tasks(aCreation(2).created()))).toBeUndefined()
  })
  it('is not answered while its version is being made, nor by a failure', () => {
    expect(handled(s.tasks(answer.processing()))).toBeUndefined()
    expect(handled(s.tasks(answer.failed('Nothing')))).toBeUndefined()
  })
  it('stays answered when the record of its task is gone', () => {
    expect(handled(s.of(asking.status({ lastHandledRotateRequest: 'now' })))).toBe('now')
  })
})
