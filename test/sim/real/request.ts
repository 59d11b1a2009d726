/** What a request asks of the API server, in its own words. */
export interface ApiRequest {
  readonly verb: 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete'
  readonly plural: string
  readonly subresource?: string
  readonly namespace?: string
  /** Of a creation: what its body says. */
  readonly name: string
  readonly dryRun: boolean
  /** Goes on with a list that was begun before. */
  readonly continues: boolean
}

const VERBS: Readonly<Record<string, ApiRequest['verb']>> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
}

export function readRequest(method: string, url: string, body: unknown): ApiRequest {
  const { pathname, searchParams } = new URL(url, 'https://localhost')
  const { name, ...address } = readPath(pathname)
  const reading = searchParams.get('watch') === 'true' ? 'watch' : name === undefined ? 'list' : 'get'
  const { metadata } = (body ?? {}) as { metadata?: { name?: string } }
  return {
    ...address,
    verb: VERBS[method] ?? reading,
    name: name ?? metadata?.name ?? '',
    dryRun: searchParams.has('dryRun'),
    continues: searchParams.has('continue'),
  }
}

/** Of `/api/v1/namespaces/<namespace>/<plural>/<name>/<subresource>` and its like. */
function readPath(path: string) {
  const parts = path.split('/').slice(path.startsWith('/apis/') ? 4 : 3)
  const isNamespaced = parts[0] === 'namespaces' && parts.length > 2
  const [plural = '', name, subresource] = isNamespaced ? parts.slice(2) : parts
  return {
    plural,
    name,
    ...(subresource !== undefined && { subresource }),
    ...(isNamespaced && { namespace: parts[1] ?? '' }),
  }
}

const READS = new Set<ApiRequest['verb']>(['get', 'list'])
/** Leases and events: no credential hangs on them, so that they are no place of a plan. */
const ASIDE = new Set(['leases', 'events'])

/** Whether it changes something that a credential hangs on. */
export const isWrite = (request: ApiRequest): boolean => placeOf(request).startsWith('write ')

/** The place of a plan that the request passes, by the names that the simulator has for them. */
export function placeOf({ verb, plural, subresource, dryRun, continues }: ApiRequest): string {
  if (verb === 'watch') return `open watch ${plural}`
  if (continues) return `read page ${plural}`
  if (plural === 'tokenreviews') return 'read review'
  if (dryRun) return `read dry-run ${plural}`
  const group = ASIDE.has(plural) ? 'aside' : READS.has(verb) ? 'read' : 'write'
  return `${group} ${verb} ${plural}${subresource === undefined ? '' : `/${subresource}`}`
}
