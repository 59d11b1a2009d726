import type { Key, KubeObject, Manifest, Resource } from '../../../src/api/meta.ts'
import type { KubeApi, ListOptions, Page, WatchOptions } from '../../../src/kube/port.ts'
import type { ApiServer } from '../api-server/api-server.ts'
import type { Fact } from '../observe/facts.ts'
import type { Scheduler } from '../scheduler.ts'
import { cut, REFUSALS } from './errors.ts'
import type { Life } from './life.ts'
import { reviewToken } from './token-review.ts'
import { openWatch } from './watch.ts'

export interface Connection {
  readonly name: string
  readonly server: ApiServer
  readonly scheduler: Scheduler
  readonly life: Life
  readonly meet: (place: string) => string | undefined
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
  const { server, scheduler, life, meet, tell, latency, name: by } = connection

  function call<R>(place: string, effect: () => R): Promise<R> {
    return new Promise((resolve, reject) => {
      const fault = meet(place)
      if (fault === 'crash before') {
        life.end()
        return
      }
      if (fault === 'stray') life.end()
      const answer = (settle: () => void) => {
        scheduler.after(fault === 'slow' ? STRAY_MS : latency(), 'answer', () => {
          life.deliver('answer', settle)
        })
      }
      scheduler.after(fault === 'stray' ? STRAY_MS : latency(), place, () => {
        const refusal = REFUSALS[fault ?? '']
        let settle: () => void
        try {
          if (refusal) throw refusal()
          const value = effect()
          settle = () => {
            resolve(value)
          }
        } catch (error) {
          settle = () => {
            reject(error instanceof Error ? error : new Error(String(error)))
          }
        }
        if (fault === 'crash after') {
          life.end()
          return
        }
        answer(
          fault === 'lost'
            ? () => {
                reject(cut())
              }
            : settle,
        )
      })
    })
  }

  const write = <R>(verb: string, { plural }: Resource, key: Key, effect: () => R, suffix = ''): Promise<R> => {
    const request = `${verb} ${plural}${suffix}`
    tell({ kind: 'sent', by, call: request, ...key })
    return call(quiet(plural) ? `aside ${request}` : `write ${request}`, effect)
  }
  const dry = (plural: string) => `read dry-run ${plural}`

  return {
    get: <T extends KubeObject>(resource: Resource<T>, key: Key) =>
      call(`${quiet(resource.plural) ? 'aside' : 'read'} get ${resource.plural}`, () => server.get(resource, key)),
    list: <T extends KubeObject>(resource: Resource<T>, options: ListOptions = {}) =>
      call(`read list ${resource.plural}`, (): Page<T> => server.list(resource, options)),
    watch: <T extends KubeObject>(resource: Resource<T>, options: WatchOptions) =>
      openWatch(connection, resource, options),
    create: <T extends KubeObject>(resource: Resource<T>, manifest: Manifest<T>, { dryRun = false } = {}) =>
      dryRun
        ? call(dry(resource.plural), () => server.create(resource, manifest, { by, dryRun }))
        : write('create', resource, keyIn(manifest.metadata), () => server.create(resource, manifest, { by })),
    patch: (resource, key, patch, { dryRun = false } = {}) =>
      dryRun
        ? call(dry(resource.plural), () => server.patch(resource, key, patch, { by, dryRun }))
        : write(
            'patch',
            resource,
            key,
            () => server.patch(resource, key, patch, { by }),
            patch.subresource === undefined ? '' : '/status',
          ),
    remove: (resource, key, options = {}) =>
      write('delete', resource, key, () => {
        server.remove(resource, key, { ...options, by })
      }),
    review: (_, body) => call('read review', () => reviewToken(server, body)),
  }
}

/** Leases and events: no credential hangs on them, so that they are no place of a plan. */
const quiet = (plural: string): boolean => plural === 'leases' || plural === 'events'

const keyIn = ({ namespace, name }: Manifest['metadata']): Key => ({
  name,
  ...(namespace !== undefined && { namespace }),
})
