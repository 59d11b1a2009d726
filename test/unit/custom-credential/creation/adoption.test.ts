import { describe, expect, it } from 'vitest'
import { annotation } from '../../../../src/api/labels.ts'
import { adoptedTaskId } from '../../../../src/api/task-id.ts'
import { decide } from '../../../../src/custom-credential/decide.ts'
import type { CustodyFacts } from '../../../../src/custom-credential/snapshot.ts'
import { aCredential, after, aProvider, at, delivered, KIT, pinned, unknownOf } from '../../../support/builders.ts'
import { aCreation, aDeletion } from '../../../support/builders-tasks.ts'
import { aSnapshot, type SnapshotBuilder, terminatingNamespace } from '../../../support/builders-snapshot.ts'

const adopt = { secretName: 'legacy', credentialsId: 'app_1' }
const willing = aProvider({ capabilities: ['find', 'adopt'] })
const asked = aCredential().spec({ adopt })
const fresh = aSnapshot().with({ provider: willing }).of(asked)
const taskId = adoptedTaskId(pinned.uid, adopt.credentialsId)
/** What the operator has taken into custody. */
const adopted: CustodyFacts = { ...aCreation(1).payload('app_1'), name: taskId, taskId, adopted: true }
const actions = ({ snapshot }: SnapshotBuilder) => {
  const { prepare, release } = decide(snapshot)
  return [...prepare, ...release]
}
const kinds = (s: SnapshotBuilder) => actions(s).map(({ kind }) => kind)
const ready = (s: SnapshotBuilder) => decide(s.snapshot).status.conditions?.find(({ type }) => type === 'Ready')

describe('credentials that spec.adopt names', () => {
  it('are taken into custody, under the finalizer and after the kit, and no task is made', () => {
    expect(actions(fresh.of(asked.unseen()).with({ custody: [] }))).toMatchObject([
      { kind: 'addFinalizer' },
      { kind: 'storeKit' },
      { kind: 'adopt', kit: KIT },
    ])
  })

  it('are version 1 as soon as they lie there, and delivered', () => {
    const { status, prepare, stories } = decide(fresh.custody(adopted).snapshot)
    expect(status.versions).toMatchObject([
      { version: 1, taskId, credentialsId: 'app_1', adopted: true, deliveredAt: at(), kit: KIT },
    ])
    expect(status.nextVersion).toMatchObject({ number: 2 })
    expect(prepare).toMatchObject([{ kind: 'deliver', version: { version: 1 } }])
    expect(stories.map(({ reason }) => reason)).toEqual(['Adopted', 'Activated'])
  })

  it('are rotated, and revoked, like all others', () => {
    const first = delivered(1, at(), { taskId, credentialsId: 'app_1', adopted: true })
    const rotated = fresh.of(asked.rotating('1d').having(first, delivered(2), delivered(3))).showing(3)
    expect(decide(rotated.snapshot).status.unresolved).toMatchObject([{ originTaskId: taskId, credentialsId: 'app_1' }])
    expect(kinds(rotated)).toContain('createTask')
  })

  it('were issued nobody knows when: any moment of a leak that has come is later', () => {
    const first = delivered(1, at('2d'), { taskId, adopted: true })
    const { startedAt: _never, issuedAfter: _unknown, ...unknown } = first
    const leaked = fresh.of(asked.spec({ revokeIssuedBefore: at('1d') }).having(unknown)).showing(1)
    expect(kinds(leaked.at(after('3d')))).toContain('createTask')
  })

  it('are not rotated at once for a request that stands at their adoption', () => {
    const request = { [annotation.rotateRequestedAt]: 'long ago' }
    const { status } = decide(fresh.of(asked.metadata({ annotations: request })).custody(adopted).snapshot)
    expect(status.lastHandledRotateRequest).toBe('long ago')
  })

  it('are the first version or none: one that has been made goes before', () => {
    const made = fresh.of(asked.having(delivered(1))).showing(1)
    expect(kinds(made)).toEqual([])
    expect(ready(made.with({ provider: aProvider() }))).toMatchObject({ reason: 'Delivered' })
    const both = made.custody(aCreation(1).payload(), adopted)
    expect(actions(both)).toEqual([{ kind: 'removeFromCustody', name: taskId }])
    expect(decide(both.snapshot).status.unresolved).toEqual([])
  })

  it('wait for a task that is under way, and for what has been tried before to be found', () => {
    expect(kinds(fresh.tasks(aCreation(1).processing()))).toEqual([])
    const tried = fresh.of(asked.owing(unknownOf(1)).status({ nextVersion: { number: 1, attempts: 1, failures: 1 } }))
    expect(kinds(tried)).toEqual(['adopt'])
  })

  it('are not revoked where the credential goes before anybody could know of it', () => {
    const leaving = fresh.of(asked.deleted()).custody(adopted)
    expect(decide(leaving.snapshot).status).toMatchObject({ versions: [], unresolved: [] })
    expect(actions(leaving)).toContainEqual({ kind: 'removeFromCustody', name: taskId })
    expect(kinds(leaving)).toContain('removeFinalizer')
    expect(kinds(leaving.showing(1))).toContain('createTask')
  })

  it('are handed over like all others where their namespace goes, and the payload after that', () => {
    const leaving = fresh.of(asked.deleted()).custody(adopted).showing(1).with({ namespace: terminatingNamespace })
    expect(kinds(leaving).slice(0, 2)).toEqual(['recordOrphan', 'removeFromCustody'])
  })

  it('stay in custody while their deletion is owed, and are not adopted once more when it is done', () => {
    const first = delivered(1, at(), { taskId, credentialsId: 'app_1', adopted: true })
    const leaving = fresh.of(asked.having(first).deleted()).custody(adopted)
    expect(kinds(leaving)).toEqual(['createTask'])
    const owing = asked
      .having(first)
      .deleted()
      .owing({ ...unknownOf(1), originTaskId: taskId, credentialsId: 'app_1' })
    const done = fresh
      .of(owing)
      .custody(adopted)
      .tasks(aDeletion(1).spec({ originTaskId: taskId, credentialsId: 'app_1' }).deleted())
    expect(decide(done.snapshot).status).toMatchObject({ versions: [], unresolved: [] })
    expect(kinds(done)).toContain('removeFinalizer')
  })
})

describe('an adoption', () => {
  it('needs a provider that allows it', () => {
    const refused = fresh.with({ provider: aProvider() })
    expect(kinds(refused)).not.toContain('adopt')
    expect(ready(refused)).toMatchObject({ status: 'False', reason: 'AdoptionNotAllowed' })
  })

  it('that failed is told, and tried again when its time has come, or the spec has changed', () => {
    const failed = fresh.trouble({
      adoption: { message: 'There is no Secret "legacy".', generation: 1, tries: 1, retryAt: after('10s') },
    })
    expect(kinds(failed)).toEqual([])
    expect(decide(failed.snapshot).wakeAt).toBe(after('10s'))
    expect(ready(failed)).toMatchObject({
      reason: 'AdoptionFailed',
      message: 'There is no Secret "legacy". It is tried again within 5 minutes.',
    })
    expect(kinds(failed.at(after('10s')))).toEqual(['adopt'])
    expect(kinds(failed.of(asked.metadata({ generation: 2 })))).toEqual(['adopt'])
  })

  it('is no task, and suspended like one', () => {
    expect(kinds(fresh.of(asked.spec({ suspend: true })))).toEqual([])
  })
})
