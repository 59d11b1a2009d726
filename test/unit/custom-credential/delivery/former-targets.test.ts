import { describe, expect, it } from 'vitest'
import type { CustomCredentialStatus, FormerTarget } from '../../../../src/api/generated.ts'
import { decide } from '../../../../src/custom-credential/decide.ts'
import type { FormerFacts, TargetFacts } from '../../../../src/custom-credential/snapshot.ts'
import { aCredential, after, at, aVersion, delivered, owedBy } from '../../../support/builders.ts'
import { aSnapshot, type SnapshotBuilder, terminatingNamespace } from '../../../support/builders-snapshot.ts'
import { aCreation, aDeletion } from '../../../support/builders-tasks.ts'

const OLD = 'orders-database'
const former = (more: Partial<FormerTarget> = {}): FormerTarget => ({ name: OLD, uid: 'old-uid', ...more })
const facts = (more: Partial<FormerFacts> = {}): FormerFacts => ({
  ...{ name: OLD, uid: 'old-uid', version: 1, rendition: undefined, own: ['password'], isMade: true },
  ...more,
})
const shows = (version: number): TargetFacts => ({ uid: 'new-uid', version, rendition: undefined })

/** Version 1 is delivered, and the spec wants it in Secret `login`. */
const renamed = aCredential()
  .spec({ target: { name: 'login' } })
  .having(delivered(1))
  .status({ currentVersion: 1 })
const slow = renamed.spec({ ...renamed.object.spec, rotation: { minOverlap: '1d' } })

function s(
  status: Partial<CustomCredentialStatus>,
  {
    credential = renamed,
    formers = [facts()],
    target,
  }: {
    credential?: typeof renamed
    formers?: readonly FormerFacts[]
    target?: TargetFacts | undefined
  } = {},
): SnapshotBuilder {
  return aSnapshot().of(credential.status(status)).at(after('1h')).with({ formers, target })
}
const announced = { target: { name: 'login' }, formerTargets: [former()] }
const kinds = ({ snapshot }: SnapshotBuilder): string[] => {
  const { prepare, release } = decide(snapshot)
  return [...prepare, ...release].map(({ kind }) => kind)
}
const entries = ({ snapshot }: SnapshotBuilder) => decide(snapshot).status.formerTargets

describe('the Secret of another name', () => {
  it('is written only once the status tells of it, and of the one before', () => {
    const first = s({ target: { name: OLD } })
    expect(kinds(first)).toEqual([])
    expect(decide(first.snapshot).status).toMatchObject(announced)
    expect(kinds(s(announced))).toEqual(['deliver'])
  })

  it('is given the current version: no other is made', () => {
    const { prepare, status, stories } = decide(s(announced).snapshot)
    expect(prepare).toMatchObject([{ kind: 'deliver', version: { version: 1, deliveredAt: at() }, repairs: false }])
    expect(status.conditions).toMatchObject([{ type: 'Ready', status: 'True', reason: 'Delivered' }])
    expect(stories.map(({ reason }) => reason)).toEqual(['Moved'])
  })

  it('is waited for in the conditions', () => {
    expect(decide(s({ target: { name: OLD } }).snapshot).status.conditions).toMatchObject([
      { type: 'Ready', status: 'False', reason: 'Moving' },
      { type: 'Reconciling', status: 'True', reason: 'Moving' },
    ])
  })

  it('is made again where it is gone later, which an event tells', () => {
    const moved = s({ target: { name: 'login' }, formerTargets: [former({ removeAfter: at('2h') })] })
    expect(kinds(moved)).toEqual(['deliver'])
    expect(decide(moved.snapshot).stories.map(({ reason }) => reason)).toEqual(['Repaired'])
  })

  it('is needed for nothing before there is a version', () => {
    const none = aCredential()
      .spec({ target: { name: 'login' } })
      .status({ target: { name: OLD } })
    const { status } = decide(aSnapshot().of(none).snapshot)
    expect([status.target, status.formerTargets]).toEqual([{ name: 'login' }, undefined])
  })
})

describe('a former target', () => {
  const there = { target: shows(1) }

  it.each<[string, SnapshotBuilder, readonly FormerTarget[] | undefined]>([
    ['stays while the new one is not there', s(announced), [former({ removeAfter: at('1h') })]],
    [
      'stays where the new one cannot be written',
      s(announced).trouble({
        delivery: { reason: 'TargetConflict', message: 'no', tries: 1, retryAt: after('1h10s') },
      }),
      [former()],
    ],
    [
      'stays while the new one shows another version',
      s(announced, { target: shows(2) }),
      [former({ removeAfter: at('1h') })],
    ],
    [
      'stays for the overlap, counted from when the new one was there',
      s(announced, { ...there, credential: slow }),
      [former({ removeAfter: at('1d1h') })],
    ],
    [
      'stays no longer than the overlap that the spec promises by now',
      s({ ...announced, formerTargets: [former({ removeAfter: at('9d') })] }, { ...there, credential: slow }),
      [former({ removeAfter: at('1d1h') })],
    ],
    [
      'stays where another one is to be its successor before it was',
      s(
        {
          target: { name: 'login' },
          formerTargets: [former({ removeAfter: at() }), former({ name: 'access', uid: 'b' })],
        },
        { formers: [facts(), facts({ name: 'access', uid: 'b' })] },
      ).trouble({ delivery: { reason: 'TargetConflict', message: 'no', tries: 1, retryAt: after('1h10s') } }),
      [former({ removeAfter: at() }), former({ name: 'access', uid: 'b' })],
    ],
    [
      'goes when that is over, seen or not',
      s({ ...announced, formerTargets: [former({ removeAfter: at('1h') })] }, { ...there, formers: [] }),
      undefined,
    ],
    [
      'is another one where the name was given again',
      s(announced, { formers: [facts({ uid: 'another' })], target: shows(1) }),
      [former({ removeAfter: at('1h') }), former({ uid: 'another', removeAfter: at('1h') })],
    ],
    [
      'comes to light late',
      s({ target: { name: 'login' } }, { ...there, formers: [facts({ name: 'access', uid: 'b' })] }),
      [former({ name: 'access', uid: 'b', removeAfter: at('1h') })],
    ],
    [
      'is no copy that somebody has made',
      s({ target: { name: 'login' } }, { ...there, formers: [facts({ name: 'access', uid: 'b', isMade: false })] }),
      undefined,
    ],
    [
      'is the target again where the spec comes back to it, once it has been written anew',
      s({ target: { name: 'login' }, formerTargets: [former({ name: 'login', uid: 'new-uid' }), former()] }, there),
      [former({ removeAfter: at('1h') })],
    ],
  ])('%s', (_, snapshot, expected) => {
    expect(entries(snapshot)).toEqual(expected)
  })

  it('is removed by name and UID, before the status lets go of it, and an event tells', () => {
    const over = former({ removeAfter: at('1h') })
    const { prepare, stories } = decide(s({ ...announced, formerTargets: [over] }, there).snapshot)
    expect(prepare).toEqual([{ kind: 'removeFormer', former: over, once: 1 }])
    expect(stories.map(({ reason }) => reason)).toContain('FormerRemoved')
  })

  it('is looked after when its time comes', () => {
    const waiting = s(
      { ...announced, formerTargets: [former({ removeAfter: at('2h') })] },
      { ...there, credential: slow },
    )
    expect(decide(waiting.snapshot).wakeAt).toBe(after('2h'))
  })

  it('that the API server does not let go of is tried again later, and holds up no other', () => {
    const [one, other] = [former({ removeAfter: at() }), former({ name: 'access', uid: 'b', removeAfter: at() })]
    const refused = s({ ...announced, formerTargets: [one, other] }, there).trouble({
      removals: [{ uid: 'b', message: 'no', tries: 1, retryAt: after('1h10s') }],
    })
    expect(decide(refused.snapshot)).toMatchObject({
      prepare: [{ kind: 'removeFormer', former: one }],
      status: { formerTargets: [other] },
      wakeAt: after('1h10s'),
    })
  })

  it('that is the target again is written whatever it shows, so that a late removal does not fit it', () => {
    const returning = { target: { name: 'login' }, formerTargets: [former({ name: 'login', uid: 'new-uid' })] }
    expect(kinds(s(returning, { ...there, formers: [] }))).toEqual(['deliver'])
    expect(kinds(s({ target: { name: 'login' } }, { ...there, formers: [] }))).toEqual([])
  })
})

describe('what a former target shows', () => {
  it('is not revoked before it is gone', () => {
    const owing = renamed.having(delivered(1), delivered(2), delivered(3)).owing(owedBy(1))
    const reading = { credential: owing, target: shows(3) }
    const status = { ...announced, formerTargets: [former({ removeAfter: at('1h1s') })] }
    expect(kinds(s(status, { ...reading, credential: owing.spec({ ...slow.object.spec }) }))).toEqual([])
    expect(kinds(s({ target: { name: 'login' } }, { ...reading, formers: [] }))).toEqual(['createTask'])
  })

  it('tells that consumers have a version, for want of a status: what its run made is not looked for', () => {
    const run = aCreation(2).job({ ended: true, taskUid: 'gone' })
    const lost = s({ target: { name: OLD } }, { formers: [facts({ version: 2 })] })
      .jobs(run)
      .custody(aCreation(2).payload())
    const { status } = decide(lost.snapshot)
    expect(status.versions?.map(({ version }) => version)).toEqual([1, 2])
    expect(status.unresolved).toEqual([])
  })

  it('is not given up though its payload is lost', () => {
    const undelivered = renamed.having(delivered(1), aVersion(2))
    const lost = aVersion(2).taskId
    const trouble = {
      delivery: { reason: 'DeliveryFailed', message: 'no', lost, tries: 1, retryAt: after('1h10s') },
    } as const
    const having = (version: number) =>
      decide(s(announced, { credential: undelivered, formers: [facts({ version })] }).trouble(trouble).snapshot).status
    expect(having(2).unresolved).toEqual([])
    expect(having(1).unresolved).toMatchObject([{ reason: 'Undelivered', version: 2 }])
  })
})

describe('the farewell of a credential', () => {
  const gone = aCredential()
    .spec({ target: { name: 'login' } })
    .deleted()

  it('takes its former targets along, also the one that no status tells of yet', () => {
    const two = s(
      { ...announced, target: { name: 'access' } },
      { credential: gone, formers: [facts({ name: 'access', uid: 'b' })] },
    )
    const removed = decide(two.snapshot).release.flatMap((action) =>
      action.kind === 'removeFormer' ? [action.former.name] : [],
    )
    expect(removed).toEqual([OLD, 'access'])
    expect(decide(two.snapshot).status.formerTargets?.map(({ uid }) => uid)).toEqual(['old-uid', 'b'])
  })

  it('leaves the target that is kept, and no other', () => {
    const kept = gone.spec({ ...gone.object.spec, revocationPolicy: 'Retain' }).having(delivered(1))
    expect(kinds(s(announced, { credential: kept, target: shows(1) }))).toEqual([
      ...['keepTarget', 'removeFormer', 'removeFromCustody', 'removeFinalizer'],
    ])
  })

  it('leaves a former one that alone shows what is retained', () => {
    const kept = gone.spec({ ...gone.object.spec, revocationPolicy: 'Retain' }).having(delivered(1))
    const unkept = s(announced, { credential: kept }).trouble({ isUnkept: true })
    expect(kinds(unkept)).toEqual(['recordOrphan', 'removeFinalizer'])
    expect(kinds(s(announced, { credential: kept, target: shows(1) }).trouble({ isUnkept: true }))).toContain(
      'removeFormer',
    )
  })

  it('does not wait for anything in a namespace that goes', () => {
    const going = s(announced, { credential: gone.having(delivered(1)) }).with({ namespace: terminatingNamespace })
    expect(kinds(going)).toEqual(expect.arrayContaining(['recordOrphan', 'removeFormer', 'removeFinalizer']))
  })

  it('comes after what is revoked', () => {
    const revoking = s(announced, { credential: gone.deleted(at('1h')).having(delivered(1)) })
    expect(kinds(revoking)).toEqual(['createTask'])
    expect(kinds(revoking.tasks(aDeletion(1).queued()))).toEqual([])
  })
})
