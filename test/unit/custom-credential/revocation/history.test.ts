import { describe, expect, it } from 'vitest'
import { decide } from '../../../../src/custom-credential/decide.ts'
import { aCredential, after, at, delivered, owedBy } from '../../../support/builders.ts'
import { aSnapshot, type SnapshotBuilder } from '../../../support/builders-snapshot.ts'
import { aCreation, aDeletion } from '../../../support/builders-tasks.ts'

/** Version 4 is current, 3 the one before; versions 1 and 2 are revoked. Each task ended an hour after the one before. */
const unlimited = aCredential().having(delivered(3), delivered(4))
const settled = unlimited.spec({ taskHistoryLimit: 2 })
const tasks = [
  aCreation(1).created('role-1', at('1h')),
  aCreation(2).created('role-2', at('2h')),
  aCreation(3).created('role-3', at('3h')),
  aDeletion(1).deleted(at('4h')),
  aCreation(4).created('role-4', at('5h')),
]

const pruned = (snapshot: SnapshotBuilder) =>
  decide(snapshot.showing(4).at(after('6h')).snapshot).release.flatMap((action) =>
    action.kind === 'deleteTask' ? [action.name] : [],
  )
const ids = (...at: readonly number[]) => at.map((index) => tasks[index]?.id)

describe('of the records of finished tasks', () => {
  it('the newest stay, as many as the spec says', () => {
    expect(
      pruned(
        aSnapshot()
          .of(settled)
          .tasks(...tasks),
      ),
    ).toEqual(ids(2, 1, 0))
  })

  it('ten stay where the spec says nothing', () => {
    expect(
      pruned(
        aSnapshot()
          .of(unlimited)
          .tasks(...tasks),
      ),
    ).toEqual([])
  })

  it('none stays where none is wanted', () => {
    expect(
      pruned(
        aSnapshot()
          .of(settled.spec({ taskHistoryLimit: 0 }))
          .tasks(...tasks),
      ),
    ).toEqual(ids(4, 3, 2, 1, 0))
  })

  it('one stays while its Job is held', () => {
    const held = tasks[0]?.job() ?? expect.unreachable()
    expect(
      pruned(
        aSnapshot()
          .of(settled)
          .tasks(...tasks)
          .jobs(held),
      ),
    ).not.toContain(tasks[0]?.id)
  })

  it('the deletion of a credential stays while its payload is in custody', () => {
    const none = settled.spec({ taskHistoryLimit: 0 })
    const payload = aCreation(1).payload('role-1')
    expect(
      pruned(
        aSnapshot()
          .of(none)
          .tasks(...tasks)
          .custody(payload),
      ),
    ).not.toContain(tasks[3]?.id)
  })

  it('an open task is no record', () => {
    const open = aDeletion(2).processing()
    const owing = settled.owing(owedBy(2))
    expect(
      pruned(
        aSnapshot()
          .of(owing)
          .tasks(...tasks, open),
      ),
    ).toEqual(ids(2, 1, 0))
  })
})
