import { describe, expect, it } from 'vitest'
import type { CredentialsProvider, CustomCredential, SecretTask } from '../../../src/api/generated.ts'
import { annotation, finalizer } from '../../../src/api/labels.ts'
import { type KubeObject, keyOf } from '../../../src/api/meta.ts'
import { CredentialsProviders, CustomCredentials, SecretTasks } from '../../../src/api/resources.ts'
import { createCaches } from '../../../src/caches.ts'
import { createReconciler, watchProviders } from '../../../src/credentials-provider/controller.ts'
import { ApiError } from '../../../src/kube/errors.ts'
import { seeded } from '../../sim/random.ts'
import { aCredential, after, aProvider, at, aVersion } from '../../support/builders.ts'
import { aCreation } from '../../support/builders-tasks.ts'
import { FakeApi } from '../../support/fake-api.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { silentLogger } from '../../support/loggers.ts'

const merely = aCredential().object
const using = aCredential().having(aVersion(1)).object
const queued = aCreation().queued().object
const withMetadata = (more: Partial<CredentialsProvider['metadata']>): CredentialsProvider => {
  const { metadata, ...rest } = aProvider()
  return { ...rest, metadata: { ...metadata, ...more } }
}
const held = withMetadata({ finalizers: [finalizer.inUse] })
const deleted = withMetadata({ finalizers: [finalizer.inUse], deletionTimestamp: at() })

/** How often a provider that is being deleted is looked at. */
const PACE_MS = 10_000

function setUp(provider: CredentialsProvider) {
  const api = new FakeApi()
  const clock = new FakeClock(after('2h'))
  const { caches } = createCaches({ api, clock, random: seeded(1), logger: silentLogger })
  const gateway = () => ({ url: 'https://gateway.example', ca: '' })
  const reconcile = createReconciler({ api, caches, clock, gateway }, 'CredentialsProvider')
  caches.providers.replace([api.put(CredentialsProviders, provider)], '101')
  let revision = 200
  const stamped = <T extends KubeObject>(object: T): T => ({
    ...object,
    metadata: { ...object.metadata, resourceVersion: String((revision += 1)) },
  })
  const queue: string[] = []
  watchProviders(
    caches,
    ({ name }) => queue.push(name),
    () => undefined,
  )
  queue.length = 0
  return {
    api,
    clock,
    queue,
    see: (credential: CustomCredential) => {
      caches.credentials.apply({ type: 'MODIFIED', object: stamped(credential) })
    },
    seeTask: (task: SecretTask) => {
      caches.tasks.apply({ type: 'MODIFIED', object: stamped(task) })
    },
    seeJob: (finalizers: string[]) => {
      const annotations = { [annotation.taskSpec]: JSON.stringify(queued.spec) }
      const metadata = { ...queued.metadata, finalizers, annotations }
      caches.jobs.apply({ type: 'MODIFIED', object: stamped({ metadata }) })
    },
    reconcile: () => reconcile(keyOf(provider)),
    finalizers: () => api.peek(CredentialsProviders, keyOf(provider))?.metadata.finalizers ?? [],
    conditions: () => api.peek(CredentialsProviders, keyOf(provider))?.status.conditions ?? [],
    condition: (wanted: string) =>
      api.peek(CredentialsProviders, keyOf(provider))?.status.conditions?.find(({ type }) => type === wanted),
  }
}

describe('a provider that is used', () => {
  it('is held from its first task on, by one write', async () => {
    const world = setUp(aProvider())
    await world.reconcile()
    world.api.calls.length = 0
    world.seeTask(queued)
    expect(world.queue).toContain('postgres')
    await world.reconcile()
    await world.reconcile()
    expect(world.finalizers()).toEqual([finalizer.inUse])
    expect(world.api.calls).toEqual(['patch credentialsproviders team-a/postgres'])
  })

  it('is not held by a credential that merely refers to it', async () => {
    const world = setUp(aProvider())
    world.see(merely)
    await world.reconcile()
    expect(world.finalizers()).toEqual([])
  })

  it('costs nothing once it is held, and is not looked at', async () => {
    const world = setUp(held)
    await world.reconcile()
    world.api.calls.length = 0
    world.see(using)
    world.seeTask(queued)
    expect(world.queue).toEqual(['postgres'])
    await world.reconcile()
    expect(world.api.calls).toEqual([])
  })

  it('stays when it is deleted, and says for whom', async () => {
    const world = setUp(deleted)
    world.see(using)
    world.api.put(CustomCredentials, using)
    expect(await world.reconcile()).toEqual({ requeueAfterMs: PACE_MS })
    expect(world.finalizers()).toEqual([finalizer.inUse])
    expect(world.condition('Ready')).toMatchObject({ status: 'False', reason: 'Deleting' })
    expect(world.condition('Ready')?.message).toContain('Still in use by 1: team-a/orders-database.')
  })

  it('is looked at, and let go, when the last of what it has made is gone', async () => {
    const world = setUp(deleted)
    world.see(using)
    await world.reconcile()
    world.queue.length = 0
    world.see(merely)
    expect(world.queue).toContain('postgres')
    await world.reconcile()
    expect(world.finalizers(), 'each of thousands that go is no reason for a look of its own').toHaveLength(1)
    world.clock.jump(PACE_MS)
    await world.reconcile()
    expect(world.finalizers()).toEqual([])
  })

  it('is known to be able to run though the API server refuses that it is held', async () => {
    const world = setUp({ ...aProvider(), status: { observedGeneration: 0 } })
    world.seeTask(queued)
    // Its status comes first.
    world.api.meet('patch credentialsproviders team-a/postgres', () => undefined)
    world.api.meet('patch credentialsproviders team-a/postgres', new ApiError('Forbidden', 'a policy', { code: 403 }))
    await expect(world.reconcile()).rejects.toThrow('a policy')
    expect(world.condition('Accepted')).toMatchObject({ status: 'True' })
  })

  it('is not tried to be held again and again where each try is refused', async () => {
    const world = setUp(aProvider())
    await world.reconcile()
    world.seeTask(queued)
    world.api.meet('patch credentialsproviders team-a/postgres', new ApiError('Conflict', 'behind', { code: 409 }))
    await expect(world.reconcile()).rejects.toThrow('behind')
    world.api.calls.length = 0
    expect(await world.reconcile()).toEqual({ requeueAfterMs: PACE_MS })
    expect(world.api.calls).toEqual([])
    world.clock.jump(PACE_MS)
    await world.reconcile()
    expect(world.finalizers()).toEqual([finalizer.inUse])
  })

  it('is told of by each kind of condition once, also where its acceptance stands', async () => {
    const world = setUp(aProvider())
    await world.reconcile()
    expect(world.condition('Ready')).toMatchObject({ status: 'True', reason: 'Accepted' })
    expect(world.conditions().map(({ type }) => type)).toEqual(['Accepted', 'Ready'])
  })

  it('is looked at when the last run is on record, though its credential names another by then', () => {
    const world = setUp(deleted)
    world.seeJob([finalizer.jobRelease])
    expect(world.queue).toEqual([])
    world.seeJob([])
    expect(world.queue).toEqual(['postgres'])
  })

  it.each<[string, (api: FakeApi) => void]>([
    ['a version', (api) => api.put(CustomCredentials, using)],
    ['an open task', (api) => api.put(SecretTasks, queued)],
  ])('stays where the caches have not heard of %s yet', async (_, put) => {
    const world = setUp(deleted)
    put(world.api)
    await expect(world.reconcile()).rejects.toThrow('team-a/orders-database uses the provider')
    expect(world.finalizers()).toEqual([finalizer.inUse])
  })
})
