import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { keyOf, type KubeObject, type Resource } from '../../src/api/meta.ts'
import { createKubeApi } from '../../src/kube/client.ts'
import type { ApiError } from '../../src/kube/errors.ts'
import { createEventRecorder } from '../../src/kube/events.ts'
import { createInformer } from '../../src/kube/informer.ts'
import { leases } from '../../src/kube/lease-record.ts'
import { createLeaderElector } from '../../src/kube/lease.ts'
import { systemClock, systemRandom } from '../../src/runtime/system-clock.ts'
import { fixedAccess } from '../support/fixed-access.ts'
import { recordingLogger, silentLogger } from '../support/loggers.ts'
import { ownCluster } from '../support/own-cluster.ts'

interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>
}
const core = <T extends KubeObject>(plural: string, kind: string, namespaced = true): Resource<T> => ({
  group: '',
  version: 'v1',
  plural,
  kind,
  namespaced,
})
const configMaps = core<ConfigMap>('configmaps', 'ConfigMap')
const secrets = core<ConfigMap>('secrets', 'Secret')
const namespaces = core('namespaces', 'Namespace', false)
const jobs: Resource = { group: 'batch', version: 'v1', plural: 'jobs', kind: 'Job', namespaced: true }
const kubeEvents: Resource = {
  group: 'events.k8s.io',
  version: 'v1',
  plural: 'events',
  kind: 'Event',
  namespaced: true,
}

const cluster = ownCluster()
const access = fixedAccess({ server: cluster.url, ca: readFileSync(cluster.caPath), token: cluster.adminToken })
const api = createKubeApi({ access, clock: systemClock, version: 'test', timeoutMs: 10_000 })
const common = { api, clock: systemClock, random: systemRandom }
const namespace = `kube-${randomUUID().slice(0, 8)}`
const failure = (promise: Promise<unknown>): Promise<Partial<ApiError>> =>
  promise.then(
    () => ({}),
    (error: unknown) => error as ApiError,
  )

let stop = new AbortController()
beforeAll(async () => {
  await api.create(namespaces, { metadata: { name: namespace } })
})
afterEach(() => {
  stop.abort()
  stop = new AbortController()
})
afterAll(async () => {
  await api.remove(namespaces, { name: namespace })
  api.close()
})

function aConfigMap(name: string, text = '', labels: Record<string, string> = {}) {
  return { metadata: { namespace, name, labels }, data: { text } }
}
function watching<T extends KubeObject>(
  resource: Resource<T>,
  options: { labelSelector?: string; metadataOnly?: boolean } = {},
) {
  const logger = recordingLogger()
  const informer = createInformer<T>({ ...common, resource, namespace, indexers: {}, logger, ...options })
  const end = informer.start(stop.signal)
  return {
    ...informer,
    end,
    logger,
    names: () =>
      informer.store
        .list()
        .map((object) => object.metadata.name)
        .sort(),
  }
}

describe('the API server understands', () => {
  it('every verb, and its refusals are understood', async () => {
    const key = { namespace, name: 'verbs' }
    const created = await api.create(configMaps, aConfigMap('verbs', 'one'))
    expect(await failure(api.create(configMaps, aConfigMap('verbs')))).toMatchObject({ reason: 'AlreadyExists' })
    expect(await api.get(configMaps, key)).toEqual(created)

    const change = (resourceVersion: string, value: string) =>
      api.patch(configMaps, key, {
        operations: [
          { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion },
          { op: 'replace', path: '/data/text', value },
        ],
      })
    const changed = await change(created.metadata.resourceVersion, 'two')
    expect(changed.data).toEqual({ text: 'two' })
    expect(await failure(change(created.metadata.resourceVersion, 'three'))).toMatchObject({ reason: 'Conflict' })
    expect(await failure(api.remove(configMaps, key, { uid: randomUUID() }))).toMatchObject({ reason: 'Conflict' })
    await api.remove(configMaps, key, { uid: created.metadata.uid })
    expect(await failure(api.get(configMaps, key))).toMatchObject({ reason: 'NotFound', code: 404 })
  })

  it('a dry run, and its warnings arrive', async () => {
    const duplicate = { name: 'A', value: 'x' }
    const container = { name: 'c', image: 'i', env: [duplicate, duplicate] }
    const manifest = {
      metadata: { namespace, name: 'dry' },
      spec: { template: { spec: { restartPolicy: 'Never', containers: [container] } } },
    }
    const warnings: string[] = []
    await api.create(jobs, manifest, { dryRun: true, onWarning: (text) => warnings.push(text) })
    expect(warnings).toEqual([expect.stringContaining('env[1]: hides previous definition of "A"')])
    expect(await failure(api.get(jobs, { namespace, name: 'dry' }))).toMatchObject({ reason: 'NotFound' })
  })

  it('a review', async () => {
    const reviews: Resource = {
      group: 'authorization.k8s.io',
      version: 'v1',
      plural: 'selfsubjectaccessreviews',
      kind: 'SelfSubjectAccessReview',
      namespaced: false,
    }
    const review = { spec: { resourceAttributes: { verb: 'get', resource: 'secrets' } } }
    expect(await api.review(reviews, review)).toMatchObject({ status: { allowed: true } })
  })

  it('a Secret that it refuses, and what it says of it is not repeated', async () => {
    const secret = { metadata: { namespace, name: 'refused' }, data: { password: 'hunter2!' } }
    const error = await failure(api.create(secrets, secret))
    expect(error).toMatchObject({ reason: 'BadRequest' })
    expect(error.message).not.toContain('hunter2')
  })

  it('the lease, taken and released', async () => {
    const elector = createLeaderElector({ ...common, logger: silentLogger, namespace, name: 'lease', identity: 'one' })
    const holder = async () => (await api.get(leases, { namespace, name: 'lease' })).spec?.holderIdentity ?? 'nobody'
    await elector.run(stop.signal, async () => {
      expect(await holder()).toBe('one')
    })
    expect(await holder()).toBe('nobody')
  })

  it('events and their series', async () => {
    const logger = recordingLogger()
    const events = createEventRecorder({
      ...common,
      logger: {
        ...logger,
        debug: (fields, message) => {
          logger.warn(fields, message)
        },
      },
      controller: 'test.dev/test',
      instance: 'one',
    })
    const { metadata } = await api.get(namespaces, { name: namespace })
    const regarding = { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'x', uid: metadata.uid }
    for (let i = 0; i < 2; i++)
      events.record({ regarding, type: 'Normal', reason: 'Tested', action: 'Test', note: 'twice' })
    await events.flush()
    expect(logger.lines).toEqual([])
    const { items } = await api.list(kubeEvents, { namespace })
    expect(items).toMatchObject([{ note: 'twice', series: { count: 2 } }])
  })
})

describe('an informer', () => {
  it('sees what its labels select, page by page, as metadata only', async () => {
    const names = Array.from({ length: 1_100 }, (_, i) => `paged-${String(i).padStart(4, '0')}`)
    const left = [...names]
    const create = async () => {
      for (let name = left.pop(); name; name = left.pop())
        await api.create(configMaps, aConfigMap(name, 'x', { test: 'paged' }))
    }
    await Promise.all(Array.from({ length: 16 }, create))
    await api.create(configMaps, aConfigMap('unselected'))
    const informer = watching(configMaps, { labelSelector: 'test=paged', metadataOnly: true })
    await informer.refresh()
    expect(informer.names()).toEqual(names)
    expect(informer.store.list().every((object) => object.data === undefined)).toBe(true)
    await api.create(configMaps, aConfigMap('paged-last', 'x', { test: 'paged' }))
    await expect
      .poll(() => informer.store.get({ namespace, name: 'paged-last' }))
      .toMatchObject({ kind: 'PartialObjectMetadata' })
    // An object that no longer matches is as good as deleted.
    const operations = [{ op: 'remove', path: '/metadata/labels' }] as const
    await api.patch(configMaps, { namespace, name: 'paged-last' }, { operations })
    await expect.poll(() => informer.names()).toEqual(names)
    expect(informer.logger.lines).toEqual([])
  })

  it('knows an own write at once, and agrees with the server afterwards', async () => {
    const informer = watching(configMaps, { labelSelector: 'test=own' })
    await informer.synced()
    for (let i = 0; i < 50; i++) {
      const created = await api.create(configMaps, aConfigMap(`own-${i}`, 'one', { test: 'own' }))
      informer.store.remember(created)
      const path = '/data/text'
      informer.store.remember(
        await api.patch(configMaps, keyOf(created), { operations: [{ op: 'replace', path, value: 'two' }] }),
      )
      expect(informer.store.get(keyOf(created))?.data).toEqual({ text: 'two' })
      await api.remove(configMaps, keyOf(created))
      informer.store.forget(created)
      expect(informer.store.size).toBe(0)
    }
    const last = await api.create(configMaps, aConfigMap('own-last', '', { test: 'own' }))
    await expect.poll(() => informer.names()).toEqual(['own-last'])
    expect(informer.store.get({ namespace, name: 'own-last' })).toMatchObject({ data: last.data })
  })

  it('converges after the API server was killed and started again', async () => {
    const informers = [
      watching(configMaps, { labelSelector: 'test=killed' }),
      watching(secrets, { metadataOnly: true }),
    ] as const
    const [maps, metadata] = informers
    await Promise.all(informers.map((informer) => informer.synced()))
    const stay = await api.create(configMaps, aConfigMap('stay', 'one', { test: 'killed' }))
    await api.create(configMaps, aConfigMap('go', '', { test: 'killed' }))
    await expect.poll(() => maps.names()).toEqual(['go', 'stay'])

    for (let round = 0; round < 2; round++) {
      cluster.killApiServer()
      expect(await failure(api.get(configMaps, { namespace, name: 'stay' }))).toMatchObject({ ambiguous: true })
      await cluster.startApiServer()
      await api.create(secrets, { metadata: { namespace, name: `secret-${round}` } })
    }
    const operations = [{ op: 'replace', path: '/data/text', value: 'two' }] as const
    const { metadata: changed } = await api.patch(configMaps, { namespace, name: stay.metadata.name }, { operations })
    await api.remove(configMaps, { namespace, name: 'go' })
    await expect
      .poll(() => maps.store.list().map((object) => object.metadata.resourceVersion))
      .toEqual([changed.resourceVersion])
    await expect.poll(() => metadata.names()).toEqual(['secret-0', 'secret-1'])
  })
  it('is told to list again from a position that a restarted API server does not remember', async () => {
    const watch = api.watch(configMaps, { namespace, resourceVersion: '1', timeoutSeconds: 300, signal: stop.signal })
    expect(await failure(watch[Symbol.asyncIterator]().next())).toMatchObject({ reason: 'Expired' })
  })
})
