import { X509Certificate } from 'node:crypto'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Secrets } from '../../../src/api/resources.ts'
import { bundle, isDue, needsSuccessor, signer, unexpired } from '../../../src/gateway/authority-rotation.ts'
import { loadAuthorities } from '../../../src/gateway/authority.ts'
import { createAuthority, issueServerCertificate, type KeyPair } from '../../../src/gateway/certificates.ts'
import { ServingCertificate } from '../../../src/gateway/serving-certificate.ts'
import { ApiError } from '../../../src/kube/errors.ts'
import { FakeApi } from '../../support/fake-api.ts'
import { FakeClock } from '../../support/fake-clock.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const NAMESPACE = 'operator-system'
const SECRET = { namespace: NAMESPACE, name: 'task-gateway-ca' }

describe('which authority signs, and when the next is made', () => {
  const authority = (name: string, fromDay: number): KeyPair => ({
    certificate: name,
    key: '',
    notBefore: fromDay * DAY,
    notAfter: (fromDay + 365) * DAY,
  })
  const first = authority('first', 0)
  const second = authority('second', 244)

  it.each<[string, readonly KeyPair[], number, string | undefined]>([
    ['the only one, from its first moment', [first], 0, 'first'],
    ['the old one, while a Job may run that does not know the new one', [second, first], 245, 'first'],
    ['the new one, once every Job knows it', [second, first], 245.1, 'second'],
    ['the new one, however young, once the old one has expired', [first, authority('late', 364.5)], 365.1, 'late'],
    ['none, once all have expired', [first], 365, undefined],
  ])('%s', (_, authorities, day, name) => {
    expect(signer(authorities, day * DAY)?.certificate).toBe(name)
  })

  it.each<[string, readonly KeyPair[], number, boolean]>([
    ['where there is none', [], 0, true],
    ['not in the first two thirds of its life', [first], 243, false],
    ['after two thirds of its life', [first], 243.4, true],
    ['not twice', [first, second], 250, false],
    ['where all have expired', [first], 400, true],
  ])('a successor is made: %s', (_, authorities, day, due) => {
    expect(needsSuccessor(authorities, day * DAY)).toBe(due)
  })

  it('clients trust every authority that has not expired', () => {
    expect(bundle(unexpired([second, first], 300 * DAY))).toBe('first\nsecond\n')
    expect(bundle(unexpired([second, first], 366 * DAY))).toBe('second\n')
  })
})

describe('certificates', () => {
  const now = Date.UTC(2026, 0, 1)
  let authority: KeyPair
  beforeAll(async () => {
    authority = await createAuthority(now, 365 * DAY)
  })

  it('a server certificate is signed by its authority, for its names and for nothing else', async () => {
    const names = ['task-gateway.system.svc', 'task-gateway.system.svc.cluster.local']
    const leaf = await issueServerCertificate(authority, names, { now, lifeMs: 7 * DAY })
    const parsed = new X509Certificate(leaf.certificate)
    expect(parsed.verify(new X509Certificate(authority.certificate).publicKey)).toBe(true)
    expect(parsed.checkHost('task-gateway.system.svc')).toBe('task-gateway.system.svc')
    expect(parsed.checkHost('other.system.svc')).toBeUndefined()
    expect(parsed.ca).toBe(false)
    expect(parsed.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1'])
    expect(leaf.notAfter).toBe(now + 7 * DAY)
  })

  it('a server certificate does not outlive its authority', async () => {
    const late = authority.notAfter - HOUR
    const leaf = await issueServerCertificate(authority, ['a.svc'], { now: late, lifeMs: 7 * DAY })
    expect(leaf.notAfter).toBe(authority.notAfter)
  })
})

describe('the authorities that replicas share', () => {
  let api: FakeApi
  let clock: FakeClock
  const load = (known?: readonly KeyPair[]) => loadAuthorities({ api, clock, namespace: NAMESPACE }, known)
  beforeEach(() => {
    api = new FakeApi()
    clock = new FakeClock()
  })

  it('are made by the first replica and read by the others', async () => {
    const [made] = await load()
    await expect(load()).resolves.toEqual([made])
    expect(api.writes).toEqual([`create secrets ${NAMESPACE}/task-gateway-ca`])
  })

  it('are those of the first writer where two replicas start together', async () => {
    let winner: readonly KeyPair[] = []
    const other = new FakeApi()
    winner = await loadAuthorities({ api: other, clock, namespace: NAMESPACE })
    const secret = other.peek(Secrets, SECRET)
    api.meet('create secrets', () => {
      if (secret !== undefined) api.put(Secrets, secret)
    })
    await expect(load()).resolves.toEqual(winner)
  })

  it('get a successor beside them after two thirds of their life, and are dropped once expired', async () => {
    const [first] = await load()
    clock.jump(244 * DAY)
    const both = await load()
    expect(both).toHaveLength(2)
    expect(both[0]).toEqual(first)
    clock.jump(122 * DAY)
    await expect(load()).resolves.toEqual([both[1]])
  })

  it('get one successor where two replicas rotate together', async () => {
    await load()
    clock.jump(244 * DAY)
    let others: readonly KeyPair[] = []
    api.meet('patch secrets', new ApiError('Conflict', 'the object has been modified'))
    others = await load()
    await expect(load()).resolves.toEqual(others)
    expect(others).toHaveLength(2)
  })

  it('are put back if somebody has deleted them, so that running Jobs reach the gateway', async () => {
    const known = await load()
    api.drop(Secrets, SECRET)
    await expect(load(known)).resolves.toEqual(known)
    await expect(load()).resolves.toEqual(known)
  })

  it('are made anew if somebody has emptied the Secret', async () => {
    const known = await load()
    const secret = api.peek(Secrets, SECRET)
    if (secret !== undefined) api.put(Secrets, { ...secret, data: {} })
    const [made, ...more] = await load(known)
    expect(more).toEqual([])
    expect(made).not.toEqual(known[0])
  })

  it('are an error that says what to do, if the Secret holds something else', async () => {
    await load()
    const secret = api.peek(Secrets, SECRET)
    if (secret !== undefined) api.put(Secrets, { ...secret, data: { '0.crt': 'AAAA' } })
    await expect(load()).rejects.toThrow('delete it, and it is made anew')
  })
})

describe('the certificate that a replica shows', () => {
  let api: FakeApi
  let clock: FakeClock
  let serving: ServingCertificate
  const issuedBy = (leaf: KeyPair): number =>
    serving.caBundle
      .split(/(?<=-----END CERTIFICATE-----\n)/)
      .findIndex((pem) => new X509Certificate(leaf.certificate).verify(new X509Certificate(pem).publicKey))
  beforeEach(() => {
    api = new FakeApi()
    clock = new FakeClock()
    serving = new ServingCertificate({ api, clock, namespace: NAMESPACE, names: ['a.svc'] })
  })

  it('is known only after the first refresh', async () => {
    expect(() => serving.caBundle).toThrow('has not started')
    await serving.refresh()
    expect(serving.caBundle).toContain('BEGIN CERTIFICATE')
  })

  it('is kept for two thirds of its life and replaced then', async () => {
    const first = await serving.refresh()
    clock.jump(4 * DAY)
    await expect(serving.refresh()).resolves.toBe(first)
    clock.jump(DAY)
    const second = await serving.refresh()
    expect(isDue(second, clock.now())).toBe(false)
  })

  it('comes from a new authority only when every running Job knows it', async () => {
    await serving.refresh()
    clock.jump(244 * DAY)
    expect(issuedBy(await serving.refresh())).toBe(0)
    clock.jump(6 * DAY)
    expect(issuedBy(await serving.refresh())).toBe(1)
  })

  it('is replaced at once where its authority is not trusted any more', async () => {
    const first = await serving.refresh()
    const secret = api.peek(Secrets, SECRET)
    if (secret !== undefined) api.put(Secrets, { ...secret, data: {} })
    const second = await serving.refresh()
    expect(second).not.toBe(first)
    expect(issuedBy(second)).toBe(0)
  })
})
