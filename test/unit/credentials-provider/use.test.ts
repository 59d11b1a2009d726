import { describe, expect, it } from 'vitest'
import { annotation, finalizer, label } from '../../../src/api/labels.ts'
import type { KubeObject } from '../../../src/api/meta.ts'
import type { Provider } from '../../../src/credentials-provider/resolve.ts'
import { deletionOf, dueHold, type Records, usersOf } from '../../../src/credentials-provider/use.ts'
import { aCredential, at, aVersion, elsewhere, owedBy, pinned } from '../../support/builders.ts'
import { aCreation, type TaskBuilder } from '../../support/builders-tasks.ts'

const none: Records = { tasks: [], jobs: [], credentials: [] }
const ofOrphan = { [label.orphan]: 'orders-database-1' }

const jobOf = ({ object }: TaskBuilder, { finalizers = [finalizer.jobRelease], labels = {} } = {}): KubeObject => ({
  metadata: {
    namespace: 'team-a',
    name: object.metadata.name,
    uid: 'job-uid',
    resourceVersion: '1',
    finalizers,
    labels,
    annotations: { [annotation.taskSpec]: JSON.stringify(object.spec) },
  },
})
const taskOf = (task: TaskBuilder, labels = {}) => ({
  ...task.object,
  metadata: { ...task.object.metadata, labels },
})

describe('a provider', () => {
  const processing = aCreation().processing()
  it.each<[string, Partial<Records>]>([
    ['a version', { credentials: [aCredential().having(aVersion(1)).object] }],
    ['a deletion that is owed', { credentials: [aCredential().owing(owedBy(1)).object] }],
    ['a task that waits for its turn', { tasks: [aCreation().queued().object] }],
    ['a task that is at work', { tasks: [processing.object] }],
    ['a run whose outcome is not on record yet', { jobs: [jobOf(processing)] }],
    ['all of these, once', { tasks: [processing.object], credentials: [aCredential().having(aVersion(1)).object] }],
  ])('is used by a credential that has %s', (_, records) => {
    expect(usersOf(pinned.uid, { ...none, ...records })).toEqual(['team-a/orders-database'])
  })

  const elsewhereMade = aVersion(1, { provider: elsewhere })
  const namesake = aVersion(1, { provider: { ...pinned, uid: 'an-earlier-uid' } })
  it.each<[string, Partial<Records>]>([
    ['merely refers to it', { credentials: [aCredential().object] }],
    ['has a version of another', { credentials: [aCredential().having(elsewhereMade).object] }],
    ['has a version of an earlier one of its name', { credentials: [aCredential().having(namesake).object] }],
    ['has a task that is over', { tasks: [aCreation().created().object] }],
    ['has a task of another', { tasks: [processing.spec({ provider: elsewhere }).object] }],
    ['has a run that is on record', { jobs: [jobOf(processing, { finalizers: [] })] }],
    ['has gone, and left an orphan whose task is open', { tasks: [taskOf(processing, ofOrphan)] }],
    ['has gone, and left an orphan whose run is under way', { jobs: [jobOf(processing, { labels: ofOrphan })] }],
    ['has a Job that says nothing', { jobs: [{ metadata: { ...jobOf(processing).metadata, annotations: {} } }] }],
  ])('is not used by a credential that %s', (_, records) => {
    expect(usersOf(pinned.uid, { ...none, ...records })).toEqual([])
  })
})

const provider = (more: Partial<Provider['metadata']>): Provider =>
  ({ metadata: { name: 'postgres', uid: pinned.uid, resourceVersion: '1', ...more } }) as Provider
const HELD = { finalizers: ['example.com/other', finalizer.inUse] }
const DELETED = { deletionTimestamp: at() }

describe('our finalizer', () => {
  it.each<[string, Partial<Provider['metadata']>, readonly string[], ReturnType<typeof dueHold>]>([
    ['is put on what is used first', {}, ['team-a/orders'], 'take'],
    ['is not put on what nobody uses', {}, [], undefined],
    ['is not put on what bears it', HELD, ['team-a/orders'], undefined],
    ['stays on what nobody uses any more, as long as that is to stay', HELD, [], undefined],
    ['stays on what is used and deleted', { ...HELD, ...DELETED }, ['team-a/orders'], undefined],
    ['goes from what is deleted and not used', { ...HELD, ...DELETED }, [], 'let go'],
    ['cannot be put on what is deleted', DELETED, ['team-a/orders'], undefined],
    ['is not taken from what does not bear it', DELETED, [], undefined],
  ])('%s', (_, metadata, users, expected) => {
    expect(dueHold(provider(metadata), users)).toBe(expected)
  })
})

describe('a provider tells', () => {
  const many = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => `team-a/${name}`)
  const start = 'It is being deleted: but for what waits in its queue, nothing is made with it.'
  const fix =
    'Delete them, or name another provider in their spec.providerRef and rotate them, twice: it goes with the last of what it has made. To keep it after all, take the finalizer customcredentials.dev/in-use off and apply it again: under its name it stands for the same.'
  it.each<[string, Partial<Provider['metadata']>, readonly string[], string | undefined]>([
    ['nothing while it is to stay', HELD, many, undefined],
    ['who keeps it from going', DELETED, ['team-a/a'], `${start} Still in use by 1: team-a/a. ${fix}`],
    [
      'some of many',
      DELETED,
      many,
      `${start} Still in use by 7: team-a/a, team-a/b, team-a/c, team-a/d, team-a/e and 2 more. ${fix}`,
    ],
    ['that it goes, where somebody else holds it', DELETED, [], start],
  ])('%s', (_, metadata, users, expected) => {
    const [condition] = deletionOf(provider(metadata), users)
    expect(condition?.message).toBe(expected)
  })
})
