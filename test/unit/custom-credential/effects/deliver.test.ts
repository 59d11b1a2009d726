import { beforeEach, describe, expect, it } from 'vitest'
import type { CredentialVersion, Target } from '../../../../src/api/generated.ts'
import { annotation, label } from '../../../../src/api/labels.ts'
import { type Secret, Secrets } from '../../../../src/api/resources.ts'
import { createCaches } from '../../../../src/caches.ts'
import { decide } from '../../../../src/custom-credential/decide.ts'
import { deliver } from '../../../../src/custom-credential/effects/deliver.ts'
import { renditionOf } from '../../../../src/custom-credential/delivery/rendition.ts'
import { versionManifest } from '../../../../src/custody/versions.ts'
import { ApiError } from '../../../../src/kube/errors.ts'
import { seeded } from '../../../sim/random.ts'
import { aCredential, after, aProvider, at, aVersion, delivered } from '../../../support/builders.ts'
import { aSnapshot, type SnapshotBuilder } from '../../../support/builders-snapshot.ts'
import { aCreation } from '../../../support/builders-tasks.ts'
import { FakeApi } from '../../../support/fake-api.ts'
import { FakeClock } from '../../../support/fake-clock.ts'
import { silentLogger } from '../../../support/loggers.ts'
import { REFUSALS } from '../../../support/refusals.ts'

const custodyNamespace = 'custom-credentials-system'
const KEY = { namespace: 'team-a', name: 'orders-database' }
const SHAPED: Target = {
  labels: { app: 'orders' },
  annotations: { 'example.com/owner': 'team-a' },
  template: { url: 'pg://{{ username }}{% if previous %}?was={{ previous.username }}{% endif %}' },
  previousKeys: { prefix: 'previous_' },
}

/** The target's keys as text. */
const textOf = ({ data = {} }: Secret): Record<string, string> =>
  Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]))

let ports: ReturnType<typeof setUp>

function setUp() {
  const api = new FakeApi()
  const { caches } = createCaches({ api, clock: new FakeClock(), random: seeded(1), logger: silentLogger })
  const events = { record: () => undefined }
  return { api, caches, events, custodyNamespace, handedOff: () => undefined }
}

beforeEach(() => {
  ports = setUp()
  ports.caches.secrets.replace([], '1')
})

/** What the run of a version has reported lies in custody: `user-<version>`. */
function keep({ version, taskId, credentialsId }: CredentialVersion): void {
  const { spec } = aCreation(version).object
  const data = { username: `user-${version}` }
  const manifest = versionManifest(custodyNamespace, { id: taskId, spec }, { credentialsId, data })
  ports.api.put(Secrets, {
    ...manifest,
    metadata: { ...manifest.metadata, uid: taskId, resourceVersion: '1' },
  })
}

const snapshotOf = (target: Target | undefined, ...versions: readonly CredentialVersion[]): SnapshotBuilder =>
  aSnapshot()
    .of(
      aCredential()
        .spec(target === undefined ? {} : { target })
        .having(...versions),
    )
    .at(after('1h'))

/** What is decided about the target is done, once; what then stands there. */
async function settle(builder: SnapshotBuilder): Promise<Secret | undefined> {
  const { prepare } = decide(builder.snapshot)
  for (const action of prepare) if (action.kind === 'deliver') await deliver(ports, builder.snapshot, action)
  return ports.api.peek(Secrets, KEY)
}

const kinds = (builder: SnapshotBuilder) => [...decide(builder.snapshot).prepare, ...decide(builder.snapshot).release]
const writes = () => ports.api.writes.filter((call) => call.endsWith('team-a/orders-database'))
const reads = () => ports.api.calls.filter((call) => call.startsWith('get secrets'))

describe('a target Secret that is no more than named', () => {
  it('is written as ever: the outputs, and no trace of a rendition', async () => {
    keep(aVersion(1))
    const secret = await settle(snapshotOf(undefined, aVersion(1)))
    expect(secret).toMatchObject({ type: 'Opaque', data: { username: 'dXNlci0x' } })
    expect(Object.keys(secret?.metadata.annotations ?? {})).toEqual([annotation.version, annotation.credentialsId])
    expect(Object.keys(secret?.metadata.labels ?? {})).toEqual([label.managedBy, label.credential, label.credentialUid])
  })

  it('costs one read of custody where there is a previous version, too', async () => {
    keep(aVersion(1))
    keep(aVersion(2))
    await settle(snapshotOf(undefined, delivered(1), aVersion(2)))
    expect(reads()).toHaveLength(1)
  })
})

describe('a target Secret that is shaped', () => {
  const shaped = snapshotOf(SHAPED, delivered(1), aVersion(2))

  beforeEach(() => {
    keep(aVersion(1))
    keep(aVersion(2))
  })

  it('has its type, labels, annotations and keys, those of the previous version beside them', async () => {
    const secret = await settle(snapshotOf({ ...SHAPED, type: 'example.com/login' }, delivered(1), aVersion(2)))
    expect(secret?.type).toBe('example.com/login')
    expect(secret?.metadata.labels).toMatchObject({ app: 'orders' })
    expect(secret?.metadata.annotations).toMatchObject({ 'example.com/owner': 'team-a', [annotation.version]: '2' })
    expect(secret && textOf(secret)).toEqual({ url: 'pg://user-2?was=user-1', previous_username: 'user-1' })
    expect(reads()).toHaveLength(2)
  })

  it('shows no previous version where its payload is gone from custody, and is not written again for it', async () => {
    ports.api.drop(Secrets, { namespace: custodyNamespace, name: aVersion(1).taskId })
    const secret = await settle(shaped)
    expect(secret && textOf(secret)).toEqual({ url: 'pg://user-2' })
    const rendition = secret?.metadata.annotations?.[annotation.rendition]
    expect(rendition).toBe(renditionOf(SHAPED, 1))
    expect(decide(snapshotOf(SHAPED, delivered(1), delivered(2)).showing(2, rendition).snapshot).prepare).toEqual([])
  })

  it('loses the labels and annotations that the spec names no more, and keeps those of others', async () => {
    const first = await settle(shaped)
    if (first === undefined) throw new Error('it was not made')
    const { metadata } = first
    const labels = { ...metadata.labels, 'example.com/theirs': 'yes' }
    const annotations = { ...metadata.annotations, 'example.com/note': 'hand-made' }
    ports.caches.secrets.remember(ports.api.put(Secrets, { ...first, metadata: { ...metadata, labels, annotations } }))
    const then = await settle(snapshotOf({ labels: { tier: 'db' } }, delivered(1), delivered(2)).showing(2, 'former'))
    expect(then?.metadata.labels).toMatchObject({ tier: 'db', 'example.com/theirs': 'yes' })
    expect(then?.metadata.labels).not.toHaveProperty('app')
    expect(then?.metadata.annotations).toMatchObject({ 'example.com/note': 'hand-made' })
    expect(then?.metadata.annotations).not.toHaveProperty('example.com/owner')
    const last = await settle(snapshotOf(undefined, delivered(1), delivered(2)).showing(2, 'former'))
    expect(last?.metadata.labels).not.toHaveProperty('tier')
    expect(last?.metadata.annotations).not.toHaveProperty([annotation.rendition])
    expect(last?.metadata.annotations).not.toHaveProperty([annotation.named])
    expect(writes()).toEqual(['create', 'patch', 'patch'].map((verb) => `${verb} secrets team-a/orders-database`))
  })

  it('keeps the operator’s own labels, whatever somebody has written of what the spec had named', async () => {
    const first = await settle(shaped)
    if (first === undefined) throw new Error('it was not made')
    const named = JSON.stringify({ labels: [label.credentialUid], annotations: [annotation.version] })
    for (const text of [named, '{"labels": 1}', 'no JSON']) {
      const annotations = { ...first.metadata.annotations, [annotation.named]: text }
      ports.caches.secrets.remember(ports.api.put(Secrets, { ...first, metadata: { ...first.metadata, annotations } }))
      const then = await settle(shaped)
      expect(then?.metadata.labels).toMatchObject({ [label.credentialUid]: expect.any(String) as string })
      expect(then?.metadata.annotations).toMatchObject({ [annotation.version]: '2' })
    }
  })

  it('that can not be rendered is a trouble, and nothing is written', async () => {
    const target = { template: { key: '{{ username | base64_decode }}' } }
    const { snapshot } = snapshotOf(target, delivered(1), aVersion(2))
    const trouble = await deliver(ports, snapshot, { version: aVersion(2), previous: undefined })
    expect(trouble?.delivery).toMatchObject({ reason: 'DeliveryFailed', tries: 1 })
    expect(trouble?.delivery?.message).toContain('spec.target.template: key: a filter can not do')
    expect(JSON.stringify(trouble)).not.toContain('user-2')
    expect(writes()).toEqual([])
  })
})

describe('a version that consumers have', () => {
  const settled = snapshotOf(SHAPED, delivered(1), delivered(2))
  const rendered = settled.showing(2, renditionOf(SHAPED, 1))

  it('is left alone where it looks as it is to look', () => {
    expect(kinds(rendered)).toEqual([])
  })

  it.each([
    [
      'the template is edited',
      rendered.of(
        aCredential()
          .spec({ target: { template: { url: '{{ username }}' } } })
          .having(delivered(1), delivered(2)),
      ),
    ],
    ['the spec shapes nothing any more', rendered.of(aCredential().having(delivered(1), delivered(2)))],
    [
      'the credential is suspended and edited',
      rendered.of(
        aCredential()
          .spec({ target: { labels: {} }, suspend: true })
          .having(delivered(1), delivered(2)),
      ),
    ],
    ['its rendition was edited by hand', settled.showing(2, 'by hand')],
    ['its rendition was taken off by hand', settled.showing(2)],
    ['the previous version is gone', rendered.of(aCredential().spec({ target: SHAPED }).having(delivered(2)))],
    ['its Secret is gone', settled],
  ])('is delivered again, and no other is made, where %s', (_, builder) => {
    expect(kinds(builder)).toMatchObject([{ kind: 'deliver', version: { version: 2 } }])
  })

  it('leaves the Secret before its deletion is ordered', () => {
    const mortal = delivered(1, at(), { expiresAt: at('1h') })
    const credential = aCredential().spec({ target: SHAPED }).rotating('30d').having(mortal, delivered(2))
    const { prepare, status, release } = decide(rendered.of(credential).snapshot)
    expect(prepare).toMatchObject([{ kind: 'deliver', version: { version: 2 }, previous: undefined }])
    expect(status.unresolved).toMatchObject([{ version: 1, reason: 'Expired' }])
    expect(release).toMatchObject([{ kind: 'createTask', order: { spec: { type: 'delete_credentials' } } }])
  })

  it('is not touched while the spec asks for what can not be made', () => {
    const wrong = aCredential().spec({ target: { template: { url: '{{ usrname }}' } } })
    const delivery = { reason: 'DeliveryFailed', message: 'that was before', tries: 1, retryAt: after('9d') } as const
    const edited = rendered.of(wrong.having(delivered(1), delivered(2))).trouble({ delivery })
    const { prepare, status } = decide(edited.snapshot)
    expect(prepare).toEqual([])
    expect(status.conditions).toMatchObject([
      { type: 'Ready', status: 'True' },
      { type: 'Stalled', status: 'True', reason: 'TemplateInvalid' },
    ])
  })

  it('is rendered anew though its provider is away', () => {
    expect(kinds(settled.showing(2, 'former').with({ provider: undefined }))).toMatchObject([{ kind: 'deliver' }])
  })

  it('stays in the Secret as it is where its payload is gone: no other is made, and a condition says so', async () => {
    const edited = settled.showing(2, 'former')
    const trouble = await deliver(ports, edited.snapshot, { version: delivered(2), previous: delivered(1) })
    expect(trouble?.delivery?.message).toContain('version 2 is gone from custody: the target Secret stays as it is')
    expect(writes()).toEqual([])
    const { prepare, release, status } = decide(edited.trouble(trouble ?? {}).snapshot)
    expect([...prepare, ...release]).toEqual([])
    expect(status.conditions).toMatchObject([
      { type: 'Ready', status: 'True', reason: 'Delivered' },
      { type: 'Reconciling', status: 'True', reason: 'DeliveryFailed' },
    ])
  })

  it('is written in one step, and that of nobody else in between', async () => {
    keep(aVersion(1))
    keep(aVersion(2))
    await settle(snapshotOf(SHAPED, delivered(1), aVersion(2)))
    ports.api.meet('patch secrets', new ApiError('Conflict', 'it has been changed', { code: 409 }))
    const { snapshot } = settled.showing(2, 'former')
    await expect(deliver(ports, snapshot, { version: delivered(2), previous: delivered(1) })).rejects.toThrow('changed')
  })
})

describe('a version that was made', () => {
  it.each(REFUSALS)(
    'whose Secret the API server refuses (%i) waits in custody, and a condition says so',
    async (_, refusal) => {
      keep(aVersion(1))
      ports.api.meet('create secrets', refusal)
      const made = snapshotOf(undefined, aVersion(1))
      const trouble = await deliver(ports, made.snapshot, { version: aVersion(1), previous: undefined })
      const { status } = decide(made.trouble(trouble ?? {}).snapshot)
      expect(status.conditions).toMatchObject([
        { type: 'Ready', status: 'False', reason: 'DeliveryFailed' },
        { type: 'Reconciling', status: 'True', message: expect.stringContaining('denied by a webhook') as string },
      ])
    },
  )

  it('waits in custody while the spec asks for what can not be made, and nothing is retired for it', () => {
    const wrong = { template: { url: '{{ usrname }}' } }
    const delivery = { reason: 'DeliveryFailed', message: 'usrname', tries: 9, retryAt: after('1h1m') } as const
    const waiting = snapshotOf(wrong, delivered(1), delivered(2), aVersion(3)).showing(2).trouble({ delivery })
    const { prepare, release, status } = decide(waiting.snapshot)
    expect([...prepare, ...release]).toEqual([])
    expect(status).toMatchObject({ currentVersion: 2, previousVersion: 1, unresolved: [] })
  })

  it('is delivered where what was reported fits, though the provider promises something else by now', () => {
    const fits = { template: { url: '{{ username }}' } }
    const { schema } = aProvider().spec
    const other = aProvider({ schema: { ...schema, credentials: [{ name: 'token', type: 'string', required: true }] } })
    const gone = snapshotOf(fits, delivered(1)).with({ provider: other, target: undefined })
    expect(kinds(gone)).toMatchObject([{ kind: 'deliver', version: { version: 1 } }])
  })

  it('is made by no provider whose outputs do not fit the template', () => {
    const fits = { template: { url: '{{ username }}' } }
    const { schema } = aProvider().spec
    const other = aProvider({ schema: { ...schema, credentials: [{ name: 'token', type: 'string', required: true }] } })
    const ordered = (builder: SnapshotBuilder) => kinds(builder).filter(({ kind }) => kind === 'createTask')
    expect(ordered(snapshotOf(fits))).toHaveLength(1)
    expect(ordered(snapshotOf(fits).with({ provider: other }))).toEqual([])
  })
})
