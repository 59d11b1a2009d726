import { describe, expect, it } from 'vitest'
import { createTaskId, deleteTaskId } from '../../../../src/api/task-id.ts'
import { openLedger } from '../../../../src/custom-credential/ledger.ts'
import {
  creation,
  deletion,
  deletionDue,
  findable,
  isLongOver,
} from '../../../../src/custom-credential/creation/orders.ts'
import type { Snapshot } from '../../../../src/custom-credential/snapshot.ts'
import {
  aCredential,
  after,
  aProvider,
  at,
  delivered,
  KIT,
  maker,
  owedBy,
  run,
  unknownOf,
} from '../../../support/builders.ts'
import { aCreation, aDeletion, aKit } from '../../../support/builders-tasks.ts'
import { aSnapshot } from '../../../support/builders-snapshot.ts'
import { CREDENTIAL_UID } from '../../../support/task-run.ts'

const create = (s: Snapshot) =>
  creation(s, openLedger(s.credential.status), { trigger: 'automatic_secret_rotation', run })

describe('a creation', () => {
  const s = aSnapshot().of(aCredential().having(delivered(1))).snapshot

  it('is for the next version, with an ID that is derived from it', () => {
    expect(create(s)).toMatchObject({
      id: createTaskId(CREDENTIAL_UID, { version: 2, attempt: 1 }),
      spec: { type: 'create_credentials', trigger: 'automatic_secret_rotation', version: 2, attempt: 1, kit: KIT },
      run,
    })
  })

  it('has the ID of the next attempt after a failed one', () => {
    const tried = aCredential().status({ nextVersion: { number: 2, attempts: 3, failures: 3 } })
    expect(create(aSnapshot().of(tried).snapshot).id).toBe(maker(2, 4))
  })

  it('passes over an ID under which somebody else’s object was found', () => {
    const order = create({ ...s, trouble: { takenTaskIds: [maker(2, 1), maker(2, 2)] } })
    expect(order).toMatchObject({ id: maker(2, 3), spec: { attempt: 3 } })
  })

  it('carries the request that it answers', () => {
    expect(create(aSnapshot().of(aCredential().asking('now')).snapshot).rotateRequest).toBe('now')
    const long = aSnapshot().of(aCredential().asking('now'.repeat(1000))).snapshot
    expect(create(long).rotateRequest).toHaveLength(1024)
  })
})

describe('a deletion', () => {
  const order = (owed = owedBy(1), more: Partial<Snapshot> = {}) => deletion({ ...aSnapshot().snapshot, ...more }, owed)
  const identity = { originTaskId: maker(1), credentialsId: 'role-1' }

  it('names the run that made the credentials, and the credentials', () => {
    expect(order()).toMatchObject({
      id: deleteTaskId(CREDENTIAL_UID, { ...identity, attempt: 1 }),
      spec: { type: 'delete_credentials', version: 1, attempt: 1, ...identity, kit: KIT },
    })
  })

  it('names no credentials where none are known', () => {
    expect(order(unknownOf(1)).spec).not.toHaveProperty('credentialsId')
  })

  it('has another ID than a deletion of other credentials of the same run', () => {
    expect(new Set([order().id, order(unknownOf(1)).id, order(owedBy(1, { credentialsId: 'x' })).id]).size).toBe(3)
  })

  it('has the ID of the next attempt after failed ones, and of a free one', () => {
    const trouble = { takenTaskIds: [deleteTaskId(CREDENTIAL_UID, { ...identity, attempt: 3 })] }
    expect(order(owedBy(1, { attempts: 2 })).spec.attempt).toBe(3)
    expect(order(owedBy(1, { attempts: 2 }), { trouble }).spec.attempt).toBe(4)
  })

  it('runs as the run that made the credentials did, by its record', () => {
    expect(order(owedBy(1), { tasks: [aCreation(1).object] }).run).toEqual(run)
  })

  it('runs by its kit where that record is gone, or tells of another kit', () => {
    expect(order().run).toBeUndefined()
    expect(order(owedBy(1), { tasks: [aCreation(1).spec({ kit: 'another' }).object] }).run).toBeUndefined()
  })
})

describe('what a run may have made can be found', () => {
  const { snapshot } = aSnapshot()
  const cannot = aProvider({ capabilities: [] })
  const another = { ...aProvider(), metadata: { ...aProvider().metadata, uid: 'made again' } }
  const findingKit = { ...aKit(), find: true }
  it.each<[string, boolean, Partial<Snapshot>]>([
    ['by a provider that can', true, {}],
    ['not by one that cannot', false, { provider: cannot }],
    ['not by one that cannot any more', false, { provider: cannot, custody: [findingKit] }],
    ['by the kit of one that is gone', true, { provider: undefined, custody: [findingKit] }],
    ['not by a kit that cannot', false, { provider: undefined }],
    ['not by another provider of the same name', false, { provider: another }],
  ])('%s', (_, expected, more) => {
    expect(findable(unknownOf(1), { ...snapshot, ...more })).toBe(expected)
  })

  it('wherever its credentials ID is known', () => {
    expect(findable(owedBy(1), { ...snapshot, provider: undefined })).toBe(true)
  })
})

describe('a deletion is due', () => {
  const made = aCreation(1)
  it('at once', () => {
    expect(deletionDue(owedBy(1), { runs: [], now: after('2h') })).toBe(-Infinity)
  })
  it('after the overlap and after its back-off, whichever is later', () => {
    expect(
      deletionDue(owedBy(1, { notBefore: at('2h'), nextAttemptTime: at('1h') }), { runs: [], now: after('2h') }),
    ).toBe(after('2h'))
    expect(
      deletionDue(owedBy(1, { notBefore: at('1h'), nextAttemptTime: at('2h') }), { runs: [], now: after('2h') }),
    ).toBe(after('2h'))
  })
  it('never while a pod of the run that made it may be at work (S31)', () => {
    expect(deletionDue(owedBy(1), { runs: [made.job()], now: after('2h') })).toBe(Infinity)
    expect(deletionDue(owedBy(1), { runs: [made.job({ held: false })], now: after('2h') })).toBe(Infinity)
  })
  it('nor before its Job is let go, which may add to the debt until then', () => {
    expect(deletionDue(owedBy(1), { runs: [made.job({ ended: true })], now: after('2h') })).toBe(Infinity)
  })
  it('once that run is over, whatever other runs do', () => {
    const over = made.job({ ended: true, held: false })
    expect(deletionDue(owedBy(1), { runs: [over, aDeletion(1).job()], now: after('2h') })).toBe(-Infinity)
  })
})

describe('a run whose Job is not seen', () => {
  const made = aCreation(1)
  const ended = made.status({ ...made.created().object.status, deadline: at('2m') }).object
  it.each<[string, boolean, readonly (typeof ended)[], string]>([
    ['may be at work before its time is up', false, [ended], '2m'],
    ['may be at work while its node has time to stop it', false, [ended], '11m'],
    ['is long over ten minutes later', true, [ended], '12m'],
    ['may be at work where its record is gone', false, [], '365d'],
  ])('%s', (_, expected, tasks, now) => {
    expect(isLongOver(made.id, { tasks, now: after(now) })).toBe(expected)
  })
})
