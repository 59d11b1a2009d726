import { describe, expect, it } from 'vitest'
import { UNRESOLVED_LIMIT } from '../../../../src/custom-credential/creation/cause.ts'
import { CREATION_TRIES } from '../../../../src/custom-credential/schedule.ts'
import { decide } from '../../../../src/custom-credential/decide.ts'
import { type Reason, REASONS } from '../../../../src/custom-credential/status/reasons.ts'
import type { RestartTrouble } from '../../../../src/custom-credential/snapshot.ts'
import { aCredential, after, aProvider, at, aVersion, delivered, unknownOf } from '../../../support/builders.ts'
import { aCreation } from '../../../support/builders-tasks.ts'
import { aSnapshot, SnapshotBuilder } from '../../../support/builders-snapshot.ts'

const fresh = aSnapshot()
const WEB = { kind: 'Deployment', name: 'web' } as const
const provider = aProvider()
const withSecret = aProvider({
  schema: {
    ...provider.spec.schema,
    parameters: [
      { name: 'database', type: 'string' },
      { name: 'admin', type: 'secret_id' },
    ],
  },
})
const verdict = { type: 'Accepted', status: 'False', reason: 'Rejected', message: 'no', observedGeneration: 1 } as const
const rejected = { ...verdict, lastTransitionTime: at() }
const stuck = (reason: 'TargetConflict' | 'TargetMissing' | 'DeliveryFailed') => ({
  delivery: { reason, message: 'no', tries: 9, retryAt: after('1m') },
})
const adopt = { secretName: 'legacy', credentialsId: 'app_1' }
const lagging = (reason: RestartTrouble['reason']) =>
  fresh
    .of(
      aCredential()
        .spec({ restartTargets: [WEB] })
        .having(delivered(1), delivered(2))
        .status({ restarts: [{ ...WEB, version: 1 }] }),
    )
    .showing(2)
    .trouble({ restarts: [{ ...WEB, reason, message: 'no', tries: 1, retryAt: after('10s') }] })
const active = fresh
  .of(aCredential().having(delivered(1)))
  .showing(1)
  .at(after('1h'))
const renamed = aCredential()
  .spec({ target: { name: 'login' } })
  .having(delivered(1))
const mortal = aCredential()
  .spec({ ttl: '10d' })
  .having(delivered(1, at(), { expiresAt: at('10d') }))
const many = Array.from({ length: UNRESOLVED_LIMIT }, (_, index) => unknownOf(index + 5, { nextAttemptTime: at('1d') }))
const suspect = (version: number) => delivered(version, at(), { suspect: 'exit 1' })

const keeping = aCredential()
  .spec({ locks: [{ name: 'audit', version: 'previous' }] })
  .having(delivered(1), delivered(2))
const locked = active.of(keeping).showing(2)

const failing = (failures: number) =>
  fresh.of(
    aCredential().status({
      nextVersion: { number: 1, attempts: failures, failures, nextAttemptTime: at('1h') },
      lastFailure: { taskId: 'sm-task-1', time: at(), code: 'UpstreamDown', description: 'no route' },
    }),
  )

/** A situation for each: the type leaves none out. */
const REACHED: Readonly<Record<Reason, SnapshotBuilder>> = {
  Delivered: active,
  Creating: fresh,
  Waiting: active.tasks(aCreation(2).processing().saying('Waits for its turn.')),
  RevokedAtOnce: fresh.of(aCredential().status({ state: 'deactivated' })),
  CreationFailed: fresh.tasks(aCreation(1).failed('Nothing')),
  CreationGivenUp: failing(CREATION_TRIES),
  CreationCancelled: fresh.jobs(aCreation(1).job()),
  TaskCancelled: active.jobs(aCreation(2).job()),
  TaskFailed: active.tasks(aCreation(2).failed('Nothing', at('1h'))),
  TaskRefused: fresh.trouble({ refusal: 'quota' }),
  ProviderNotFound: fresh.with({ provider: undefined }),
  ProviderDeleting: fresh.with({
    provider: { ...provider, metadata: { ...provider.metadata, deletionTimestamp: at() } },
  }),
  ProviderPending: fresh.with({ provider: { ...provider, status: { observedGeneration: 0 } } }),
  ProviderNotAccepted: fresh.with({
    provider: { ...provider, status: { observedGeneration: 1, conditions: [rejected] } },
  }),
  NamespaceNotAllowed: fresh.with({
    provider: { ...provider, spec: { ...provider.spec, jobNamespace: 'databases' } },
  }),
  ParametersInvalid: fresh.of(aCredential().spec({ parameters: { databse: 'orders' } })),
  InputSecretNotFound: fresh
    .with({ provider: withSecret })
    .of(aCredential().spec({ secretParameters: { admin: { name: 'ledger-admin' } } })),
  IntervalTooLong: fresh.of(aCredential().spec({ ttl: '10m', rotation: { interval: '9m' } })),
  WindowInvalid: fresh.of(
    aCredential().spec({ rotation: { interval: '30d', window: { schedule: '0 0 31 2 *', duration: '1h' } } }),
  ),
  TemplateInvalid: fresh.of(aCredential().spec({ target: { template: { url: '{{ usrname }}' } } })),
  AdoptionNotAllowed: fresh.of(aCredential().spec({ adopt })),
  AdoptionFailed: fresh
    .of(aCredential().spec({ adopt }))
    .with({ provider: aProvider({ capabilities: ['adopt'] }) })
    .trouble({ adoption: { message: 'no Secret', generation: 1, tries: 1, retryAt: after('10s') } }),
  TargetConflict: fresh.of(aCredential().having(aVersion(1))).trouble(stuck('TargetConflict')),
  TargetMissing: fresh.of(aCredential().having(aVersion(1))).trouble(stuck('TargetMissing')),
  DeliveryFailed: fresh.of(aCredential().having(aVersion(1))).trouble(stuck('DeliveryFailed')),
  Moving: active.of(renamed.status({ target: { name: 'orders-database' } })),
  RemovalRefused: active
    .of(renamed.status({ target: { name: 'login' }, formerTargets: [{ name: 'orders-database', uid: 'former' }] }))
    .trouble({ removals: [{ uid: 'former', message: 'no', tries: 1, retryAt: after('2h') }] }),
  RestartTargetNotFound: lagging('RestartTargetNotFound'),
  RestartForbidden: lagging('RestartForbidden'),
  RestartRefused: lagging('RestartRefused'),
  Expired: fresh.of(mortal).showing(1).at(after('10d')),
  ExpiresSoon: fresh.of(mortal).showing(1).at(after('9d1s')),
  VersionSuspect: fresh.of(aCredential().having(suspect(1), suspect(2))).showing(2),
  TooManyUnresolved: fresh.of(aCredential().owing(...many)),
  ChangesWaiting: active.of(aCredential().spec({ ttl: '30d' }).having(delivered(1))),
  SuspendedBySpec: fresh.of(aCredential().spec({ suspend: true })),
  VersionLocked: locked,
  LockWaiting: fresh.of(aCredential().spec({ locks: [{ name: 'audit', version: 'previous' }] })),
  PreviousVersionLocked: locked.of(keeping.asking('now')),
  IssuedBefore: active.of(
    aCredential()
      .spec({ revokeIssuedBefore: at('30m') })
      .having(delivered(1)),
  ),
  MomentToCome: active.of(
    aCredential()
      .spec({ revokeIssuedBefore: at('3d') })
      .having(delivered(1)),
  ),
  Deleting: active.of(aCredential().having(delivered(1)).metadata({ deletionTimestamp: at() })),
}

describe('each reason of a condition', () => {
  it.each(Object.entries(REACHED))('%s is reached, in the conditions that the README tells', (reason, { snapshot }) => {
    const { conditions = [] } = decide(snapshot).status
    const explained = REASONS[reason as Reason]
    const types = conditions.filter((condition) => condition.reason === reason).map(({ type }) => type)
    const told = [...explained.conditions, ...('stalls' in explained ? ['Stalled'] : ['Reconciling'])]
    expect(types).not.toEqual([])
    expect(told).toEqual(expect.arrayContaining(types))
    expect(types.includes('Stalled')).toBe('stalls' in explained)
  })
})

/** As it is looked at again, a second after what was found out is on record. */
function again({ snapshot }: SnapshotBuilder): SnapshotBuilder {
  const credential = { ...snapshot.credential, status: decide(snapshot).status }
  return new SnapshotBuilder({ ...snapshot, credential, now: snapshot.now + 1000 })
}

describe('each message of a condition', () => {
  it.each(Object.entries(REACHED))('is the same as long as nothing changes: %s', (_, begun) => {
    const recorded = again(begun)
    const told = ({ snapshot }: SnapshotBuilder) => decide(snapshot).status.conditions
    expect(told(again(recorded))).toEqual(told(recorded))
  })
})
