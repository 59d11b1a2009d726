import { describe, expect, it } from 'vitest'
import { annotation } from '../../../../src/api/labels.ts'
import { decide } from '../../../../src/custom-credential/decide.ts'
import { aCredential, after, at, type CredentialBuilder, delivered, maker } from '../../../support/builders.ts'
import { aSnapshot, type SnapshotBuilder } from '../../../support/builders-snapshot.ts'
import { aCreation } from '../../../support/builders-tasks.ts'

const asking = aCredential().having(delivered(1)).asking('now')
const queued = aCreation(2)
  .queued()
  .answering({ [annotation.rotateRequestedAt]: 'now' })
const waiting = queued.saying('Waits for its turn.')

/** What is decided at this moment. */
const at1m = (credential: CredentialBuilder): SnapshotBuilder => aSnapshot().of(credential).showing(1).at(after('1m'))
const statusAfter = (s: SnapshotBuilder) => decide(s.snapshot).status
const ordered = (s: SnapshotBuilder): string[] =>
  decide(s.snapshot).release.flatMap((action) => (action.kind === 'createTask' ? action.order.id : []))
/** As the status tells of it from then on. */
const having = (s: SnapshotBuilder): CredentialBuilder => asking.status(statusAfter(s))

const noted = having(at1m(asking).tasks(waiting))

describe('a creation that waits for its turn', () => {
  it('is noted once its waiting is told, in the same write', () => {
    const { nextVersion, conditions } = statusAfter(at1m(asking).tasks(waiting))
    expect(nextVersion?.queued).toEqual({ taskId: maker(2), rotateRequest: 'now' })
    expect(conditions).toContainEqual(expect.objectContaining({ type: 'Rotating', reason: 'Waiting' }))
    expect(statusAfter(at1m(asking).tasks(queued)).nextVersion).not.toHaveProperty('queued')
  })

  it.each<[string, SnapshotBuilder]>([
    ['has its turn', at1m(noted).tasks(waiting.processing())],
    ['has left a Job alone', at1m(noted).jobs(aCreation(2).job())],
    ['is called off, for its credential is deleted', at1m(noted.deleted())],
  ])('is not noted any more, nor cancelled, where it %s', (_, s) => {
    const { nextVersion } = statusAfter(s)
    expect([nextVersion?.queued, nextVersion?.cancelledAt]).toEqual([undefined, undefined])
  })

  it('is cancelled where somebody has deleted it, whether or not anybody saw that', () => {
    const cancelled = at1m(noted)
    expect(ordered(cancelled)).toEqual([])
    const { nextVersion, conditions, lastFailure } = statusAfter(cancelled)
    expect(nextVersion).toMatchObject({ number: 2, attempts: 0, cancelledAt: at('1m'), rotateRequest: 'now' })
    expect(lastFailure).toMatchObject({ taskId: maker(2), code: 'TaskDeleted' })
    expect(conditions).toContainEqual(expect.objectContaining({ type: 'RotationFailed', reason: 'TaskCancelled' }))
  })

  it('that is cancelled waits for another request, and then bears the same ID', () => {
    const cancelled = having(at1m(noted))
    const later = (credential: CredentialBuilder) => at1m(credential).at(after('9d'))
    expect(ordered(later(cancelled))).toEqual([])
    expect(ordered(later(cancelled.asking('again')))).toEqual([maker(2)])
  })

  it('goes on as if nothing had been said where its record was only not seen yet', () => {
    const cancelled = having(at1m(noted))
    const { versions, nextVersion } = statusAfter(at1m(cancelled).tasks(aCreation(2).created()))
    expect(versions?.map(({ version }) => version)).toEqual([1, 2])
    expect(nextVersion).toEqual({ number: 3, attempts: 0, failures: 0 })
  })
})
