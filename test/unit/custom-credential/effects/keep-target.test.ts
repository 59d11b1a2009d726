import { beforeEach, describe, expect, it } from 'vitest'
import type { Target } from '../../../../src/api/generated.ts'
import { annotation, label } from '../../../../src/api/labels.ts'
import { Namespaces, OrphanedCredentials, type Secret, Secrets } from '../../../../src/api/resources.ts'
import { createCaches } from '../../../../src/caches.ts'
import { keepTarget } from '../../../../src/custom-credential/effects/keep-target.ts'
import { renditionOf } from '../../../../src/custom-credential/delivery/rendition.ts'
import { versionManifest } from '../../../../src/custody/versions.ts'
import { seeded } from '../../../sim/random.ts'
import { aCredential, delivered, owedBy } from '../../../support/builders.ts'
import { anOrphan, aSnapshot } from '../../../support/builders-snapshot.ts'
import { aCreation } from '../../../support/builders-tasks.ts'
import { FakeApi } from '../../../support/fake-api.ts'
import { FakeClock } from '../../../support/fake-clock.ts'
import { silentLogger } from '../../../support/loggers.ts'
import { REFUSALS } from '../../../support/refusals.ts'

const custodyNamespace = 'custom-credentials-system'
const KEY = { namespace: 'team-a', name: 'orders-database' }
const version = delivered(2)
const { uid } = aCredential().object.metadata

let ports: ReturnType<typeof setUp>

function setUp() {
  const api = new FakeApi()
  const { caches } = createCaches({ api, clock: new FakeClock(), random: seeded(1), logger: silentLogger })
  caches.secrets.replace([], '1')
  caches.orphans.replace([], '1')
  return { api, caches, events: { record: () => undefined }, custodyNamespace, handedOff: () => undefined }
}

beforeEach(() => {
  ports = setUp()
  ports.api.put(Namespaces, { metadata: { name: 'team-a', uid: 'namespace', resourceVersion: '1' } })
  const { spec } = aCreation(2).object
  const payload = { credentialsId: version.credentialsId, data: { username: 'user-2' } }
  const manifest = versionManifest(custodyNamespace, { id: version.taskId, spec }, payload)
  ports.api.put(Secrets, { ...manifest, metadata: { ...manifest.metadata, uid: 'payload', resourceVersion: '1' } })
})

const labels = { [label.managedBy]: 'custom-credentials-operator', [label.credentialUid]: uid, app: 'orders' }

function shown(number: number, rendition?: string): void {
  const annotations = {
    [annotation.version]: String(number),
    [annotation.credentialsId]: `role-${number}`,
    ...(rendition !== undefined && { [annotation.rendition]: rendition }),
  }
  const secret: Secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { ...KEY, uid: 'target-uid', resourceVersion: '1', labels, annotations },
    data: { username: 'bWluZQ==' },
  }
  ports.caches.secrets.remember(ports.api.put(Secrets, secret))
}

function keep(target?: Target) {
  const there = ports.caches.secrets.get(KEY)?.metadata
  const facts = there && {
    uid: there.uid,
    version: Number(there.annotations?.[annotation.version]),
    rendition: there.annotations?.[annotation.rendition],
  }
  const credential = aCredential().spec({ revocationPolicy: 'Retain', ...(target && { target }) })
  return keepTarget(ports, aSnapshot().of(credential.having(version)).with({ target: facts }).snapshot, version)
}

const secret = () => ports.api.peek(Secrets, KEY)

describe('a target Secret that outlives its credential', () => {
  it("is nobody's any more, keeps its keys, and says what adopts its credentials again, in one write", async () => {
    shown(2)
    expect(await keep()).toBeUndefined()
    expect(secret()?.metadata.labels).toEqual({ app: 'orders' })
    expect(secret()?.metadata.annotations).toMatchObject({
      [annotation.credentialsId]: 'role-2',
      [annotation.version]: '2',
      [annotation.provider]: 'CredentialsProvider/postgres',
      [annotation.retained]: uid,
    })
    expect(secret()?.data).toEqual({ username: 'bWluZQ==' })
    expect(ports.api.writes).toEqual(['patch secrets team-a/orders-database'])
  })

  it('is recognized by the next process, which writes nothing', async () => {
    shown(2)
    await keep()
    const { caches } = createCaches({ ...ports, clock: new FakeClock(), random: seeded(1), logger: silentLogger })
    caches.secrets.replace([], '1')
    ports = { ...ports, caches }
    ports.api.calls.length = 0
    expect(await keep()).toBeUndefined()
    expect(ports.api.writes).toEqual([])
  })

  it.each([
    ['is gone', undefined],
    ['shows another version', 1],
  ])('is written before where it %s', async (_, number) => {
    if (number !== undefined) shown(number)
    expect(await keep()).toBeUndefined()
    expect(secret()?.data).toEqual({ username: 'dXNlci0y' })
    expect(secret()?.metadata.labels).not.toHaveProperty(label.credentialUid)
  })

  it('shows the previous version no more, which is revoked', async () => {
    const target: Target = { previousKeys: { prefix: 'previous_' } }
    shown(2, renditionOf(target, 1))
    await keep(target)
    expect(secret()?.data).toEqual({ username: 'dXNlci0y' })
  })
})

describe('another record is needed', () => {
  it('where the namespace goes, though the caches have not heard of it', async () => {
    shown(2)
    const deletionTimestamp = '2026-01-01T00:00:00Z'
    ports.api.put(Namespaces, {
      metadata: { name: 'team-a', uid: 'namespace', resourceVersion: '1', deletionTimestamp },
    })
    expect(await keep()).toMatchObject({ isUnkept: true })
  })

  it('where an orphan would revoke the same credentials', async () => {
    shown(2)
    const orphan = ports.api.put(OrphanedCredentials, anOrphan(owedBy(1, { credentialsId: 'role-2' })))
    ports.caches.orphans.remember(orphan)
    expect(await keep()).toMatchObject({ isUnkept: true })
    expect(secret()?.metadata.labels).toEqual({ app: 'orders' })
    const { caches } = createCaches({ ...ports, clock: new FakeClock(), random: seeded(1), logger: silentLogger })
    caches.secrets.replace([], '1')
    caches.orphans.replace([orphan], orphan.metadata.resourceVersion)
    ports = { ...ports, caches }
    expect(await keep(), 'to the next process').toMatchObject({ isUnkept: true })
  })

  it('where somebody else has a Secret of that name', async () => {
    const { labels: _none, ...metadata } = { ...KEY, uid: 'theirs', resourceVersion: '1', labels }
    ports.api.put(Secrets, { apiVersion: 'v1', kind: 'Secret', metadata })
    expect(await keep()).toMatchObject({ isUnkept: true })
    expect(secret()?.metadata.uid).toBe('theirs')
  })

  it.each(REFUSALS)('where the API server refuses the write (%i)', async (_, refusal) => {
    shown(2)
    ports.api.meet('patch secrets', refusal)
    expect(await keep()).toMatchObject({ isUnkept: true })
  })

  it('but not where nobody knows whether it was written: that is tried again', async () => {
    shown(2)
    ports.api.meet('patch secrets', 'lost')
    await expect(keep()).rejects.toThrow()
    shown(2)
    expect(await keep()).toBeUndefined()
  })
})
