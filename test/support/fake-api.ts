import { isDeepStrictEqual } from 'node:util'
import type { Key, KubeObject, Manifest, Resource } from '../../src/api/meta.ts'
import { ApiError } from '../../src/kube/errors.ts'
import type { DeleteOptions, KubeApi, ListOptions, Page, PatchOperation } from '../../src/kube/port.ts'
import { denial } from '../sim/api-server/rights.ts'

type Json = Record<string, unknown>

/** What happens to the next call whose text begins so: `lost` took effect, but its answer never came. */
interface Fault {
  readonly call: string
  readonly then: ApiError | 'lost' | (() => void)
}

/**
 * An API server in memory, as far as the task gateway needs one: creates, reads and lists by labels, JSON patches with a
 * resourceVersion precondition, token reviews. It refuses what the operator has no right to. Every call is written down as
 * `verb plural namespace/name`.
 */
export class FakeApi implements KubeApi {
  readonly calls: string[] = []
  /** Status of the TokenReview of each token; any other token is refused. */
  readonly reviews = new Map<string, Json>()
  readonly #objects = new Map<string, KubeObject>()
  readonly #faults: Fault[] = []
  #revision = 100

  /** The writes among the calls. */
  get writes(): string[] {
    return this.calls.filter((call) => /^(create|patch|remove) /.test(call))
  }

  /** Puts an object there, as somebody else does. */
  put<T extends KubeObject>(resource: Resource<T>, object: T): T {
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(++this.#revision) } }
    this.#objects.set(path(resource, object.metadata), stored)
    return stored
  }

  drop(resource: Resource, key: Key): void {
    this.#objects.delete(path(resource, key))
  }

  peek<T extends KubeObject>(resource: Resource<T>, key: Key): T | undefined {
    return this.#objects.get(path(resource, key)) as T | undefined
  }

  all(resource: Resource): KubeObject[] {
    return [...this.#objects].filter(([at]) => at.startsWith(`${resource.plural} `)).map(([, object]) => object)
  }

  /** The next call that begins with `call` meets `then`: an error instead of an effect, a lost answer, or an event before it. */
  meet(call: string, then: Fault['then']): void {
    this.#faults.push({ call, then })
  }

  get<T extends KubeObject>(resource: Resource<T>, key: Key): Promise<T> {
    return this.#call(`get ${path(resource, key)}`, () => {
      assertRight(`get ${resource.plural}`, resource)
      return this.#find(resource, key)
    })
  }

  list<T extends KubeObject>(resource: Resource<T>, options: ListOptions = {}): Promise<Page<T>> {
    const [, name] = /^metadata\.name=(.+)$/.exec(options.fieldSelector ?? '') ?? []
    const terms = (options.labelSelector ?? '').split(',').filter((term) => term !== '')
    const wanted = terms.map((term) => term.split('=') as [string, string?])
    return this.#call(`list ${resource.plural}`, () => {
      assertRight(`list ${resource.plural}`, resource)
      const items = this.all(resource).filter(
        ({ metadata }) =>
          (name === undefined || metadata.name === name) &&
          wanted.every(([key, value]) => selects(metadata.labels?.[key], value)),
      )
      return { resourceVersion: String(this.#revision), items: items as T[] }
    })
  }

  create<T extends KubeObject>(resource: Resource<T>, manifest: Manifest<T>): Promise<T> {
    return this.#call(`create ${path(resource, manifest.metadata)}`, () => {
      assertRight(`create ${resource.plural}`, resource)
      if (this.#objects.has(path(resource, manifest.metadata)))
        throw new ApiError('AlreadyExists', 'it exists', { code: 409 })
      const metadata = { ...manifest.metadata, uid: `uid-${++this.#revision}` }
      return this.put(resource, { ...DEFAULTS[resource.kind], ...manifest, metadata } as unknown as T)
    })
  }

  patch<T extends KubeObject>(
    resource: Resource<T>,
    key: Key,
    patch: { readonly operations: readonly PatchOperation[]; readonly subresource?: 'status' },
  ): Promise<T> {
    return this.#call(`patch ${path(resource, key)}`, () => {
      assertRight(`patch ${resource.plural}${patch.subresource === undefined ? '' : '/status'}`, resource)
      const object = structuredClone(this.#find(resource, key)) as unknown as Json
      const expected = this.#find(resource, key).metadata.resourceVersion
      for (const operation of patch.operations) apply(object, operation, expected)
      // As the API server: what changes nothing makes no version.
      if (isDeepStrictEqual(object, this.#find(resource, key))) return this.#find(resource, key)
      return this.put(resource, object as unknown as T)
    })
  }

  remove(resource: Resource, key: Key, { uid, resourceVersion }: DeleteOptions = {}): Promise<void> {
    return this.#call(`remove ${path(resource, key)}`, () => {
      assertRight(`delete ${resource.plural}`, resource)
      if (uid !== undefined && this.#find(resource, key).metadata.uid !== uid)
        throw new ApiError('Conflict', 'it is another one', { code: 409 })
      if (resourceVersion !== undefined && this.#find(resource, key).metadata.resourceVersion !== resourceVersion)
        throw new ApiError('Conflict', 'it has been changed', { code: 409 })
      this.drop(resource, key)
    })
  }

  review<T extends object>(_: Resource, body: T): Promise<T> {
    const { token } = (body as unknown as { spec: { token: string } }).spec
    return this.#call('review', () => ({ ...body, status: this.reviews.get(token) ?? { authenticated: false } }))
  }

  watch(): never {
    throw new Error('the fake API server has no watches')
  }

  #find<T extends KubeObject>(resource: Resource<T>, key: Key): T {
    const object = this.peek(resource, key)
    if (object === undefined) throw new ApiError('NotFound', `${path(resource, key)} not found`, { code: 404 })
    return object
  }

  async #call<R>(call: string, effect: () => R): Promise<R> {
    this.calls.push(call)
    await Promise.resolve()
    const at = this.#faults.findIndex((fault) => call.startsWith(fault.call))
    const [fault] = at === -1 ? [] : this.#faults.splice(at, 1)
    if (fault?.then instanceof ApiError) throw fault.then
    if (typeof fault?.then === 'function') fault.then()
    const answer = effect()
    if (fault?.then === 'lost') throw new ApiError('ConnectionFailed', 'the connection was reset')
    return answer
  }
}

/** What a schema adds. */
const DEFAULTS: Readonly<Record<string, Json>> = { SecretTask: { status: { state: 'queued' } } }

function assertRight(request: string, resource: Resource): void {
  const denied = denial(request, resource)
  if (denied) throw denied
}

/** Without a value, any will do. */
const selects = (found: string | undefined, value: string | undefined): boolean =>
  value === undefined ? found !== undefined : found === value

const path = ({ plural }: Resource, { namespace, name }: Key): string => `${plural} ${namespace ?? ''}/${name}`

function apply(object: Json, operation: PatchOperation, expectedVersion: string): void {
  if (operation.path === '/metadata/resourceVersion') {
    if ('value' in operation && operation.value === expectedVersion) return
    throw new ApiError('Conflict', 'the object has been modified', { code: 409 })
  }
  const [last = '', ...parents] = operation.path.split('/').slice(1).reverse()
  const target = parents.reverse().reduce((at, name) => at[name] as Json, object)
  if (operation.op === 'test' && isDeepStrictEqual(target[last], operation.value)) return
  if (operation.op === 'remove' && Array.isArray(target)) return void target.splice(Number(last), 1)
  if (operation.op === 'remove') return void Reflect.deleteProperty(target, last)
  if (operation.op !== 'add' && operation.op !== 'replace') throw new Error(`the fake knows no ${operation.op}`)
  target[last] = operation.value
}
