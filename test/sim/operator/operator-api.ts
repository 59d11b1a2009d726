import { MANAGER } from '../../../src/api/labels.ts'
import type { Key, KubeObject, Manifest, Resource } from '../../../src/api/meta.ts'
import { ApiError } from '../../../src/kube/errors.ts'
import type { KubeApi, ListOptions, Page, WatchOptions } from '../../../src/kube/port.ts'
import type { ApiServer } from '../api-server/api-server.ts'
import { denial } from '../api-server/rights.ts'
import type { Fact } from '../observe/facts.ts'
import type { Scheduler } from '../scheduler.ts'
import { type Standing, standingOf } from '../standing.ts'
import { MISHEARD, REFUSALS } from './errors.ts'
import type { Life } from './life.ts'
import { page } from './pages.ts'
import { reviewToken } from './token-review.ts'
import type { View } from './view.ts'
import { openWatch } from './watch.ts'
import type { Weather } from './weather.ts'

export interface Connection {
  readonly name: string
  readonly server: ApiServer
  readonly scheduler: Scheduler
  readonly life: Life
  readonly view: View
  readonly weather: Weather
  readonly meet: (place: string, standing?: string) => string | undefined
  readonly tell: (fact: Fact) => void
  /** Milliseconds that one way takes. */
  readonly latency: () => number
}

/** A request that waits somewhere in the network reaches the server so much later: its sender may be dead by then. */
const STRAY_MS = 25_000

/**
 * The API server as one operator's process reaches it. Every call is two events, its effect at the server and its answer
 * at the process, and anything may happen before, between and after them.
 */
export function operatorApi(connection: Connection): KubeApi {
  const { server, scheduler, life, weather, meet, tell, latency, name: by } = connection

  function call<R>(
    place: string,
    effect: (fault: string | undefined) => R,
    standing = '',
    answered: (value: R) => void = () => undefined,
  ): Promise<R> {
    return new Promise((resolve, reject) => {
      const fault = meet(place, standing) ?? ''
      if (fault === 'crash before') {
        life.end()
        return
      }
      if (fault === 'stray') life.end()
      // What is told on the side takes no part in chance: another event leaves a seed's world as it is.
      const takes = () => (place.endsWith(' events') ? 1 : latency())
      scheduler.after(fault === 'stray' ? STRAY_MS : takes(), place, () => {
        const answer = answerOf(() => {
          const refusal = REFUSALS[fault]?.() ?? weather.refusal(place)
          if (refusal) throw refusal
          return effect(fault)
        })
        if (fault === 'crash after') {
          life.end()
          return
        }
        const misheard = MISHEARD[fault]?.()
        scheduler.after(fault === 'slow' ? STRAY_MS : takes(), 'answer', () => {
          life.deliver('answer', () => {
            const error = misheard ?? ('error' in answer ? answer.error : undefined)
            if (error) tell({ kind: 'refused', by, call: place, why: reasonOf(error), done: 'value' in answer })
            if (misheard) reject(misheard)
            else if ('error' in answer) reject(answer.error)
            else {
              answered(answer.value)
              resolve(answer.value)
            }
          })
        })
      })
    })
  }

  const rehearse = <R>(request: string, resource: Resource, effect: () => R): Promise<R> =>
    call(`read dry-run ${resource.plural}`, () => allowed(request, resource, effect))

  const standing = (resource: Resource, key: Key, manifest?: Standing): string =>
    standingOf(resource.plural, server.find(resource, key) ?? manifest)

  const write = <R extends KubeObject | undefined>(
    request: string,
    resource: Resource,
    key: Key,
    effect: () => R,
    manifest?: Standing,
  ): Promise<R> => {
    tell({ kind: 'sent', by, call: request, ...key })
    const send = (fault: string | undefined) => {
      if (fault === 'race') touch(server, resource, key)
      return allowed(request, resource, effect)
    }
    const where = `${quiet(resource.plural) ? 'aside' : 'write'} ${request}`
    return call(where, send, standing(resource, key, manifest), (written) => {
      if (written) tell({ kind: 'written', by, ...atVersion(resource.plural, written) })
    })
  }
  const writer = { by, manager: MANAGER }

  return {
    get: <T extends KubeObject>(resource: Resource<T>, key: Key) =>
      call(
        `${quiet(resource.plural) ? 'aside' : 'read'} get ${resource.plural}`,
        () => allowed(`get ${resource.plural}`, resource, () => server.get(resource, key)),
        standing(resource, key),
      ),
    list: <T extends KubeObject>(resource: Resource<T>, options: ListOptions = {}) =>
      call(`read ${options.continue === undefined ? 'list' : 'page'} ${resource.plural}`, () =>
        allowed(`list ${resource.plural}`, resource, (): Page<T> => page(server, resource, options)),
      ),
    watch: <T extends KubeObject>(resource: Resource<T>, options: WatchOptions) =>
      openWatch(connection, resource, options),
    create: <T extends KubeObject>(resource: Resource<T>, manifest: Manifest<T>, { dryRun = false } = {}) => {
      const request = `create ${resource.plural}`
      const effect = () => server.create(resource, manifest, { ...writer, dryRun })
      return dryRun
        ? rehearse(request, resource, effect)
        : write(request, resource, keyIn(manifest.metadata), effect, manifest)
    },
    patch: (resource, key, patch, { dryRun = false } = {}) => {
      const request = `patch ${resource.plural}${patch.subresource === undefined ? '' : '/status'}`
      const effect = () => server.patch(resource, key, patch, { ...writer, dryRun })
      return dryRun ? rehearse(request, resource, effect) : write(request, resource, key, effect)
    },
    remove: (resource, key, options = {}) =>
      write(`delete ${resource.plural}`, resource, key, () => {
        server.remove(resource, key, { ...options, by })
        return undefined
      }),
    review: (resource, body) =>
      call('read review', (fault) =>
        allowed(`create ${resource.plural}`, resource, () =>
          reviewToken(server, fault === 'unauthenticated' ? { ...body, spec: {} } : body),
        ),
      ),
  }
}

/** The effect of a request, where the operator has the right to it. */
function allowed<R>(request: string, resource: Resource, effect: () => R): R {
  const denied = denial(request, resource)
  if (denied) throw denied
  return effect()
}

/** Which object this is, as a fact tells it. */
export const atVersion = (plural: string, { metadata }: KubeObject) => ({
  plural,
  ...keyIn(metadata),
  uid: metadata.uid,
  resourceVersion: metadata.resourceVersion,
})

const reasonOf = (error: Error): string =>
  error instanceof ApiError
    ? [...(error.code === 0 ? [] : [error.code]), error.reason, ...error.causes].join(' ')
    : error.message

type Answer<R> = { readonly value: R } | { readonly error: Error }

function answerOf<R>(effect: () => R): Answer<R> {
  try {
    return { value: effect() }
  } catch (error) {
    return { error: error instanceof Error ? error : new Error(String(error)) }
  }
}

/** Somebody else is a moment earlier: what the writer has read is not the newest any more. */
function touch(server: ApiServer, resource: Resource, key: Key): void {
  const merge = { metadata: { annotations: { 'example.com/touched': String(server.revision) } } }
  answerOf(() => server.patch(resource, key, { merge }, { by: 'somebody' }))
}

/** Leases and events: no credential hangs on them, so that they are no place of a plan. */
const quiet = (plural: string): boolean => plural === 'leases' || plural === 'events'

const keyIn = ({ namespace, name }: Manifest['metadata']): Key => ({
  name,
  ...(namespace !== undefined && { namespace }),
})
