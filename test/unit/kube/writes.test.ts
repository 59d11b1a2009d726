import { describe, expect, it } from 'vitest'
import type { KubeObject, Resource } from '../../../src/api/meta.ts'
import { Namespaces, SecretMetadata } from '../../../src/api/resources.ts'
import type { KubeApi } from '../../../src/kube/port.ts'
import { Store } from '../../../src/kube/store.ts'
import { removeFinalizer } from '../../../src/kube/writes.ts'
import { ApiServer } from '../../sim/api-server/api-server.ts'
import { silentLogger } from '../../support/loggers.ts'

const OURS = 'example.dev/ours'
const OTHERS = 'example.dev/others'
const by = 'operator-1'
const key = { namespace: 'team-a', name: 'held' }

/** Lets go of an object after this has happened to it, with a cache that knows of nothing but the operator's own writes. */
async function letGo(finalizers: readonly string[], before: (server: ApiServer) => void) {
  const server = new ApiServer({ now: () => 0 })
  server.create(Namespaces, { metadata: { name: key.namespace } }, { by })
  const object = server.create<KubeObject>(SecretMetadata, { metadata: { ...key, finalizers } }, { by })
  const cache = new Store<KubeObject>({ indexers: {}, logger: silentLogger })
  cache.replace([object], object.metadata.resourceVersion)
  before(server)
  const api = {
    patch: (resource: Resource, at: typeof key, patch: Parameters<KubeApi['patch']>[2]) =>
      Promise.resolve().then(() => server.patch(resource, at, patch, { by })),
  } as unknown as KubeApi
  const left = await removeFinalizer({ api, resource: SecretMetadata, cache }, object, OURS)
  return { left: left?.metadata.finalizers, cached: cache.get(key)?.metadata.finalizers }
}

describe('an object that a finalizer is taken from', () => {
  const nothing = () => undefined
  const deleted = (server: ApiServer) => {
    server.remove(SecretMetadata, key, { by })
  }
  const gone = (server: ApiServer) => {
    deleted(server)
    server.patch(SecretMetadata, key, { merge: { metadata: { finalizers: [] } } }, { by })
  }

  it.each([
    ['is left, and the cache knows how', [OURS, OTHERS], nothing, [OTHERS]],
    ['is left while others hold it, deleted or not', [OTHERS, OURS], deleted, [OTHERS]],
    ['is gone when nobody else held it, though the answer still shows it', [OURS], deleted, undefined],
    ['is gone when it was before', [OURS], gone, undefined],
  ])('%s', async (_, finalizers, before, left) => {
    expect(await letGo(finalizers, before)).toEqual({ left, cached: left })
  })
})
