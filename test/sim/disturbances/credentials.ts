import { annotation, finalizer } from '../../../src/api/labels.ts'
import type { KubeObject, Resource } from '../../../src/api/meta.ts'
import {
  ClusterCredentialsProviders,
  CredentialsProviders,
  CustomCredentials,
  OrphanedCredentials,
  Secrets,
} from '../../../src/api/resources.ts'
import type { Provider } from '../../../src/credentials-provider/resolve.ts'
import { CUSTODY } from '../operator/operator-process.ts'
import { LOGIN } from '../people.ts'
import type { World } from '../world.ts'
import { type Disturbances, MINUTE_MS } from './disturbance.ts'
import { editAll, removeAll, strip } from './hand.ts'

/** Of labels that nobody else may set. */
const OURS = /^(customcredentials\.dev|app\.kubernetes\.io)\//

/** What people may do out of turn to credentials and to what credentials need: providers, namespaces, target Secrets. */
export const ON_CREDENTIALS: Disturbances = {
  'credential is deleted': {
    catalogue: 'F20',
    moot: true,
    strike: (world) => {
      removeAll(world, CustomCredentials)
    },
  },
  'credential is made anew': {
    catalogue: 'F21',
    moot: true,
    strike: (world) => {
      const [credential] = world.server.list(CustomCredentials).items
      removeAll(world, CustomCredentials)
      world.scheduler.after(MINUTE_MS, 'make anew', () => {
        if (credential === undefined) return
        const { namespace = '', name } = credential.metadata
        const { providerRef } = credential.spec
        // Of the namespace's own, they name the one that is there by then.
        const isOwn = (providerRef.kind ?? 'CredentialsProvider') === 'CredentialsProvider'
        if (world.people.credential(namespace, name) === undefined)
          world.people.createCredential(namespace, name, isOwn ? {} : { providerRef })
      })
    },
  },
  'parameters are changed': {
    catalogue: 'F21',
    strike: ({ server, people }, { revision }) => {
      for (const { metadata } of server.list(CustomCredentials).items)
        people.editCredential(metadata.namespace ?? '', metadata.name, { parameters: { role: `reader-${revision}` } })
    },
  },
  'rotation is asked for': {
    catalogue: 'F21',
    strike: (world) => {
      rotateAll(world, 'out of turn')
    },
  },
  'rotation is asked for twice': {
    catalogue: 'F21',
    strike: (world) => {
      rotateAll(world, 'once')
      world.scheduler.after(100, 'and again', () => {
        rotateAll(world, 'and again')
      })
    },
  },
  'provider is changed': {
    catalogue: 'F21',
    strike: (world, { revision }) => {
      const spec = {
        taskTimeout: '3m',
        template: { metadata: { annotations: { 'example.com/at': String(revision) } } },
      }
      for (const kind of PROVIDERS) editAll(world, kind, { spec })
    },
  },
  /** As its status says that people should. */
  'provider is replaced': {
    catalogue: 'F20',
    strike: (world, { revision }) => {
      const another = `ledger-${revision}`
      const namespaces = new Set(live(world, CredentialsProviders).map(({ metadata }) => metadata.namespace ?? ''))
      removeAll(world, CredentialsProviders)
      world.scheduler.after(MINUTE_MS, 'make another', () => {
        for (const namespace of namespaces) {
          if (world.people.isTerminating(namespace)) continue
          world.createProvider(namespace, another)
          world.people.moveTo(namespace, another)
        }
      })
    },
  },
  /** By force: what holds it is taken off before. */
  'provider is made anew': {
    catalogue: 'F20',
    strike: (world) => {
      makeProvidersAnew(world, 1_000)
    },
  },
  'provider is away for long': {
    catalogue: 'F20',
    strike: (world) => {
      makeProvidersAnew(world, 20 * MINUTE_MS)
    },
  },
  'credentials lose their finalizers': {
    catalogue: 'F20',
    strike: (world) => {
      strip(world, CustomCredentials, finalizer.revocation)
    },
  },
  'target Secrets are deleted': {
    catalogue: 'F20',
    strike: (world) => {
      removeAll(world, Secrets, { which: isTarget })
    },
  },
  'target Secrets are edited': {
    catalogue: 'F20',
    strike: (world) => {
      const password = Buffer.from('guessed by hand').toString('base64')
      editAll(world, Secrets, { data: { password } }, isTarget)
    },
  },
  'target Secrets lose their labels': {
    catalogue: 'F20',
    strike: (world) => {
      for (const secret of world.server.list(Secrets).items.filter(isTarget)) {
        const theirs = Object.keys(secret.metadata.labels ?? {}).filter((key) => !OURS.test(key))
        const labels = Object.fromEntries(theirs.map((key) => [key, null]))
        editAll(world, Secrets, { metadata: { labels } }, ({ metadata }) => metadata.uid === secret.metadata.uid)
      }
    },
  },
  'target Secrets lose their version': {
    catalogue: 'F20',
    strike: (world) => {
      editAll(world, Secrets, { metadata: { annotations: { [annotation.version]: null } } }, isTarget)
    },
  },
  /** By which providers log in: somebody notices after a while. */
  'logins are deleted': {
    catalogue: 'F20',
    strike: (world, { revision }) => {
      const there = world.server.list(Secrets).items.filter(isLogin)
      removeAll(world, Secrets, { which: isLogin })
      world.scheduler.after(5 * MINUTE_MS, 'make anew', () => {
        for (const { metadata } of there) world.people.setLogin(metadata.namespace ?? '', revision)
      })
    },
  },
  'logins are changed': {
    catalogue: 'F21',
    strike: (world, { revision }) => {
      for (const { metadata } of world.server.list(Secrets).items.filter(isLogin))
        world.people.setLogin(metadata.namespace ?? '', revision)
    },
  },
  'orphans are deleted': {
    catalogue: 'F20',
    strike: (world) => {
      removeAll(world, OrphanedCredentials)
    },
  },
  'namespace is deleted': {
    catalogue: 'F20',
    moot: true,
    strike: ({ people }) => {
      people.deleteNamespace('team-a')
    },
  },
}

function rotateAll({ server, people }: World, request: string): void {
  for (const { metadata } of server.list(CustomCredentials).items)
    people.rotate(metadata.namespace ?? '', metadata.name, request)
}

function makeProvidersAnew(world: World, afterMs: number): void {
  const there = PROVIDERS.flatMap((kind) => live(world, kind).map((object) => ({ kind, object })))
  for (const kind of PROVIDERS) {
    strip(world, kind, finalizer.inUse)
    removeAll(world, kind)
  }
  world.scheduler.after(afterMs, 'make anew', () => {
    for (const { kind, object } of there) world.people.makeAnew(kind, object)
  })
}

const live = <T extends KubeObject>({ server }: World, kind: Resource<T>): readonly T[] =>
  server.list(kind).items.filter(({ metadata }) => metadata.deletionTimestamp === undefined)

const PROVIDERS: readonly Resource<Provider>[] = [CredentialsProviders, ClusterCredentialsProviders]

const isLogin = ({ metadata }: KubeObject): boolean => metadata.name === LOGIN

const isTarget = (secret: KubeObject): boolean => secret.metadata.namespace !== CUSTODY && !isLogin(secret)
