import { createServer, type Server, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer, type HttpBindings } from '@hono/node-server'
import type { Clock } from '../runtime/clock.ts'
import type { KeyPair } from './certificates.ts'

/** What one client can hold of the gateway, and for how long: nothing here waits for a slow or silent peer. */
export const LIMITS: Pick<
  ServerOptions,
  | 'handshakeTimeout'
  | 'headersTimeout'
  | 'requestTimeout'
  | 'connectionsCheckingInterval'
  | 'keepAliveTimeout'
  | 'maxHeaderSize'
> = {
  handshakeTimeout: 10_000,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 5_000,
  keepAliveTimeout: 15_000,
  maxHeaderSize: 16 * 1024,
}

const MAX_CONNECTIONS = 1024

/** Requests in flight may end before the rest is cut off. */
const DRAIN_MS = 10_000

export interface TlsServer {
  /** Starts to listen on all addresses; port 0 takes a free one. Resolves with the port. */
  listen(port: number): Promise<number>
  /** New connections are shown this certificate; those that are open stay. */
  use(certificate: KeyPair): void
  close(): Promise<void>
}

export function createTlsServer(
  fetch: (request: Request, bindings: HttpBindings) => Response | Promise<Response>,
  certificate: KeyPair,
  { clock, limits = LIMITS }: { readonly clock: Clock; readonly limits?: typeof LIMITS },
): TlsServer {
  const secret = ({ certificate: cert, key }: KeyPair) => ({ cert, key, minVersion: 'TLSv1.2' as const })
  const server = createAdaptorServer({
    fetch: fetch as (request: Request) => Response | Promise<Response>,
    createServer,
    serverOptions: { ...secret(certificate), ...limits },
  }) as Server
  server.maxConnections = MAX_CONNECTIONS
  return {
    listen: (port) =>
      new Promise((resolve, reject) => {
        server.once('error', reject)
        server.listen(port, () => {
          server.off('error', reject)
          resolve((server.address() as AddressInfo).port)
        })
      }),
    use: (next) => {
      server.setSecureContext(secret(next))
    },
    close: () =>
      new Promise((resolve) => {
        const cancel = clock.after(DRAIN_MS, () => {
          server.closeAllConnections()
        })
        server.close(() => {
          cancel()
          resolve()
        })
        server.closeIdleConnections()
      }),
  }
}
