import { beforeEach, describe, expect, it } from 'vitest'
import type { CustomCredential, Target } from '../../../../src/api/generated.ts'
import { annotation, GROUP, label } from '../../../../src/api/labels.ts'
import { type Secret, Secrets } from '../../../../src/api/resources.ts'
import { createCaches } from '../../../../src/caches.ts'
import { deliver } from '../../../../src/custom-credential/effects/deliver.ts'
import { keepTarget } from '../../../../src/custom-credential/effects/keep-target.ts'
import { leaveTarget } from '../../../../src/custom-credential/effects/leave-target.ts'
import { withdraw } from '../../../../src/custom-credential/effects/withdraw.ts'
import { versionManifest } from '../../../../src/custody/versions.ts'
import { Namespaces } from '../../../../src/api/resources.ts'
import { seeded } from '../../../sim/random.ts'
import { aCredential, aVersion, delivered } from '../../../support/builders.ts'
import { aSnapshot } from '../../../support/builders-snapshot.ts'
import { aCreation } from '../../../support/builders-tasks.ts'
import { FakeApi } from '../../../support/fake-api.ts'
import { FakeClock } from '../../../support/fake-clock.ts'
import { silentLogger } from '../../../support/loggers.ts'

const custodyNamespace = 'custom-credentials-system'
const KEY = { namespace: 'team-a', name: 'orders-database' }
const OVER = { isOver: true }
const at = { ...KEY, uid: 'uid-theirs', resourceVersion: '1' }
type Spec = Partial<CustomCredential['spec']>
const THEIRS = { labels: { 'app.kubernetes.io/managed-by': 'Helm' }, annotations: { 'example.com/owner': 'team-a' } }

let ports: ReturnType<typeof setUp>

function setUp() {
  const api = new FakeApi()
  const { caches } = createCaches({ api, clock: new FakeClock(), random: seeded(1), logger: silentLogger })
  caches.secrets.replace([], '1')
  caches.credentials.replace([aCredential().object], '1')
  api.put(Namespaces, { metadata: { name: KEY.namespace, uid: 'uid-namespace', resourceVersion: '1' } })
  return { api, caches, events: { record: () => undefined }, custodyNamespace, handedOff: () => undefined }
}

beforeEach(() => {
  ports = setUp()
})

const base64 = (data: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')]))

/** A Secret that people have made. */
function theirs(data: Record<string, string> | undefined, metadata: Partial<Secret['metadata']> = THEIRS): void {
  const secret = { metadata: { ...KEY, uid: 'uid-theirs', resourceVersion: '1', ...metadata } }
  ports.api.put(Secrets, data === undefined ? secret : { ...secret, data: base64(data) })
}

/** What was reported of a version: `username` and `password`. */
const outputs = (version: number) => ({ username: `user-${version}`, password: `secret-${version}` })

/** Has the version delivered, as the spec wants it; what stands in the way, if anything does. */
async function deliverVersion(number: number, target: Target = { creationPolicy: 'Merge' }, more: Spec = {}) {
  const version = aVersion(number, more.adopt && { adopted: true })
  const { spec } = aCreation(number).object
  const report = { credentialsId: version.credentialsId, data: outputs(number) }
  const manifest = versionManifest(custodyNamespace, { id: version.taskId, spec }, report)
  ports.api.put(Secrets, { ...manifest, metadata: { ...manifest.metadata, uid: 'u', resourceVersion: '1' } })
  const { snapshot } = aSnapshot().of(
    aCredential()
      .spec({ target, ...more })
      .having(version),
  )
  return (await deliver(ports, snapshot, { version, previous: undefined }))?.delivery
}

const there = () => ports.api.peek(Secrets, KEY)
const texts = () => there() && Object.fromEntries(Object.entries(there()?.data ?? {}).map(([k, v]) => [k, atob(v)]))
const writes = () => ports.api.writes.filter((call) => call.endsWith('team-a/orders-database'))

describe('a Secret that people have made, merged into', () => {
  it('gets the keys of the version beside its own, and keeps its labels, in one write', async () => {
    theirs({ host: 'db' })
    expect(await deliverVersion(1)).toBeUndefined()
    expect(texts()).toEqual({ host: 'db', ...outputs(1) })
    expect(there()?.metadata.labels).toMatchObject(THEIRS.labels)
    expect(there()?.metadata.annotations).toMatchObject({ ...THEIRS.annotations, [annotation.version]: '1' })
    expect(writes()).toEqual(['patch secrets team-a/orders-database'])
  })

  it('gets them though it holds nothing', async () => {
    theirs(undefined)
    await deliverVersion(1)
    expect(texts()).toEqual(outputs(1))
  })

  it('follows versions and templates: keys that are made no more go, and those of others stay', async () => {
    theirs({ host: 'db' })
    await deliverVersion(1)
    await deliverVersion(2)
    expect(texts()).toEqual({ host: 'db', ...outputs(2) })
    await deliverVersion(2, { creationPolicy: 'Merge', template: { url: 'pg://{{ username }}' } })
    expect(texts()).toEqual({ host: 'db', url: 'pg://user-2' })
  })

  it('is written again where somebody has edited a key of ours', async () => {
    theirs({ host: 'db' })
    await deliverVersion(1)
    const secret = there()
    if (secret) ports.api.put(Secrets, { ...secret, data: { ...secret.data, ...base64({ password: 'edited' }) } })
    await deliverVersion(1)
    expect(texts()).toEqual({ host: 'db', ...outputs(1) })
  })

  it('stays merged, and keeps the keys of others, when the spec asks for it no more', async () => {
    theirs({ host: 'db' })
    await deliverVersion(1)
    await deliverVersion(2, {})
    expect(texts()).toEqual({ host: 'db', ...outputs(2) })
  })

  it('is written as it is by then, not as the cache has it', async () => {
    theirs({ host: 'db' })
    await deliverVersion(1)
    const secret = there()
    if (secret) ports.api.put(Secrets, { ...secret, data: { ...secret.data, ...base64({ port: '5432' }) } })
    await deliverVersion(2)
    expect(texts()).toEqual({ host: 'db', port: '5432', ...outputs(2) })
  })
})

describe('a Secret that can not be merged into', () => {
  it('is waited for where it is not there', async () => {
    expect(await deliverVersion(1)).toMatchObject({
      reason: 'TargetMissing',
      message: expect.stringMatching(/^There is no Secret "orders-database" .* Create it/) as string,
    })
    expect(writes()).toEqual([])
  })

  it('is left as it is where it has such a key already, with another value', async () => {
    theirs({ host: 'db', password: 'their own' })
    expect(await deliverVersion(1)).toMatchObject({
      reason: 'TargetConflict',
      message: expect.stringContaining('which stay: "password". Take them out') as string,
    })
    expect(texts()).toEqual({ host: 'db', password: 'their own' })
  })

  it('is left as it is where that is the same value: it would be rotated, and taken out one day', async () => {
    theirs({ ...outputs(1), host: 'db' })
    expect(await deliverVersion(1)).toMatchObject({ reason: 'TargetConflict' })
  })

  it('is written where it is what is being adopted', async () => {
    theirs({ ...outputs(1), host: 'db' })
    const adopt = { secretName: KEY.name, credentialsId: 'role-1' }
    expect(await deliverVersion(1, { creationPolicy: 'Merge' }, { adopt })).toBeUndefined()
    await deliverVersion(2)
    expect(texts()).toEqual({ host: 'db', ...outputs(2) })
  })

  it.each<[string, Partial<Secret>]>([
    ['a record of the operator’s', { metadata: { ...at, labels: { [label.custody]: 'revocation-kit' } } }],
    ['what a run of an orphan has', { metadata: { ...at, labels: { [label.task]: 'sm-task-1' } } }],
    ['what logs in to the cluster', { metadata: at, type: 'bootstrap.kubernetes.io/token' }],
  ])('is left as it is where it is %s', async (_, secret) => {
    ports.api.put(Secrets, { data: base64({ host: 'db' }), ...secret } as Secret)
    const trouble = await deliverVersion(1)
    expect(trouble).toMatchObject({ reason: 'TargetConflict' })
    expect(trouble?.message).toContain('nothing is merged into it')
    expect(texts()).toEqual({ host: 'db' })
  })

  it('is not taken over in place where it has more by then than was adopted', async () => {
    theirs({ ...outputs(1), host: 'db' })
    const adopt = { secretName: KEY.name, credentialsId: 'role-1' }
    expect(await deliverVersion(1, {}, { adopt })).toMatchObject({ reason: 'TargetConflict' })
    expect(texts()).toEqual({ ...outputs(1), host: 'db' })
    theirs(outputs(1))
    expect(await deliverVersion(1, {}, { adopt })).toBeUndefined()
  })

  it('is left as it is where another credential has keys in it', async () => {
    const other = { ...aCredential().object, metadata: { ...aCredential().object.metadata, name: 'b', uid: 'uid-b' } }
    ports.caches.credentials.replace([other], '2')
    theirs({ host: 'db' }, { labels: { [label.credentialUid]: 'uid-b', [label.merged]: 'true' } })
    expect(await deliverVersion(1)).toMatchObject({ reason: 'TargetConflict' })
    expect(texts()).toEqual({ host: 'db' })
  })

  it('is not written over where our marks went while it was read, and nothing asks for a merge any more', async () => {
    theirs({ host: 'db' })
    await deliverVersion(1)
    ports.api.meet('get secrets team-a', () => {
      theirs({ host: 'db' })
    })
    expect(await deliverVersion(2, {})).toMatchObject({ reason: 'TargetConflict' })
    expect(texts()).toEqual({ host: 'db' })
  })

  it('is taken from a credential that is gone, with the keys that it has left there', async () => {
    const labels = { [label.credentialUid]: 'uid-gone', [label.merged]: 'true' }
    theirs({ host: 'db', old: 'x' }, { labels, annotations: { [annotation.keys]: 'old' } })
    await deliverVersion(1)
    expect(texts()).toEqual({ host: 'db', ...outputs(1) })
  })
})

describe('when it is over, a Secret that was merged into', () => {
  const cached = () => ports.caches.secrets.get(KEY) ?? { metadata: { ...KEY, uid: 'none', resourceVersion: '' } }
  const marks = () =>
    Object.keys({ ...there()?.metadata.labels, ...there()?.metadata.annotations }).filter((key) =>
      key.startsWith(`${GROUP}/`),
    )
  const shown = aSnapshot()
    .of(aCredential().having(delivered(1)))
    .showing(1).snapshot
  const snapshot = { ...shown, target: shown.target && { ...shown.target, uid: 'uid-theirs' } }

  beforeEach(async () => {
    theirs({ host: 'db' })
    await deliverVersion(1)
  })

  it('is left without our keys and marks, and otherwise as it is', async () => {
    await withdraw(ports, cached(), OVER)
    expect(texts()).toEqual({ host: 'db' })
    expect(there()?.metadata).toMatchObject(THEIRS)
    expect(there()?.metadata.labels).toEqual(THEIRS.labels)
    expect(marks()).toEqual([])
  })

  it('is left alone by the next try, where another has taken its place, and where it is another credential’s by now', async () => {
    const seen = cached()
    await withdraw(ports, seen, OVER)
    await withdraw(ports, seen, OVER)
    const before = writes().length
    const labels = { [label.credentialUid]: 'uid-b', [label.merged]: 'true' }
    theirs(outputs(1), { labels, annotations: { [annotation.keys]: 'username' } })
    await withdraw(ports, seen, OVER)
    theirs(outputs(1), { ...seen.metadata, uid: 'uid-another' })
    await withdraw(ports, seen, OVER)
    ports.api.drop(Secrets, KEY)
    await withdraw(ports, seen, OVER)
    expect(writes()).toHaveLength(before)
  })

  it('and can not be changed any more, keeps keys that work no more, and is nobody’s', async () => {
    const secret = there()
    if (secret) ports.api.put(Secrets, { ...secret, immutable: true })
    await withdraw(ports, cached(), OVER)
    expect(texts()).toEqual({ host: 'db', ...outputs(1) })
    expect(marks()).toEqual([])
  })

  it.each([
    ['to stay as it is', () => leaveTarget(ports, snapshot)],
    ['to keep a version that stays valid', () => keepTarget(ports, snapshot, delivered(1))],
  ])('and is %s keeps the keys, and the mark of who manages it', async (_, end) => {
    await end()
    expect(texts()).toEqual({ host: 'db', ...outputs(1) })
    expect(there()?.metadata.labels).toEqual(THEIRS.labels)
    expect(marks()).not.toContain(annotation.keys)
  })
})
