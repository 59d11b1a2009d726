import { describe, expect, it } from 'vitest'
import { createCaches } from '../../../src/caches.ts'
import type { EventRecord } from '../../../src/kube/events.ts'
import { tellOfTasks } from '../../../src/secret-task/chronicle.ts'
import { seeded } from '../../sim/random.ts'
import { aCreation, type TaskBuilder } from '../../support/builders-tasks.ts'
import { FakeApi } from '../../support/fake-api.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { silentLogger } from '../../support/loggers.ts'

type Happening = ['ADDED' | 'MODIFIED' | 'DELETED', TaskBuilder]

/** What is told of these happenings, after those that had been there before. */
function told(happenings: readonly Happening[], before: readonly Happening[] = []): EventRecord[] {
  const { caches } = createCaches({
    api: new FakeApi(),
    clock: new FakeClock(),
    random: seeded(1),
    logger: silentLogger,
  })
  const records: EventRecord[] = []
  let revision = 0
  const play = ([type, { object }]: Happening) => {
    const metadata = { ...object.metadata, resourceVersion: String((revision += 1)) }
    caches.tasks.apply({ type, object: { ...object, metadata } })
  }
  before.forEach(play)
  tellOfTasks(caches, { record: (event) => records.push(event) })
  happenings.forEach(play)
  return records
}
const task = aCreation(2)
const failed = task.failed('Nothing')
const suspect = task.created().suspect('exit 1')
const there: Happening[] = [['ADDED', task]]

describe('of a task is told', () => {
  it.each<[string, string[], Happening[], Happening[]?]>([
    ['that it was made', ['Normal secret_task_created'], [['ADDED', task]]],
    ['nothing while it is at work', [], [['MODIFIED', task.processing()]], there],
    ['that it has succeeded', ['Normal secret_task_succeeded'], [['MODIFIED', task.created()]], there],
    ['that it has failed, as a warning', ['Warning secret_task_failed'], [['MODIFIED', failed]], there],
    [
      'its end once',
      ['Normal secret_task_succeeded'],
      [
        ['MODIFIED', task.created()],
        ['MODIFIED', suspect],
      ],
      there,
    ],
    ['that its record went', ['Normal secret_task_deleted'], [['DELETED', task]], there],
    [
      'both where it is seen only when it is over',
      ['Normal secret_task_created', 'Normal secret_task_succeeded'],
      [['ADDED', task.created()]],
    ],
    ['nothing by a leader that finds it there', [], [], [['ADDED', task.created()]]],
  ])('%s', (_, expected, happenings, before) => {
    const events = told(happenings, before)
    expect(events.map(({ type, reason }) => `${type} ${reason}`)).toEqual(expected)
  })

  it('what it was for, and why it failed', () => {
    const [event] = told([['MODIFIED', failed]], there)
    expect(event).toMatchObject({
      regarding: { kind: 'SecretTask', name: task.id },
      action: 'create_credentials',
      note: expect.stringMatching(
        /^create_credentials \(\w+\) of [\w-]+, version 2: failed: UpstreamDown: no route to host$/,
      ) as string,
    })
  })
})
