import { annotation, CustodyKind, label } from '../../src/api/labels.ts'
import type { Write } from './write-proxy.ts'

/** Which write it is in the life of which credential, e.g. `claim create v1`. */
export interface Point {
  readonly credential: string
  readonly name: string
}

interface Body {
  readonly metadata?: { readonly name?: string; readonly labels?: Readonly<Record<string, string>> }
  readonly spec?: { readonly credential?: { readonly name: string } }
}
type Operations = readonly { readonly op: string; readonly path: string; readonly value?: unknown }[]
interface Status {
  readonly state?: string
  readonly currentVersion?: number
  readonly versions?: readonly { readonly version: number; readonly deliveredAt?: string }[]
  readonly unresolved?: readonly unknown[]
}

/**
 * Names the operator's writes, so that the same write is known again in the life of another credential. Objects that are
 * named by UIDs are known by what was said when they were created: one instance has to see all writes.
 */
export class WritePoints {
  readonly #known = new Map<string, Point>()

  readonly #names: Readonly<Record<string, (name: string, body: unknown) => Point | undefined>> = {
    'PATCH customcredentials': (credential, body) => {
      const removes = (body as Operations).some(({ op }) => op === 'remove')
      return { credential, name: removes ? 'remove the finalizer' : 'add the finalizer' }
    },
    'PATCH customcredentials/status': (credential, body) => ({
      credential,
      name: `status: ${describe(statusIn(body as Operations))}`,
    }),
    'POST secrettasks': (_, body) => this.#introduce(body as Body, 'order', runOf(body as Body)),
    'PATCH secrettasks/status': (name, body) =>
      this.#step(name, statusIn(body as Operations).state === 'processing' ? 'claim' : 'end'),
    'DELETE secrettasks': (name) => this.#step(name, 'forget'),
    'POST jobs': (_, body) => this.#step((body as Body).metadata?.name ?? '', 'Job of'),
    'PATCH jobs': (name) => this.#step(name, 'release'),
    'POST secrets': (_, body) => this.#introduce(body as Body, 'store', secretOf(body as Body)),
    'PATCH secrets': (name, body) => this.#step(name, `show v${shownVersion(body as Operations)} in`),
    'DELETE secrets': (name) => this.#step(name, 'delete the Secret of'),
  }

  /** Undefined: not a step of a credential's life (lease, events, reviews, providers). */
  of({ method, path, body }: Write): Point | undefined {
    const { resource, name, subresource } = parsePath(path)
    return this.#names[`${method} ${resource}${subresource === undefined ? '' : `/${subresource}`}`]?.(name, body)
  }

  #introduce({ metadata, spec }: Body, verb: string, what: string): Point {
    const credential = spec?.credential?.name ?? metadata?.labels?.[label.credential] ?? ''
    const name = metadata?.name ?? ''
    // The version Secret bears the name of its task, which goes on to be called by its run.
    if (!this.#known.has(name)) this.#known.set(name, { credential, name: what })
    return { credential, name: `${verb} ${what}` }
  }

  #step(name: string, verb: string): Point | undefined {
    const known = this.#known.get(name)
    return known && { credential: known.credential, name: `${verb} ${known.name}` }
  }
}

/** `create v1`, `delete v1`. */
const runOf = ({ metadata }: Body): string =>
  `${metadata?.labels?.[label.action]?.replace('_credentials', '') ?? ''} v${metadata?.labels?.[label.version] ?? ''}`

function secretOf({ metadata }: Body): string {
  const labels = metadata?.labels ?? {}
  if (labels[label.custody] === undefined) return 'the target'
  return labels[label.custody] === CustodyKind.version
    ? `the payload of v${labels[label.version] ?? ''}`
    : `the ${labels[label.custody] ?? ''}`
}

const statusIn = (operations: Operations): Status => operations.find(({ path }) => path === '/status')?.value ?? {}

const shownVersion = (operations: Operations): string => {
  const annotations = operations.find(({ path }) => path === '/metadata/annotations')?.value ?? {}
  return (annotations as Readonly<Record<string, string>>)[annotation.version] ?? ''
}

const describe = ({ state = '', currentVersion = 0, versions = [], unresolved = [] }: Status): string =>
  `${state}, current ${currentVersion}, ${versions.length} recorded, ${unresolved.length} owed`

/** Of `/api/v1/namespaces/<ns>/<resource>/<name>/<subresource>` and its like. */
function parsePath(path: string): { resource: string; name: string; subresource: string | undefined } {
  const parts = path.split('/').slice(path.startsWith('/apis/') ? 4 : 3)
  const [resource = '', name = '', subresource] = parts[0] === 'namespaces' && parts.length > 2 ? parts.slice(2) : parts
  return { resource, name, subresource }
}
