import { describe, expect, it } from 'vitest'
import type { CredentialsProvider } from '../../../../src/api/generated.ts'
import { decide } from '../../../../src/custom-credential/decide.ts'
import { CREATION_TRIES } from '../../../../src/custom-credential/schedule.ts'
import {
  aCredential,
  after,
  aProvider,
  at,
  type CredentialBuilder,
  delivered,
  maker,
} from '../../../support/builders.ts'
import { aSnapshot, type SnapshotBuilder } from '../../../support/builders-snapshot.ts'
import { aCreation } from '../../../support/builders-tasks.ts'

const ordered = (s: SnapshotBuilder): string[] =>
  decide(s.snapshot).release.flatMap((action) => (action.kind === 'createTask' ? action.order.id : []))
/** The credential as its status tells once the task's deletion is accounted for, and its Job let go. */
const after1 = (s: SnapshotBuilder): CredentialBuilder =>
  aCredential()
    .spec(s.snapshot.credential.spec)
    .metadata(s.snapshot.credential.metadata)
    .status({ ...decide(s.snapshot).status, unresolved: [] })

describe('a creation whose task somebody has deleted while it ran', () => {
  const first = after1(aSnapshot().jobs(aCreation(1).job({ ended: true })))
  const rotating = aCredential().rotating('30d').having(delivered(1))
  const rotation = (credential: CredentialBuilder, when = '31d') =>
    after1(
      aSnapshot()
        .of(credential)
        .showing(1)
        .at(after(when))
        .jobs(aCreation(2).job({ ended: true })),
    )
  const seen = (credential: CredentialBuilder, when: string) => aSnapshot().of(credential).showing(1).at(after(when))

  it('is not begun again by itself', () => {
    expect(ordered(aSnapshot().of(first).at(after('9d')))).toEqual([])
    expect(decide(aSnapshot().of(first).at(after('9d')).snapshot).status.conditions).toMatchObject([
      { type: 'Ready', reason: 'CreationCancelled' },
      { type: 'Stalled', reason: 'CreationCancelled' },
    ])
  })

  it.each<[string, CredentialBuilder]>([
    ['is begun again when somebody asks for it', first.asking('now')],
    ['is begun again when the spec has changed', first.metadata({ generation: 2 })],
  ])('%s', (_, credential) => {
    expect(ordered(aSnapshot().of(credential).at(after('1m')))).toEqual([maker(1, 2)])
  })

  it('is not begun again for the request that it was made for', () => {
    const job = aCreation(1).job({ ended: true, rotateRequest: 'now' })
    const asked = after1(aSnapshot().of(aCredential().asking('now')).jobs(job))
    expect(ordered(aSnapshot().of(asked).at(after('1h')))).toEqual([])
    expect(ordered(aSnapshot().of(asked.asking('again')).at(after('1h')))).toEqual([maker(1, 2)])
  })

  it('is begun again for a request that came while it ran, which was not what it was made for', () => {
    const asked = aSnapshot()
      .of(aCredential().asking('now'))
      .jobs(aCreation(1).job({ ended: true }))
    expect(ordered(aSnapshot().of(after1(asked)).at(after('1m')))).toEqual([maker(1, 2)])
  })

  it('is one by the deletion of its task alone, whatever a provider calls its failure', () => {
    const failed = aCreation(1).failed('Nothing', at(), { code: 'TaskDeleted', description: 'so it says' })
    expect(
      ordered(
        aSnapshot()
          .of(after1(aSnapshot().tasks(failed)))
          .at(after('1m')),
      ),
    ).toEqual([maker(1, 2)])
  })

  it('waits, as a rotation, for the next interval, and says so', () => {
    const cancelled = rotation(rotating)
    expect(ordered(seen(cancelled, '60d'))).toEqual([])
    expect(decide(seen(cancelled, '60d').snapshot).wakeAt).toBe(after('61d'))
    expect(decide(seen(cancelled, '60d').snapshot).status).toMatchObject({ nextRotationTime: at('61d') })
    expect(ordered(seen(cancelled, '61d'))).toEqual([maker(2, 2)])
  })

  it('does not put off the next interval where it was none that the interval had asked for', () => {
    const cancelled = rotation(rotating, '29d')
    expect(ordered(seen(cancelled, '29d12h'))).toEqual([])
    expect(ordered(seen(cancelled, '30d'))).toEqual([maker(2, 2)])
  })

  it('waits for ten seconds in any case, lest who cancels again and again has it made again and again', () => {
    const late = aCredential()
      .spec({ ttl: '30d', rotation: { interval: '28d' } })
      .having(delivered(1, at(), { expiresAt: at('30d') }))
    const cancelled = rotation(late, '28d1h')
    expect(ordered(seen(cancelled, '28d1h'))).toEqual([])
    expect(ordered(seen(cancelled, '28d2h'))).toEqual([maker(2, 2)])
  })

  it('does not keep alive what is to end: no successor is on its way', () => {
    const mortal = aCredential()
      .spec({ ttl: '30d' })
      .having(delivered(1, at(), { expiresAt: at('30d') }))
      .asking('now')
    const asked = aSnapshot()
      .of(mortal)
      .showing(1)
      .at(after('20d'))
      .jobs(aCreation(2).job({ ended: true, rotateRequest: 'now' }))
    const { unresolved } = decide(seen(after1(asked), '30d').snapshot).status
    expect(unresolved).toMatchObject([{ version: 1, reason: 'Expired' }])
  })

  it('waits no longer than the end of what consumers have allows', () => {
    const mortal = aCredential()
      .spec({ ttl: '40d', rotation: { interval: '30d' } })
      .having(delivered(1, at(), { expiresAt: at('40d') }))
    expect(ordered(seen(rotation(mortal), '35d'))).toEqual([])
    expect(ordered(seen(rotation(mortal), '36d'))).toEqual([maker(2, 2)])
  })

  it('does not wait where consumers have what has leaked', () => {
    const leaked = aCredential()
      .spec({ revokeIssuedBefore: at('1d') })
      .having(delivered(1))
    expect(ordered(seen(rotation(leaked, '2d'), '3d'))).toEqual([maker(2, 2)])
  })
})

describe('a creation that has failed so often that a person must look', () => {
  const failed = (failures: number) =>
    aCredential().status({
      nextVersion: { number: 1, attempts: failures, failures, nextAttemptTime: at() },
      lastFailure: { taskId: maker(1, failures), time: at(), code: 'UpstreamDown', description: 'no route' },
    })
  const given = failed(CREATION_TRIES)
  it.each<[string, CredentialBuilder, readonly string[]]>([
    ['was tried until then', failed(CREATION_TRIES - 1), [maker(1, CREATION_TRIES)]],
    ['is not tried again', given, []],
    ['is tried again when somebody asks for it', given.asking('now'), [maker(1, CREATION_TRIES + 1)]],
    ['is tried again when the spec has changed', given.metadata({ generation: 2 }), [maker(1, CREATION_TRIES + 1)]],
  ])('%s', (_, credential, expected) => {
    expect(ordered(aSnapshot().of(credential).at(after('1d')))).toEqual(expected)
  })

  it('is tried again when its provider has been edited, or made anew, since the last try', () => {
    const last = aCreation(1, CREATION_TRIES).failed('Nothing')
    const s = aSnapshot().of(given).tasks(last).at(after('1d'))
    const provider: CredentialsProvider = aProvider()
    const { metadata, status } = provider
    const accepted = {
      ...status,
      conditions: (status.conditions ?? []).map((one) => ({ ...one, observedGeneration: 2 })),
    }
    const edited = { ...provider, metadata: { ...metadata, generation: 2 }, status: accepted }
    const anew = { ...provider, metadata: { ...metadata, uid: 'anew' }, status }
    expect(ordered(s)).toEqual([])
    expect(ordered(s.with({ provider: edited }))).toEqual([maker(1, CREATION_TRIES + 1)])
    expect(ordered(s.with({ provider: anew }))).toEqual([maker(1, CREATION_TRIES + 1)])
  })

  it('is tried again, hourly, where consumers have what has leaked', () => {
    const nextVersion = { number: 2, attempts: CREATION_TRIES, failures: CREATION_TRIES, nextAttemptTime: at('2d') }
    const leaked = aCredential()
      .spec({ revokeIssuedBefore: at('1d') })
      .having(delivered(1))
      .status({ nextVersion })
    const s = aSnapshot().of(leaked).showing(1)
    expect(ordered(s.at(after('2d') - 1))).toEqual([])
    expect(ordered(s.at(after('2d')))).toEqual([maker(2, CREATION_TRIES + 1)])
  })

  it('has its tries anew: what failed before counts no more', () => {
    const { status } = decide(aSnapshot().of(given.asking('now')).at(after('1d')).snapshot)
    expect(status.nextVersion).toEqual({ number: 1, attempts: CREATION_TRIES, failures: 0 })
  })
})
