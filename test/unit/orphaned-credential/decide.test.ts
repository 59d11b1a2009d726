import { describe, expect, it } from 'vitest'
import type { OrphanedCredential } from '../../../src/api/generated.ts'
import { annotation } from '../../../src/api/labels.ts'
import { deleteTaskId } from '../../../src/api/task-id.ts'
import { kitName, type RevocationKit } from '../../../src/custody/kit.ts'
import { decide, type OrphanSnapshot } from '../../../src/orphaned-credential/decide.ts'
import { after, aProvider, at, maker, owedBy, run, START, unknownOf } from '../../support/builders.ts'
import { aCreation, aDeletion, anError, type TaskBuilder } from '../../support/builders-tasks.ts'
import { anOrphan } from '../../support/builders-snapshot.ts'
import { CREDENTIAL_UID } from '../../support/task-run.ts'

const orphan = anOrphan(owedBy(1))
const unfindable = (() => {
  const made = anOrphan(unknownOf(1))
  return { ...made, spec: { ...made.spec, find: false } }
})()
const having = (status: Partial<OrphanedCredential['status']>): OrphanedCredential => ({
  ...orphan,
  status: { ...orphan.status, ...status },
})
const asked = (status: Partial<OrphanedCredential['status']>): OrphanedCredential => {
  const { metadata, ...rest } = having(status)
  return { ...rest, metadata: { ...metadata, annotations: { [annotation.retryRequestedAt]: 'now' } } }
}
const forgotten: OrphanedCredential = {
  ...orphan,
  metadata: { ...orphan.metadata, annotations: { [annotation.forget]: 'true' } },
}
const kit: RevocationKit = {
  ...run,
  template: { spec: { containers: [{ name: 'provider', image: 'p:1' }] } },
  outputs: aProvider().spec.schema.credentials,
  capabilities: ['find'],
}
const referring: RevocationKit = {
  ...kit,
  template: { spec: { containers: [{ name: 'provider', image: 'p:1', envFrom: [{ secretRef: { name: 'login' } }] }] } },
}

const snapshot = (more: Partial<OrphanSnapshot> = {}): OrphanSnapshot => ({
  now: START,
  orphan,
  tasks: [],
  runs: [],
  origin: undefined,
  handingOver: false,
  kit,
  jobNamespaceThere: true,
  revocationNamespace: 'revocation',
  ...more,
})
const tasks = (...all: readonly TaskBuilder[]) => ({ tasks: all.map(({ object }) => object) })
const deletion = (attempt: number) => aDeletion(1, { attempt })
const attempt = (more: Partial<OrphanSnapshot>) => decide(snapshot(more)).order?.spec.attempt
const identity = { originTaskId: maker(1), credentialsId: 'role-1' }

it('says which Secret a run may fail for, and is tried all the same', () => {
  const { status, order } = decide(snapshot({ goneInputs: ['ledger-admin'] }))
  expect(status.state).toBe('Owed')
  expect(status.message).toContain('The input Secret "ledger-admin" of namespace team-a is gone, and no copy was kept')
  expect(order).toBeDefined()
})

it('is tried, and says what to do, whatever room the names of its Secrets would take', () => {
  const goneInputs = Array.from({ length: 16 }, (_, nth) => `${nth}`.padEnd(138, 'x'))
  const { status, order } = decide(snapshot({ goneInputs }))
  expect(status.message?.length).toBeLessThanOrEqual(2048)
  expect(status.message).toContain(`kubectl annotate orphan ${orphan.metadata.name}`)
  expect(order).toBeDefined()
})

it('has no more to say than its status has room for', () => {
  const orphanOfLongName = { ...orphan, metadata: { ...orphan.metadata, name: 'x'.repeat(2048) } }
  expect(decide(snapshot({ orphan: orphanOfLongName, kit: undefined })).status.message).toHaveLength(2048)
})

it('moves with the Secrets that its run may read', () => {
  const secrets = { secretParameters: { admin: { name: 'ledger-admin' } }, namespaceUid: 'namespace-uid' }
  const { order } = decide(snapshot({ kit: { ...kit, ...secrets }, jobNamespaceThere: false }))
  expect(order?.spec).toMatchObject({ jobNamespace: 'revocation', ...secrets })
})

const atWork = deletion(1).job()
const retained = anOrphan(owedBy(1, { reason: 'Retained' }))

describe('an orphan of credentials that are to stay valid', () => {
  const { metadata, status } = retained
  const annotations = { [annotation.retryRequestedAt]: 'now' }

  it('is left alone, and says how to have it revoked', () => {
    const { order, status: told, wakeAt } = decide(snapshot({ orphan: retained }))
    expect(order).toBeUndefined()
    expect(told.state).toBe('Blocked')
    expect(told.message).toMatch(/stays valid.*retry-requested-at/)
    expect(wakeAt).toBe(Infinity)
  })

  it('is over once another object has adopted them', () => {
    expect(decide(snapshot({ orphan: retained, usedBy: 'team-a/other' })).over).toBe('Adopted')
    expect(decide(snapshot({ usedBy: 'team-a/other' })).over).toBeUndefined()
  })

  it('is one like all others once a person has asked', () => {
    const request = { ...retained, metadata: { ...metadata, annotations } }
    expect(decide(snapshot({ orphan: request })).order?.spec.attempt).toBe(1)
    const tried = { ...retained, status: { ...status, attempts: 1, lastHandledRetryRequest: 'now' } }
    expect(decide(snapshot({ orphan: tried })).order?.spec.attempt).toBe(2)
  })
})

describe('an orphan whose ID a version of another provider bears', () => {
  const shared = anOrphan(owedBy(1, { reason: 'IdInUse' }))

  it('is left alone, and tells both things that people may say of it', () => {
    const { order, status: told } = decide(snapshot({ orphan: shared }))
    expect(order).toBeUndefined()
    expect(told.state).toBe('Blocked')
    expect(told.message).toMatch(/team-a\/orders.*forget=true.*CredentialsProvider postgres: .*retry-requested-at/)
  })

  it('is revoked by its own provider once a person has asked', () => {
    const annotations = { [annotation.retryRequestedAt]: 'now' }
    const asked = { ...shared, metadata: { ...shared.metadata, annotations } }
    expect(decide(snapshot({ orphan: asked })).order?.spec).toMatchObject({ credentialsId: 'role-1', attempt: 1 })
  })
})

describe('of two orphans of the same credentials, one of which leaves them to people,', () => {
  const marked = (orphan: OrphanedCredential, name: string): OrphanedCredential => ({
    ...orphan,
    metadata: { ...orphan.metadata, annotations: { [name]: 'true' } },
  })
  const rival = anOrphan(owedBy(2))

  it('the other is not tried, and says whom it waits for, until a person has asked', () => {
    const { order, status } = decide(snapshot({ others: [retained] }))
    expect(order).toBeUndefined()
    expect(status).toMatchObject({ state: 'Blocked' })
    expect(status.message).toContain(`annotate orphan ${retained.metadata.name} ${annotation.retryRequestedAt}`)
    expect(attempt({ others: [marked(retained, annotation.retryRequestedAt)] })).toBe(1)
  })

  it.each<[string, OrphanedCredential, OrphanedCredential[]]>([
    ['the other is forgotten with it', rival, [rival]],
    ['the other is not where a person has asked for it to be tried', marked(rival, annotation.retryRequestedAt), []],
    ['another that leaves them to people is not', { ...retained }, []],
  ])('%s', (_, other, expected) => {
    const orphan = marked(retained, annotation.forget)
    expect(decide(snapshot({ orphan, others: [other] })).forget).toEqual(expected)
  })

  it('the other takes nobody along, and neither goes unless somebody says so', () => {
    expect(decide(snapshot({ orphan: forgotten, others: [rival] })).forget).toEqual([])
    expect(decide(snapshot({ orphan: retained, others: [rival] })).forget).toEqual([])
  })
})

describe('an orphan of credentials that may be in use for a while', () => {
  const waiting = anOrphan(owedBy(1, { notBefore: at('1h') }))

  it('waits as long, but where a person asks for a try now', () => {
    const { order, wakeAt } = decide(snapshot({ orphan: waiting }))
    expect(order).toBeUndefined()
    expect(wakeAt).toBe(after('1h'))
    expect(attempt({ orphan: waiting, now: after('1h') })).toBe(1)
    const annotations = { [annotation.retryRequestedAt]: 'now' }
    expect(attempt({ orphan: { ...waiting, metadata: { ...waiting.metadata, annotations } } })).toBe(1)
  })
})

describe('an orphan', () => {
  it('is revoked as the credential’s own deletion would have been, under an ID of its own', () => {
    expect(decide(snapshot()).order).toMatchObject({
      id: deleteTaskId(orphan.metadata.uid, { ...identity, attempt: 1 }),
      spec: { type: 'delete_credentials', attempt: 1, ...identity, ...run, kit: kitName(CREDENTIAL_UID, run) },
    })
  })

  it('names no credentials where the provider is to find them', () => {
    const { order } = decide(snapshot({ orphan: anOrphan(unknownOf(1)) }))
    expect(order?.spec).toMatchObject({ originTaskId: maker(1) })
    expect(order?.spec).not.toHaveProperty('credentialsId')
  })

  it.each<[string, number | undefined, Partial<OrphanSnapshot>]>([
    ['is tried at once', 1, {}],
    ['is tried one task at a time', undefined, tasks(deletion(1).queued())],
    ['is tried one task at a time, the running one included', undefined, tasks(deletion(1).processing())],
    [
      'is not tried while a pod of the run that made it may be at work (S31)',
      undefined,
      { origin: aCreation(1).job() },
    ],
    ['is not tried again before its back-off', undefined, tasks(deletion(1).failed('Unknown'))],
    ['is tried again after it', 2, { orphan: having({ attempts: 1, nextAttemptTime: at() }) }],
    ['is tried at once when somebody asks for it', 2, { orphan: asked({ attempts: 1, nextAttemptTime: at('1m') }) }],
    [
      'is tried once for a request',
      undefined,
      { orphan: asked({ attempts: 1, nextAttemptTime: at('1m'), lastHandledRetryRequest: 'now' }) },
    ],
    [
      'is tried for a request until there is a task, though that could not be made at once',
      2,
      {
        orphan: {
          ...asked({}),
          status: decide(snapshot({ orphan: asked({ attempts: 1, nextAttemptTime: at('20h') }) })).status,
        },
      },
    ],
    ['is tried one task at a time, whoever asks', undefined, { orphan: asked({}), ...tasks(deletion(1).processing()) }],
    ['is not tried before its next time', undefined, { orphan: having({ attempts: 1, nextAttemptTime: at('1m') }) }],
    [
      'is tried though a clock was a year ahead then',
      2,
      { orphan: having({ attempts: 1, nextAttemptTime: at('365d') }) },
    ],
    ['is not tried without its kit', undefined, { kit: undefined }],
    ['is not tried when nobody can find it', undefined, { orphan: unfindable }],
    ['is not tried any more when it is forgotten', undefined, { orphan: forgotten }],
    ['is not tried any more when it is revoked', undefined, tasks(deletion(1).deleted())],
    ['is not tried any more when it is forgotten, whatever runs', undefined, { orphan: forgotten, runs: [atWork] }],
    [
      'is not tried any more when it is revoked, though the node of an earlier run does not answer',
      undefined,
      { ...tasks(deletion(1).failed('Unknown'), deletion(2).deleted()), runs: [atWork] },
    ],
  ])('%s', (_, expected, more) => {
    expect(attempt(more)).toBe(expected)
  })

  it('goes on for ever, once a day in the end: what is owed is never dropped', () => {
    const { status, wakeAt } = decide(
      snapshot({ orphan: having({ attempts: 99 }), ...tasks(deletion(100).failed('Unknown')) }),
    )
    expect(status).toMatchObject({ state: 'Owed', attempts: 100, nextAttemptTime: at('1d') })
    expect(wakeAt).toBe(after('1d'))
  })

  it('says how often it was tried, and what went wrong', () => {
    const { status } = decide(snapshot(tasks(deletion(1).failed('Unknown', at(), anError('Locked')))))
    expect(status).toEqual({
      state: 'Owed',
      attempts: 1,
      nextAttemptTime: at('10s'),
      lastTaskId: deletion(1).id,
      lastError: anError('Locked'),
      message: expect.stringMatching(
        /^Its deletion has failed, and is tried again by itself, at nextAttemptTime/,
      ) as string,
    })
  })

  it('counts a task that was deleted by hand by its Job', () => {
    expect(decide(snapshot({ runs: [deletion(1).job({ ended: true })] })).status.attempts).toBe(1)
  })

  it('counts a task by its own end where it is there, from which the back-off runs', () => {
    const runs = [deletion(1).job({ ended: true })]
    expect(decide(snapshot({ ...tasks(deletion(1).processing()), runs })).status.attempts).toBe(0)
  })

  it('has the status that it has while nothing changes', () => {
    const failed = tasks(deletion(1).failed('Unknown'))
    const { status } = decide(snapshot(failed))
    expect(decide(snapshot({ ...failed, orphan: having(status), now: after('5s') })).status).toEqual(status)
  })
})

describe('an orphan whose provider’s namespace is gone', () => {
  const gone = { jobNamespaceThere: false }

  it('is revoked in the revocation namespace, by a kit that says so', () => {
    const moved = { ...run, jobNamespace: 'revocation' }
    expect(decide(snapshot(gone)).order).toMatchObject({
      kit: moved,
      spec: { jobNamespace: 'revocation', kit: kitName(CREDENTIAL_UID, moved) },
    })
  })

  it('is not run with what lies there if its template refers to Secrets (S36)', () => {
    const { order, status } = decide(snapshot({ ...gone, kit: referring }))
    expect(order).toBeUndefined()
    expect(status).toMatchObject({ state: 'Blocked', message: expect.stringContaining('secretRef') as unknown })
  })

  it('is run where it always ran while that is there, whatever its template refers to', () => {
    expect(attempt({ kit: referring })).toBe(1)
  })
})

describe('a blocked orphan says what a person can do', () => {
  it.each<[string, Partial<OrphanSnapshot>, string]>([
    ['about what nobody can find', { orphan: unfindable }, 'Look for it upstream'],
    ['without its kit', { kit: undefined }, 'The revocation kit is gone'],
    ['about an ID that is in use', { usedBy: 'team-a/orders' }, 'a version of team-a/orders bears the same ID'],
    ['without its Secrets', { kit: referring, jobNamespaceThere: false }, 'Delete the credential upstream by hand'],
  ])('%s', (_, more, text) => {
    const { status } = decide(snapshot(more))
    expect(status).toMatchObject({ state: 'Blocked', message: expect.stringContaining(text) as unknown })
    expect(status.message).toContain(
      `kubectl annotate orphan ${(more.orphan ?? orphan).metadata.name} ${annotation.forget}=true`,
    )
  })
})

it('an orphan that is still the version of who hands it over waits for that, and nobody is to do anything', () => {
  const { order, status, over } = decide(snapshot({ handingOver: true, isStillHeld: true }))
  expect([order, status.state, status.message, over]).toEqual([undefined, 'Owed', undefined, undefined])
})

it('a try whose task was deleted before it was counted is waited for; one that was counted, and is stuck, is not', () => {
  expect(attempt({ runs: [atWork] })).toBeUndefined()
  const counted = { ...orphan, status: { ...orphan.status, attempts: 1, nextAttemptTime: at('10s') } }
  const past = { ...tasks(deletion(1).failed('Unknown')), runs: [atWork], now: after('1h') }
  expect(attempt({ ...past, orphan: counted })).toBe(2)
})

describe('an orphan is over', () => {
  const over = (more: Partial<OrphanSnapshot>) => decide(snapshot(more)).over
  it('when its credential is deleted upstream', () => {
    expect(over(tasks(deletion(1).failed('Unknown'), deletion(2).deleted()))).toBe('Revoked')
  })
  it('when a person says that it is no longer owed', () => {
    expect(over({ orphan: forgotten })).toBe('Forgotten')
  })
  it('not before', () => {
    expect(over(tasks(deletion(1).failed('Unknown')))).toBeUndefined()
  })
  it('as soon as a Job of its own that is stopped is not waited for any more', () => {
    const stopped = { runs: [deletion(1).job({ endsBy: after('10m') })] }
    expect(decide(snapshot({ ...tasks(deletion(2).deleted()), ...stopped })).wakeAt).toBe(after('10m'))
  })
  it('and one is looked at as soon as the run that made it is not waited for any more', () => {
    expect(decide(snapshot({ origin: aCreation(1).job({ endsBy: after('10m') }) })).wakeAt).toBe(after('10m'))
  })
  it('not while a Job of its own is at work, which would be left held', () => {
    expect(over({ ...tasks(deletion(1).deleted()), runs: [deletion(1).job()] })).toBeUndefined()
    expect(over({ orphan: forgotten, runs: [deletion(1).job()] })).toBeUndefined()
  })
  it('not while its credential may hand it over once more, and so have it deleted once more (S24)', () => {
    expect(over({ ...tasks(deletion(1).deleted()), handingOver: true })).toBeUndefined()
  })
})

it('an orphan keeps the records of its last ten tries, and what its status does not count yet', () => {
  const failures = Array.from({ length: 13 }, (_, index) => deletion(index + 1).failed('Unknown'))
  const spent = (attempts: number) =>
    decide(snapshot({ ...tasks(...failures), orphan: having({ attempts }) })).spent.map(({ spec }) => spec.attempt)
  expect(spent(13)).toEqual([3, 2, 1])
  expect(spent(2)).toEqual([2, 1])
})

describe('the Jobs of an orphan', () => {
  const job = deletion(1).job({ ended: true })
  const released = (more: Partial<OrphanSnapshot>) => decide(snapshot({ runs: [job], ...more })).release
  it('are held while their task is to be judged', () => {
    expect(released(tasks(deletion(1).processing()))).toEqual([])
  })
  it('are released when the status accounts for them', () => {
    expect(released(tasks(deletion(1).failed('Unknown')))).toEqual([job])
    expect(released({})).toEqual([job])
  })
  it('are held while they are at work', () => {
    expect(released({ runs: [aCreation(1).job()] })).toEqual([])
  })
})
