import type { Key, KubeObject, Manifest, Resource } from '../api/meta.ts'
import type { Clock } from '../runtime/clock.ts'
import type { ClusterAccess } from './credentials.ts'
import { ApiError } from './errors.ts'
import { connectionFailed } from './exchange.ts'
import { collectionPath, creationPath, objectPath, query } from './paths.ts'
import type { KubeApi, ListOptions, Page, WatchEvent, WatchOptions, WriteOptions } from './port.ts'
import { Transport, type Call } from './transport.ts'
import { lines, parseWatchEvent } from './watch.ts'

/** Called once per call, and once per watch when it is open. `code` is 0 where no answer came. */
export type OnRequest = (verb: string, resource: string, code: number, seconds: number) => void

export interface KubeApiOptions {
  readonly access: ClusterAccess
  readonly clock: Clock
  /** The operator's version, for the user agent. */
  readonly version: string
  readonly timeoutMs?: number
  readonly maxResponseBytes?: number
  readonly onRequest?: OnRequest
}

type Patch = Parameters<KubeApi['patch']>[2]

const json = 'application/json'
const partial = (kind: string) => `${json};as=${kind};g=meta.k8s.io;v=v1`

/** The API server over HTTPS. `close` ends its connections. */
export function createKubeApi(options: KubeApiOptions): KubeApi & { close(): void } {
  const transport = new Transport({
    access: options.access,
    clock: options.clock,
    userAgent: `custom-credentials-operator/${options.version}`,
    timeoutMs: options.timeoutMs ?? 30_000,
    maxResponseBytes: options.maxResponseBytes ?? 128 * 1024 * 1024,
  })
  const observe = observer(options)

  const call = async (verb: string, resource: Resource, request: Omit<Call, 'accept'> & { accept?: string }) => {
    // What is written to a Secret must not come back in an error's text.
    const confidential = resource.group === '' && resource.plural === 'secrets'
    const answer = await observe(verb, resource, () => transport.call({ accept: json, confidential, ...request }))
    return { object: parse(answer.body), warnings: answer.warnings }
  }

  const write = async (verb: string, resource: Resource, request: Omit<Call, 'accept'>, given: WriteOptions = {}) => {
    const path = request.path + query({ dryRun: given.dryRun === true ? 'All' : undefined })
    const { object, warnings } = await call(verb, resource, { ...request, path, signal: given.signal })
    if (given.onWarning) for (const warning of warnings) given.onWarning(warningText(warning))
    return object
  }

  return {
    close() {
      transport.close()
    },

    async get<T extends KubeObject>(resource: Resource<T>, key: Key, signal?: AbortSignal) {
      const { object } = await call('get', resource, { method: 'GET', path: objectPath(resource, key), signal })
      return object as T
    },

    async list<T extends KubeObject>(resource: Resource<T>, options: ListOptions = {}) {
      const { namespace, metadataOnly, signal, ...selection } = options
      const path = collectionPath(resource, namespace) + query(selection)
      const accept = metadataOnly === true ? partial('PartialObjectMetadataList') : json
      const { object } = await call('list', resource, { method: 'GET', path, accept, signal })
      const { items, metadata } = object as { items?: T[] | null; metadata?: Partial<Page<T>> | null }
      const { resourceVersion, continue: next } = metadata ?? {}
      if (resourceVersion === undefined) throw new ApiError('ServerError', 'the answer is no list')
      // The last page comes with `continue: ""`.
      return { items: items ?? [], resourceVersion, ...(next && { continue: next }) }
    },

    async *watch<T extends KubeObject>(resource: Resource<T>, options: WatchOptions): AsyncGenerator<WatchEvent<T>> {
      const { namespace, metadataOnly, signal, ...selection } = options
      const path = collectionPath(resource, namespace) + query({ watch: true, allowWatchBookmarks: true, ...selection })
      const accept = metadataOnly === true ? partial('PartialObjectMetadata') : json
      const open = () => transport.stream({ method: 'GET', path, accept, signal })
      try {
        for await (const line of lines(await observe('watch', resource, open))) yield parseWatchEvent<T>(line)
      } catch (error) {
        if (!signal.aborted) throw connectionFailed(error)
      }
    },

    async create<T extends KubeObject>(resource: Resource<T>, manifest: Manifest<T>, options?: WriteOptions) {
      const path = creationPath(resource, manifest.metadata.namespace)
      const request = { path, ...body('POST', { ...typeOf(resource), ...manifest }) }
      return (await write('create', resource, request, options)) as T
    },

    async patch<T extends KubeObject>(resource: Resource<T>, key: Key, patch: Patch, options?: WriteOptions) {
      const path = objectPath(resource, key) + (patch.subresource === undefined ? '' : `/${patch.subresource}`)
      const request = { path, ...body('PATCH', patch.operations, 'application/json-patch+json') }
      return (await write('patch', resource, request, options)) as T
    },

    async remove(resource, key, { propagation, uid, resourceVersion, signal } = {}) {
      const preconditions = uid === undefined && resourceVersion === undefined ? undefined : { uid, resourceVersion }
      const deleteOptions = { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: propagation, preconditions }
      await call('delete', resource, { path: objectPath(resource, key), ...body('DELETE', deleteOptions), signal })
    },

    async review<T extends object>(resource: Resource, review: T) {
      const request = { path: collectionPath(resource), ...body('POST', { ...typeOf(resource), ...review }) }
      return (await write('create', resource, request)) as T
    },
  }
}

const body = (method: string, content: unknown, contentType = json) => ({
  method,
  body: JSON.stringify(content),
  contentType,
})

const typeOf = ({ group, version, kind }: Resource) => ({
  apiVersion: group === '' ? version : `${group}/${version}`,
  kind,
})

/** `299 - "text"` (RFC 9111), as Kubernetes writes it. */
const warningText = (header: string): string =>
  (/^\d{3} \S+ "((?:[^"\\]|\\.)*)"/.exec(header)?.[1] ?? header).replace(/\\(.)/g, '$1')

/** An answer that is no object (a proxy's page, say) tells as little as none. */
function parse(text: string): object {
  try {
    const parsed = JSON.parse(text) as unknown
    if (typeof parsed === 'object' && parsed !== null) return parsed
  } catch {
    // Reported below, without the parser's message, which quotes the text.
  }
  throw new ApiError('ServerError', `the answer of ${text.length} characters is no JSON object`)
}

function observer({ onRequest, clock }: KubeApiOptions) {
  return async <T>(verb: string, resource: Resource, run: () => Promise<T>): Promise<T> => {
    const startedAt = clock.monotonic()
    const report = (code: number) => onRequest?.(verb, resource.plural, code, (clock.monotonic() - startedAt) / 1000)
    try {
      const result = await run()
      report(200)
      return result
    } catch (error) {
      report(error instanceof ApiError ? error.code : 0)
      throw error
    }
  }
}
