import { readFile } from 'node:fs/promises'
import type { Clock } from '../runtime/clock.ts'
import { ApiError } from './errors.ts'

/** What a connection and a request need. PEM blocks are as in `tls.connect`. */
export interface Credentials {
  readonly ca?: string | Buffer
  readonly cert?: string | Buffer
  readonly key?: string | Buffer
  readonly servername?: string
  readonly rejectUnauthorized?: boolean
  /** Bearer token. */
  readonly token?: string
}

/** Where the API server is, and how to prove who we are. */
export interface ClusterAccess {
  /** `https://host:port` */
  readonly server: string
  /** Current credentials. Rejects with an `ApiError` where there are none to be had. */
  credentials(): Promise<Credentials>
  /** The server answered 401: the next `credentials()` reads its source again, however fresh the last reading is. */
  refused(): void
}

const serviceAccountDirectory = '/var/run/secrets/kubernetes.io/serviceaccount'

/** A projected token is renewed when a fifth of its life is left, at the earliest after 10 minutes; so 60 s is soon enough. */
const rereadMs = 60_000

/** Credentials of the pod's service account. `host` and `port` are KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT. */
export function inCluster(options: { host: string; port: string; clock: Clock; directory?: string }): ClusterAccess {
  const directory = options.directory ?? serviceAccountDirectory
  const host = options.host.includes(':') ? `[${options.host}]` : options.host
  return {
    server: `https://${host}:${options.port}`,
    ...reread(options.clock, async () => {
      const [token, ca] = await Promise.all([
        readFile(`${directory}/token`, 'utf8'),
        readFile(`${directory}/ca.crt`, 'utf8'),
      ])
      if (token.trim() === '') throw new Error(`${directory}/token is empty`)
      return { token: token.trim(), ca }
    }),
  }
}

/**
 * Credentials from a kubeconfig file (default: as kubectl finds it), exec plugins and OIDC included. The library that
 * knows them all costs 90 MB and half a second, so it is loaded here only, outside the cluster.
 */
export async function fromKubeconfig(options: { path?: string; clock: Clock }): Promise<ClusterAccess> {
  const { KubeConfig } = await import('@kubernetes/client-node')
  const config = new KubeConfig()
  if (options.path === undefined) config.loadFromDefault()
  else config.loadFromFile(options.path)
  const server = config.getCurrentCluster()?.server
  if (server === undefined) throw new Error('the kubeconfig names no current cluster')
  return {
    server,
    ...reread(options.clock, async () => {
      const applied: Credentials & { headers?: Record<string, string> } = { headers: {} }
      await config.applyToHTTPSOptions(applied)
      const { ca, cert, key, servername, rejectUnauthorized, headers } = applied
      const token = headers?.['Authorization']?.replace(/^Bearer /, '')
      return defined({ ca, cert, key, servername, rejectUnauthorized, token })
    }),
  }
}

type Rereading = Pick<ClusterAccess, 'credentials' | 'refused'>

/** Keeps what `load` gave for a minute. While the source cannot be read, the last good reading serves on. */
function reread(clock: Clock, load: () => Promise<Credentials>): Rereading {
  let last: { at: number; value: Credentials } | undefined
  let fresh = false
  let loading: Promise<Credentials> | undefined

  const reload = async (): Promise<Credentials> => {
    try {
      last = { at: clock.monotonic(), value: await load() }
      fresh = true
    } catch (error) {
      if (last === undefined) throw new ApiError('Unauthorized', 'the credentials cannot be read', { cause: error })
    } finally {
      loading = undefined
    }
    return last.value
  }
  return {
    credentials() {
      if (last !== undefined && fresh && clock.monotonic() - last.at < rereadMs) return Promise.resolve(last.value)
      return (loading ??= reload())
    },
    refused() {
      fresh = false
    },
  }
}

/** Drops the undefined members, which `exactOptionalPropertyTypes` tells from absent ones (as `tls.connect` does). */
function defined(from: { [K in keyof Credentials]: Credentials[K] | undefined }): Credentials {
  return Object.fromEntries(Object.entries(from).filter(([, value]) => value !== undefined))
}
