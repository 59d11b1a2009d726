import { describe, expect, it } from 'vitest'
import { annotation } from '../../../src/api/labels.ts'
import { after, at, aVersion, delivered, maker, owedBy, unknownOf } from '../../support/builders.ts'
import { aCreation, aDeletion, anError } from '../../support/builders-tasks.ts'
import { check, folded, having, next } from './ledger-table.ts'

const creation = aCreation(1)
const cancelled = { code: 'TaskDeleted', description: 'The task was deleted before its outcome was recorded.' }

/** When its run began nobody knows any more. */
const { issuedAfter: _unknown, startedAt: _forgotten, ...unclaimed } = aVersion(1)

const { uid, ...its } = creation.job()
const withJob = creation.status({
  ...creation.created().object.status,
  jobRef: { namespace: its.namespace, name: its.name, uid },
})

describe('a create task', () => {
  const lastFailure = { taskId: creation.id, time: at('1m'), ...anError() }
  check({
    'that is queued says nothing': [{}, { tasks: [creation.queued().object] }, {}],
    'that is processing says nothing': [{}, { tasks: [creation.processing().object] }, {}],
    'that has created becomes a version, and the next one has the next number': [
      {},
      { tasks: [creation.created('role-1', at('1m')).object] },
      {
        versions: [aVersion(1, { createdAt: at('1m'), provider: creation.object.spec.provider })],
        nextVersion: next(2, 0),
      },
    ],
    'that has created is dated by its Job, too, which the API server has': [
      {},
      { tasks: [withJob.object], runs: [withJob.job({ createdAt: at('30s') })] },
      { versions: [aVersion(1, { issuedAfter: at('30s'), startedAt: at() })], nextVersion: next(2, 0) },
    ],
    'that failed and made nothing is tried again, and nothing is owed': [
      {},
      { tasks: [creation.failed('Nothing', at('1m')).object] },
      { nextVersion: next(1, 1, 1, new Date(after('1m10s')).toISOString()), lastFailure },
    ],
    'that failed is remembered with the request that it was made for': [
      {},
      { tasks: [creation.failed('Nothing', at('1m')).answering({ [annotation.rotateRequestedAt]: 'now' }).object] },
      { nextVersion: { ...next(1, 1, 1, new Date(after('1m10s')).toISOString()), rotateRequest: 'now' }, lastFailure },
    ],
    'that failed with an unknown outcome is owed a find': [
      {},
      { tasks: [creation.failed('Unknown', at('1m')).object] },
      {
        nextVersion: next(1, 1, 1, at('1m10s')),
        lastFailure,
        unresolved: [unknownOf(1, { trigger: 'secret_creation', since: at('1m') })],
      },
    ],
    'that is accounted for says nothing more, whatever it says': [
      having([], 1),
      { tasks: [creation.failed('Unknown').object] },
      {},
    ],
    'whose version was deleted since does not bring it back': [
      { nextVersion: next(2, 0) },
      { tasks: [creation.created().object] },
      {},
    ],
    'that ended as suspect becomes a version that is': [
      {},
      { tasks: [creation.created().suspect('reported twice').object] },
      { versions: [aVersion(1, { suspect: 'reported twice' })], nextVersion: next(2, 0) },
    ],
    'that turns out suspect after the end marks its version': [
      having([aVersion(1)]),
      { tasks: [creation.created().suspect('reported twice').object] },
      { versions: [aVersion(1, { suspect: 'reported twice' })] },
    ],
    'that turns out suspect in another way leaves the first word on its version': [
      having([aVersion(1, { suspect: 'its container failed' })]),
      { tasks: [creation.created().suspect('reported twice').object] },
      {},
    ],
  })

  it('of each failed attempt is counted, in order, however they are listed', () => {
    const [first, second] = [aCreation(1, 1).failed('Nothing', at('1m')), aCreation(1, 2).failed('Nothing', at('2m'))]
    const { nextVersion, lastFailure } = folded({}, { tasks: [second.object, first.object] })
    expect(nextVersion).toEqual(next(1, 2, 2, at('2m20s')))
    expect(lastFailure?.taskId).toBe(second.id)
  })
})

describe('a delete task', () => {
  const owing = having([delivered(1), delivered(2), delivered(3)], 0, { unresolved: [owedBy(1)] })
  check({
    'that has deleted ends the obligation and its version': [
      owing,
      { tasks: [aDeletion(1).deleted().object] },
      { versions: [delivered(2), delivered(3)], unresolved: [] },
    ],
    'that failed is tried again later, and says why': [
      owing,
      { tasks: [aDeletion(1).failed('Unknown', at('1m')).object] },
      { unresolved: [owedBy(1, { attempts: 1, nextAttemptTime: at('1m10s'), lastError: anError() })] },
    ],
    'of an earlier attempt changes nothing': [
      { unresolved: [owedBy(1, { attempts: 2 })] },
      { tasks: [aDeletion(1).failed('Unknown').object, aDeletion(1, { attempt: 2 }).deleted().object] },
      {},
    ],
    'that was made too early to meet the obligation is waited after where it failed': [
      { unresolved: [owedBy(1, { attempts: 2 })] },
      { tasks: [aDeletion(1, { attempt: 2 }).failed('Unknown', at('1m')).object] },
      { unresolved: [owedBy(1, { attempts: 2, nextAttemptTime: at('1m20s'), lastError: anError() })] },
    ],
    'that has found and deleted what a run made ends that obligation alone': [
      { unresolved: [unknownOf(1), owedBy(1)] },
      { tasks: [aDeletion(1, { credentialsId: undefined }).deleted().object] },
      { unresolved: [owedBy(1)] },
    ],
    'of credentials that the same run made besides leaves its version alone': [
      having([delivered(1)], 0, { unresolved: [owedBy(1, { credentialsId: 'other' })] }),
      { tasks: [aDeletion(1, { credentialsId: 'other' }).deleted().object] },
      { unresolved: [] },
    ],
    'of what is not owed changes nothing': [having([delivered(1)]), { tasks: [aDeletion(1).deleted().object] }, {}],
    'that is at work changes nothing': [owing, { tasks: [aDeletion(1).processing().object] }, {}],
  })
})

describe('a Job', () => {
  const failure = {
    nextVersion: { ...next(1, 1, 1, at('10s')), cancelledAt: at() },
    lastFailure: { taskId: creation.id, time: at(), ...cancelled },
  }
  check({
    'whose task is at work says nothing': [{}, { tasks: [creation.processing().object], runs: [creation.job()] }, {}],
    'whose create task is gone may have made something: a failed attempt that is owed a find': [
      {},
      { runs: [creation.job()] },
      { ...failure, unresolved: [unknownOf(1, { trigger: 'secret_creation' })] },
    ],
    'whose create task is gone after consumers were given its version has made that version': [
      {},
      {
        runs: [creation.job()],
        custody: [creation.payload()],
        target: { uid: 'target', version: 1, rendition: undefined },
      },
      {
        versions: [unclaimed],
        nextVersion: next(2, 0),
      },
    ],
    'whose create task is gone while consumers have an older version has made nothing that counts': [
      having([delivered(1)]),
      { runs: [aCreation(2).job()], target: { uid: 'target', version: 1, rendition: undefined } },
      {
        nextVersion: { ...next(2, 1, 1, at('10s')), cancelledAt: at() },
        lastFailure: { taskId: aCreation(2).id, time: at(), ...cancelled },
        unresolved: [unknownOf(2, { trigger: 'secret_creation' })],
      },
    ],
    'whose task was made anew under its ID waits for the end of that one': [
      {},
      { tasks: [creation.queued().object], runs: [creation.job({ taskUid: 'another' })] },
      {},
    ],
    'whose task was made anew under its ID may have made something, though that one has not': [
      {},
      { tasks: [creation.failed('Nothing').object], runs: [creation.job({ taskUid: 'another', uid: 'of-another' })] },
      {
        nextVersion: next(1, 1, 1, at('10s')),
        lastFailure: { taskId: creation.id, time: at(), ...anError() },
        unresolved: [unknownOf(1, { trigger: 'secret_creation' })],
      },
    ],
    'of which a second pod was started leaves that on its version, once all have ended': [
      having([aVersion(1)]),
      { tasks: [creation.created().object], runs: [creation.job({ ended: true, startedTwice: true })] },
      { versions: [aVersion(1, { startedTwice: true })] },
    ],
    'of which a second pod is at work says nothing yet': [
      having([aVersion(1)]),
      { tasks: [creation.created().object], runs: [creation.job({ startedTwice: true })] },
      {},
    ],
    'of which one pod has said that nothing was made is owed a find for the other': [
      having([], 1),
      { tasks: [creation.failed('Nothing').object], runs: [creation.job({ ended: true, startedTwice: true })] },
      { unresolved: [unknownOf(1, { trigger: 'secret_creation' })] },
    ],
    'of which the other pod was looked after is owed nothing more': [
      having([], 1),
      {
        tasks: [creation.failed('Nothing').object, aDeletion(1, { credentialsId: undefined }).deleted().object],
        runs: [creation.job({ ended: true, startedTwice: true })],
      },
      {},
    ],
    'whose create task is gone and accounted for says nothing': [
      having([aVersion(1)]),
      { runs: [creation.job({ ended: true })] },
      {},
    ],
    'that comes when its task has failed over another Job may have made something: it is owed a find': [
      having([], 1),
      { tasks: [creation.failed('Unknown').object], runs: [creation.job({ uid: 'late' })] },
      { unresolved: [unknownOf(1, { trigger: 'secret_creation' })] },
    ],
    'that comes so after a find is owed another one': [
      having([], 1),
      {
        tasks: [creation.failed('Unknown').object, aDeletion(1, { credentialsId: undefined }).deleted().object],
        runs: [creation.job({ uid: 'late' })],
      },
      { unresolved: [unknownOf(1, { trigger: 'secret_creation', attempts: 1 })] },
    ],
    'over which its task has failed, and which is accounted for, says nothing more': [
      having([], 1),
      { tasks: [creation.failed('Unknown').object], runs: [creation.job({ ended: true })] },
      {},
    ],
    'that is released says nothing': [{}, { runs: [creation.job({ held: false })] }, {}],
    'whose delete task is gone ends that attempt, never the obligation': [
      { unresolved: [owedBy(1)] },
      { runs: [aDeletion(1).job()] },
      { unresolved: [owedBy(1, { attempts: 1, nextAttemptTime: at('10s'), lastError: cancelled })] },
    ],
    'that failed after its report was accepted makes its version suspect': [
      {},
      { tasks: [creation.created().object], runs: [creation.job({ ended: true, failed: true })] },
      {
        versions: [aVersion(1, { suspect: 'The container failed after its report was accepted.' })],
        nextVersion: next(2, 0),
      },
    ],
  })
})

describe('version numbers', () => {
  it('are never used again, though every version is deleted (S8)', () => {
    const status = having([delivered(1), delivered(2)], 0, { unresolved: [owedBy(1), owedBy(2)] })
    const tasks = [aDeletion(1).deleted().object, aDeletion(2).deleted().object]
    expect(folded(status, { tasks })).toMatchObject({ versions: [], unresolved: [], nextVersion: { number: 3 } })
  })

  it('belong to one run each', () => {
    const { versions } = folded(
      {},
      { tasks: [aCreation(1, 1).created('a').object, aCreation(1, 2).created('b').object] },
    )
    expect(versions.map(({ taskId }) => taskId)).toEqual([maker(1, 1)])
  })
})
