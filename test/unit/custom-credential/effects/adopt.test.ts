import { beforeEach, describe, expect, it } from 'vitest'
import type { AdoptRequest, CustomCredential, Target } from '../../../../src/api/generated.ts'
import { annotation, label } from '../../../../src/api/labels.ts'
import { CustomCredentials, OrphanedCredentials, Secrets } from '../../../../src/api/resources.ts'
import { adoptedTaskId } from '../../../../src/api/task-id.ts'
import { createCaches } from '../../../../src/caches.ts'
import { adopt } from '../../../../src/custom-credential/effects/adopt.ts'
import { deliver } from '../../../../src/custom-credential/effects/deliver.ts'
import { versionManifest } from '../../../../src/custody/versions.ts'
import { custodyOf } from '../../../../src/custom-credential/observe.ts'
import { seeded } from '../../../sim/random.ts'
import {
  aCredential,
  after,
  aProvider,
  aVersion,
  delivered,
  KIT,
  owedBy,
  pinned,
  run,
} from '../../../support/builders.ts'
import { anOrphan, aSnapshot } from '../../../support/builders-snapshot.ts'
import { aCreation } from '../../../support/builders-tasks.ts'
import { FakeApi } from '../../../support/fake-api.ts'
import { FakeClock } from '../../../support/fake-clock.ts'
import { silentLogger } from '../../../support/loggers.ts'

const custodyNamespace = 'custom-credentials-system'
const REQUEST: AdoptRequest = { secretName: 'legacy', credentialsId: 'app_1' }
const taskId = adoptedTaskId(pinned.uid, REQUEST.credentialsId)
const outputs = [
  { name: 'username', type: 'string' as const, required: true },
  { name: 'port', type: 'integer' as const },
]
const provider = {
  ...aProvider({ capabilities: ['adopt'] }),
  spec: { ...aProvider().spec, schema: { credentials: outputs } },
}

let ports: ReturnType<typeof setUp>

function setUp() {
  const api = new FakeApi()
  const { caches } = createCaches({ api, clock: new FakeClock(), random: seeded(1), logger: silentLogger })
  for (const store of [caches.secrets, caches.credentials, caches.orphans]) store.replace([], '1')
  return { api, caches, events: { record: () => undefined }, custodyNamespace, handedOff: () => undefined }
}

beforeEach(() => {
  ports = setUp()
})

const snapshotOf = (more: Partial<CustomCredential['spec']> = {}) =>
  aSnapshot()
    .with({ provider })
    .of(aCredential().spec({ adopt: REQUEST, ...more })).snapshot

/** A Secret of the tenant's. */
const there = (data: Record<string, string>, name = 'legacy', labels: Record<string, string> = {}) =>
  ports.api.put(Secrets, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { namespace: 'team-a', name, uid: `uid-of-${name}`, resourceVersion: '1', labels },
    data: Object.fromEntries(Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')])),
  })

const attempt = (more: Partial<CustomCredential['spec']> = {}) =>
  adopt(ports, snapshotOf(more), { kind: 'adopt', run, kit: KIT })
const inCustody = () => ports.api.peek(Secrets, { namespace: custodyNamespace, name: taskId })
const why = async (more: Partial<CustomCredential['spec']> = {}) => (await attempt(more))?.adoption?.message
const another = (version = aVersion(1, { credentialsId: 'app_1' })): CustomCredential => {
  const { object } = aCredential()
    .metadata({ name: 'other', uid: '0f6a7a52-0009-4a35-9b0e-3f4f5be2c001' })
    .having(version)
  return ports.api.put(CustomCredentials, object)
}

describe('adopting', () => {
  it('puts the outputs, and nothing else, into custody, as version 1 of the credential', async () => {
    there({ username: 'app', port: '5432', comment: 'ours' })
    expect(await attempt()).toBeUndefined()
    const secret = inCustody()
    expect(secret?.data).toEqual({ username: 'YXBw', port: 'NTQzMg==' })
    expect(secret && custodyOf(secret)).toMatchObject({
      custody: 'version',
      taskId,
      credentialsId: 'app_1',
      adopted: true,
      origin: { version: 1, kit: KIT },
    })
  })

  it('is done twice without harm, and leaves the Secret as it is', async () => {
    const legacy = there({ username: 'app' })
    await attempt()
    expect(await attempt()).toBeUndefined()
    expect(ports.api.peek(Secrets, { namespace: 'team-a', name: 'legacy' })).toEqual(legacy)
  })

  it.each([
    ['there is no such Secret', () => undefined, /There is no Secret "legacy"/],
    ['it lacks an output', () => there({ user: 'app' }), /username: is required, but missing/],
    ['an output is of another type', () => there({ username: 'app', port: 'x' }), /port: must be an integer/],
    [
      'it belongs to another CustomCredential',
      () => {
        const owner = another(aVersion(1))
        ports.caches.credentials.remember(owner)
        return there({ username: 'app' }, 'legacy', { [label.credentialUid]: owner.metadata.uid })
      },
      /belongs to another/,
    ],
    [
      'another CustomCredential has the same credentials, or is about to revoke them',
      () => {
        ports.caches.credentials.remember(another())
        return there({ username: 'app' })
      },
      /are a version of another/,
    ],
    [
      'what they were made for is gone by force, and nothing but custody tells of it',
      () => {
        const spec = { ...aCreation(1).object.spec, credential: { ...another().metadata, namespace: 'team-a' } }
        const manifest = versionManifest(
          custodyNamespace,
          { id: aCreation(1).id, spec },
          { credentialsId: 'app_1', data: {} },
        )
        ports.caches.secrets.remember({ metadata: { ...manifest.metadata, uid: 'payload', resourceVersion: '2' } })
        return there({ username: 'app' })
      },
      /are another CustomCredential's.*by force/,
    ],
    [
      'it is a login of the cluster’s own',
      () => ports.api.put(Secrets, { ...there({ username: 'app' }), type: 'kubernetes.io/service-account-token' }),
      /logs in to the cluster itself/,
    ],
    [
      'it lies in custody',
      () => there({ username: 'app' }, 'legacy', { [label.custody]: 'version' }),
      /operator's own record/,
    ],
    [
      'another CustomCredential owes their deletion without ever having had them',
      () => {
        const { object } = aCredential()
          .metadata({ name: 'other', uid: '0f6a7a52-0009-4a35-9b0e-3f4f5be2c001' })
          .status({ unresolved: [owedBy(1, { credentialsId: 'app_1', reason: 'Refused' })] })
        ports.caches.credentials.remember(ports.api.put(CustomCredentials, object))
        return there({ username: 'app' })
      },
      /or owes that/,
    ],
    [
      'an orphan revokes them',
      () => {
        const orphan = anOrphan(owedBy(1, { credentialsId: 'app_1' }))
        ports.caches.orphans.remember(ports.api.put(OrphanedCredentials, orphan))
        return there({ username: 'app' })
      },
      /are about to be revoked/,
    ],
  ])('is refused where %s', async (_, given, message) => {
    given()
    expect(await why()).toMatch(message)
    expect(inCustody()).toBeUndefined()
  })

  it.each([
    ['of two that want the same', () => undefined, /are another CustomCredential's.*Secret "sm-task-/],
    [
      'where the cache has not heard of the first',
      () => {
        ports = { ...ports, caches: setUp().caches }
      },
      /has adopted these/,
    ],
  ])('is refused to the second %s', async (_, forget, message) => {
    there({ username: 'app' })
    await attempt()
    forget()
    const { snapshot } = aSnapshot()
      .with({ provider })
      .of(aCredential().metadata({ uid: '0f6a7a52-0009-4a35-9b0e-3f4f5be2c001' }).spec({ adopt: REQUEST }))
    const trouble = await adopt(ports, snapshot, { kind: 'adopt', run, kit: KIT })
    expect(trouble?.adoption?.message).toMatch(message)
  })

  it('goes on where nobody is left whose label a copy of a Secret bears, and where an orphan only remembers', async () => {
    there({ username: 'app' }, 'legacy', { [label.credentialUid]: 'of-nobody' })
    const orphan = anOrphan(owedBy(1, { credentialsId: 'app_1', reason: 'Retained' }))
    ports.caches.orphans.remember(ports.api.put(OrphanedCredentials, orphan))
    expect(await attempt()).toBeUndefined()
  })

  it('is refused where people would have it revoked at once', async () => {
    there({ username: 'app' })
    const leaked = { revokeIssuedBefore: '2025-12-31T00:00:00Z', revokeMode: 'Immediate' as const }
    expect(await why(leaked)).toMatch(/revokeMode Immediate/)
  })

  it('is refused where a value would not stay as it is', async () => {
    there({ username: 'app', port: '05432' })
    expect(await why()).toMatch(/cannot be kept as it is.*port/)
  })

  it('is refused where a person has asked an orphan to revoke it', async () => {
    there({ username: 'app' })
    const orphan = anOrphan(owedBy(1, { credentialsId: 'app_1', reason: 'Retained' }))
    const asked = { ...orphan, metadata: { ...orphan.metadata, annotations: { [annotation.retryRequestedAt]: 'now' } } }
    ports.caches.orphans.remember(ports.api.put(OrphanedCredentials, asked))
    expect(await why()).toMatch(/about to be revoked/)
  })

  it('shows no value in what it says', async () => {
    there({ username: 'hunter2', port: 'hunter2' })
    expect(await why()).not.toContain('hunter2')
  })
})

describe('where the Secret is the target as well', () => {
  const target: Target = { name: 'legacy' }

  it('is refused if consumers would lose a key', async () => {
    there({ username: 'app', url: 'pg://app' })
    expect(await why({ target })).toMatch(/would lose the keys "url"/)
    expect(
      await why({ target: { name: 'legacy', template: { url: '{{ username }}', username: '{{ username }}' } } }),
    ).toBeUndefined()
  })

  const version = aVersion(1, { taskId, credentialsId: 'app_1', adopted: true })
  const take = (known = aCredential(), adopted = version) =>
    deliver(
      ports,
      aSnapshot()
        .with({ provider })
        .of(known.spec({ adopt: REQUEST, target }))
        .at(after('1h')).snapshot,
      {
        version: adopted,
        previous: undefined,
      },
    )
  const owner = () =>
    ports.api.peek(Secrets, { namespace: 'team-a', name: 'legacy' })?.metadata.labels?.[label.credentialUid]

  it('is taken over by the first delivery', async () => {
    there({ username: 'app' })
    await attempt()
    expect(await take()).toBeUndefined()
    expect(owner()).toBe(aCredential().object.metadata.uid)
  })

  it('is left as it is where somebody has changed the login since', async () => {
    there({ username: 'app' })
    await attempt()
    const changed = there({ username: 'other' })
    const trouble = await take()
    expect(trouble?.delivery).toMatchObject({
      reason: 'TargetConflict',
      message: expect.stringMatching(/does not hold what was adopted/) as string,
    })
    expect(JSON.stringify(trouble)).not.toContain('other')
    expect(ports.api.peek(Secrets, { namespace: 'team-a', name: 'legacy' })).toEqual(changed)
  })

  it('is not taken over later, nor by a version that was made, nor from another CustomCredential', async () => {
    there({ username: 'app' })
    await attempt()
    const later = aCredential().having(delivered(1)).status({ currentVersion: 1 })
    expect((await take(later))?.delivery?.reason).toBe('TargetConflict')
    const { adopted: _made, ...made } = version
    expect((await take(aCredential(), made))?.delivery?.reason).toBe('TargetConflict')
    const other = another(aVersion(1))
    ports.caches.credentials.remember(other)
    there({ username: 'app' }, 'legacy', { [label.credentialUid]: other.metadata.uid })
    expect((await take())?.delivery?.reason).toBe('TargetConflict')
  })

  it('forgets that it was retained', async () => {
    const secret = there({ username: 'app' })
    const annotations = { [annotation.retained]: 'former', [annotation.provider]: 'CredentialsProvider/postgres' }
    ports.api.put(Secrets, { ...secret, metadata: { ...secret.metadata, annotations } })
    await attempt()
    await take()
    const taken = ports.api.peek(Secrets, { namespace: 'team-a', name: 'legacy' })
    expect(taken?.metadata.annotations).toEqual({ [annotation.version]: '1', [annotation.credentialsId]: 'app_1' })
  })
})
