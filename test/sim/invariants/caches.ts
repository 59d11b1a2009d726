import { label } from '../../../src/api/labels.ts'
import type { KubeObject, Resource } from '../../../src/api/meta.ts'
import {
  ClusterCredentialsProviders,
  CredentialsProviders,
  CustomCredentials,
  Jobs,
  Namespaces,
  OrphanedCredentials,
  Pods,
  Secrets,
  SecretTasks,
} from '../../../src/api/resources.ts'
import { compareResourceVersions } from '../../../src/kube/resource-version.ts'
import type { CacheChanged, Fact, WriteAnswered } from '../observe/facts.ts'
import type { Checker, Invariant } from '../observe/invariant.ts'
import type { State } from '../observe/state.ts'

const bears =
  (name: string) =>
  ({ metadata: { labels } }: KubeObject): boolean =>
    labels?.[name] !== undefined
const any = (): boolean => true

interface Kept {
  readonly resource: Resource
  readonly cache: string
  readonly keeps: (object: KubeObject) => boolean
}

/** The caches of a process, by the name that facts call them, and what of a kind each keeps. */
const CACHES: readonly Kept[] = [
  ...[
    CustomCredentials,
    SecretTasks,
    CredentialsProviders,
    ClusterCredentialsProviders,
    OrphanedCredentials,
    Namespaces,
  ].map((resource) => ({ resource, cache: resource.plural, keeps: any })),
  ...[Jobs, Pods].map((resource) => ({ resource, cache: resource.plural, keeps: bears(label.task) })),
  { resource: Secrets, cache: Secrets.plural, keeps: bears(label.credentialUid) },
  { resource: Secrets, cache: 'other secrets', keeps: (secret) => !bears(label.credentialUid)(secret) },
]

/** What each cache of each process takes to be there, and the newest that it has known of each object. */
class Knowledge {
  readonly #newest = new Map<string, string>()
  readonly #held = new Map<string, Map<string, CacheChanged>>()

  take(fact: CacheChanged): void {
    const cache = this.of(fact.by, fact.plural)
    this.#held.set(`${fact.by} ${fact.plural}`, cache)
    if (fact.gone) cache.delete(fact.uid)
    else cache.set(fact.uid, fact)
    const id = idOf(fact)
    if (isNewer(fact.resourceVersion, this.#newest.get(id))) this.#newest.set(id, fact.resourceVersion)
  }

  of(by: string, plural: string): Map<string, CacheChanged> {
    return this.#held.get(`${by} ${plural}`) ?? new Map<string, CacheChanged>()
  }

  newest(object: CacheChanged | WriteAnswered): string | undefined {
    return this.#newest.get(idOf(object))
  }
}

const idOf = ({ by, plural, uid }: CacheChanged | WriteAnswered): string => `${by} ${plural} ${uid}`

const isNewer = (version: string, than: string | undefined): boolean =>
  than === undefined || compareResourceVersions(version, than) > 0

/** What somebody has taken the label of, and given it back, is known once more, as a newer version. */
function neverBack(): Checker {
  const known = new Knowledge()
  return {
    on(fact) {
      if (fact.kind !== 'known') return undefined
      const { by, gone, plural, name, resourceVersion } = fact
      const before = known.newest(fact)
      known.take(fact)
      if (gone || isNewer(resourceVersion, before)) return undefined
      return `${by} has known ${plural} ${name} as version ${before ?? ''}, and takes version ${resourceVersion} for the newest`
    },
  }
}

/** Judged when the process writes next: by then what has become of the write before has to be known. */
function ownWritesRead(): Checker {
  const known = new Knowledge()
  const toBeKnown = new Map<string, Map<string, WriteAnswered>>()
  const isCached = ({ plural, uid }: WriteAnswered, state: State): boolean =>
    CACHES.some(
      ({ resource, cache, keeps }) =>
        cache === plural &&
        [...state.all(resource).values()].some((object) => object.metadata.uid === uid && keeps(object)),
    )
  const unknownTo = (by: string): WriteAnswered | undefined =>
    [...(toBeKnown.get(by)?.values() ?? [])].find((written) => isNewer(written.resourceVersion, known.newest(written)))
  return {
    on(fact, state) {
      if (fact.kind === 'known') known.take(fact)
      if (fact.kind === 'written' && isCached(fact, state)) {
        const own = toBeKnown.get(fact.by) ?? new Map<string, WriteAnswered>()
        toBeKnown.set(fact.by, own.set(fact.uid, fact))
      }
      if (fact.kind !== 'sent') return undefined
      const unknown = unknownTo(fact.by)
      toBeKnown.delete(fact.by)
      return unknown && `${fact.by} goes on without what it has written to ${unknown.plural} ${unknown.name}`
    },
  }
}

/** Those of the leader. What has been silent for a while is asked anew. */
function converged(): Checker {
  const known = new Knowledge()
  const differences = (by: string, state: State): string | undefined => {
    for (const { resource, cache, keeps } of CACHES) {
      const held = new Map(known.of(by, cache))
      for (const object of state.all(resource).values()) {
        if (!keeps(object)) continue
        const { uid, name, resourceVersion } = object.metadata
        const version = held.get(uid)?.resourceVersion
        held.delete(uid)
        if (version !== resourceVersion)
          return `${by} knows ${cache} ${name} as ${version ?? 'nothing'}, and it is at version ${resourceVersion}`
      }
      const [ghost] = held.values()
      if (ghost) return `${by} knows ${cache} ${ghost.name}, which is gone`
    }
    return undefined
  }
  return {
    on(fact: Fact) {
      if (fact.kind === 'known') known.take(fact)
      return undefined
    },
    atRest: (state) => (state.leader === undefined ? undefined : differences(state.leader, state)),
  }
}

export const caches: readonly Invariant[] = [
  {
    id: 'S21',
    says: 'A process that writes knows by then what has become of its writes before.',
    begin: ownWritesRead,
  },
  {
    id: 'S22',
    says: 'A cache never takes an older version of an object for its newest.',
    begin: neverBack,
  },
  {
    id: 'L7',
    says: 'Whatever watches have missed, the caches of the leader are as the API server is.',
    begin: converged,
  },
]
