import { describe, expect, it } from 'vitest'
import type { CustomCredential } from '../../../src/api/generated.ts'
import { finalizer } from '../../../src/api/labels.ts'
import { CredentialsProviders } from '../../../src/api/resources.ts'
import { keyOf } from '../../../src/api/meta.ts'
import { createCaches } from '../../../src/caches.ts'
import { createReconciler, watchProviders } from '../../../src/credentials-provider/controller.ts'
import { revokingOf } from '../../../src/credentials-provider/revoking.ts'
import { seeded } from '../../sim/random.ts'
import {
  aCredential,
  after,
  aProvider,
  at,
  type CredentialBuilder,
  delivered,
  owedBy,
  unknownOf,
} from '../../support/builders.ts'
import { anOrphan } from '../../support/builders-snapshot.ts'
import { FakeApi } from '../../support/fake-api.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { silentLogger } from '../../support/loggers.ts'

const leaked = aProvider({ revokeIssuedBefore: at('1h') })
const old = aCredential().having(delivered(1))
const fresh = aCredential().having(delivered(2, at('2h')))
const waiting = aCredential().status({ state: 'deactivated' })
const named = (credential: CredentialBuilder, name: string): CustomCredential =>
  credential.metadata({ name, uid: `uid-${name}` }).object
const told = (when: string, ...credentials: readonly CustomCredential[]) => {
  const { condition } = revokingOf(leaked, { credentials, orphans: [], now: after(when) })
  return condition && `${condition.status} ${condition.reason}: ${condition.message}`
}

describe('a provider whose credentials have leaked tells', () => {
  const many = ['g', 'f', 'e', 'd', 'c', 'b', 'a'].map((name) => named(old, name))
  it.each<[string, string | undefined, string | undefined]>([
    [
      'nothing, where nobody has said so',
      revokingOf(aProvider(), { credentials: [old.object], orphans: [], now: after('2h') }).condition?.reason,
      undefined,
    ],
    [
      'how many are left, and which',
      told('2h', named(old, 'orders'), named(fresh, 'returns')),
      `True IssuedBefore: Still to replace or to revoke of what was issued before ${at('1h')}: 1, of team-a/orders. Each of them says what is next.`,
    ],
    [
      'some of many',
      told('2h', ...many),
      `True IssuedBefore: Still to replace or to revoke of what was issued before ${at('1h')}: 7, of team-a/a, team-a/b, team-a/c, team-a/d, team-a/e and 2 more. Each of them says what is next.`,
    ],
    [
      'when none is left',
      told('2h', named(fresh, 'returns')),
      `False NoneLeft: Nothing is left of what this provider issued before ${at('1h')}.`,
    ],
    [
      'that the moment is still to come',
      told('0s', named(old, 'orders')),
      `False MomentToCome: spec.revokeIssuedBefore, ${at('1h')}, is still to come: nothing is replaced or revoked for it before.`,
    ],
  ])('%s', (_, found, expected) => {
    expect(found).toBe(expected)
  })

  it('nothing of versions that another provider has made', () => {
    const moved = aCredential().having(delivered(1, at(), { provider: { ...delivered(1).provider, uid: 'another' } }))
    expect(told('2h', moved.object)).toContain('NoneLeft')
  })

  it.each<[string, string | undefined, string]>([
    ['what is owed from before, and exists perhaps', told('2h', fresh.owing(unknownOf(1)).object), 'True IssuedBefore'],
    ['no debt from after it', told('2h', fresh.owing(unknownOf(1, { since: at('90m') })).object), 'False NoneLeft'],
    [
      'what orphans owe from before',
      revokingOf(leaked, { credentials: [], orphans: [anOrphan(owedBy(1))], now: after('2h') }).condition?.message,
      ': 1, of OrphanedCredential ',
    ],
    [
      'what a clock that was ahead has dated after it',
      told('2h', aCredential().having(delivered(1, at(), { startedAt: at('5h') })).object),
      'True IssuedBefore',
    ],
  ])('of %s', (_, found, expected) => {
    expect(found).toContain(expected)
  })

  it.each<[string, CredentialBuilder, string]>([
    ['which credentials have nothing in place of what was revoked at once', waiting, 'True IssuedBefore'],
    ['nothing of those that are being deleted', waiting.deleted(), 'False NoneLeft'],
    [
      'nothing of those that have a successor',
      fresh.status({ ...fresh.object.status, state: 'active' }),
      'False NoneLeft',
    ],
  ])('%s', (_, credential, expected) => {
    const exploited = aProvider({ revokeIssuedBefore: at('1h'), revokeMode: 'Immediate' })
    const { condition } = revokingOf(exploited, { credentials: [credential.object], orphans: [], now: after('2h') })
    expect(`${condition?.status} ${condition?.reason}`).toBe(expected)
  })

  it('again when the moment has come', () => {
    expect(revokingOf(leaked, { credentials: [], orphans: [], now: after('0s') }).wakeAt).toBe(after('1h'))
  })
})

describe('the status of a provider', () => {
  function setUp(provider = aProvider({ revokeIssuedBefore: at('1h') })) {
    const api = new FakeApi()
    const clock = new FakeClock(after('2h'))
    const { caches } = createCaches({ api, clock, random: seeded(1), logger: silentLogger })
    const gateway = () => ({ url: 'https://gateway.example', ca: '' })
    const reconcile = createReconciler({ api, caches, clock, gateway }, 'CredentialsProvider')
    const { metadata } = provider
    const held = { ...provider, metadata: { ...metadata, finalizers: [finalizer.inUse] } }
    caches.providers.replace([api.put(CredentialsProviders, held)], '101')
    let revision = 200
    const put = (credential: CustomCredential) => {
      const metadata = { ...credential.metadata, resourceVersion: String((revision += 1)) }
      caches.credentials.apply({ type: 'MODIFIED', object: { ...credential, metadata } })
    }
    return { api, clock, caches, put, reconcile: () => reconcile(keyOf(provider)) }
  }
  const reason = ({ api }: ReturnType<typeof setUp>) =>
    api.peek(CredentialsProviders, keyOf(leaked))?.status.conditions?.find(({ type }) => type === 'Revoking')?.reason

  it('follows the revocation, every ten seconds at most: thousands may end in a minute', async () => {
    const world = setUp()
    world.put(named(old, 'orders'))
    await world.reconcile()
    expect(reason(world)).toBe('IssuedBefore')
    world.put(named(fresh, 'orders'))
    expect(await world.reconcile()).toEqual({ requeueAfterMs: 10_000 })
    expect(reason(world)).toBe('IssuedBefore')
    world.clock.jump(10_000)
    expect(await world.reconcile()).toEqual({})
    expect(reason(world)).toBe('NoneLeft')
  })

  it('costs no write while nothing changes', async () => {
    const world = setUp()
    world.put(named(old, 'orders'))
    await world.reconcile()
    await world.reconcile()
    expect(world.api.writes).toHaveLength(1)
  })

  it.each<[string, readonly string[], readonly string[]]>([
    ['is looked at when a credential of it changes', ['postgres'], ['postgres']],
    ['is looked at when a credential leaves it', ['postgres', 'mysql'], ['postgres', 'postgres']],
    ['is not for those of others', ['mysql'], []],
  ])('%s', (_, named, expected) => {
    const { caches, put } = setUp()
    const queued: string[] = []
    watchProviders(
      caches,
      ({ name }) => queued.push(name),
      () => undefined,
    )
    queued.length = 0
    for (const name of named) put(aCredential().spec({ providerRef: { name } }).object)
    expect(queued).toEqual(expected)
  })
})
