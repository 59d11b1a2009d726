import { createServer, type Server, type ServerOptions } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
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

/** A provider needs one; a router that hides its pods behind an address of its own, one for each of them. */
const CONNECTIONS = { all: 1024, perAddress: 32 }

/** Requests in flight may end before the rest is cut off. */
const DRAIN_MS = 10_000

export interface TlsServer {
  /** Starts to listen on all addresses; port 0 takes a free one. Resolves with the port. */
  listen(port: number): Promise<number>
  /** New connections are shown this certificate; those that are open stay. */
  use(certificate: KeyPair): void
  close(): Promise<void>
}

type Fetch = (request: Request, bindings: HttpBindings) => Response | Promise<Response>

export interface TlsServerOptions {
  readonly clock: Clock
  readonly limits?: typeof LIMITS
  readonly connections?: typeof CONNECTIONS
}

export function createTlsServer(
  fetch: Fetch,
  certificate: KeyPair,
  { clock, limits = LIMITS, connections = CONNECTIONS }: TlsServerOptions,
): TlsServer {
  const secret = ({ certificate: cert, key }: KeyPair) => ({ cert, key, minVersion: 'TLSv1.2' as const })
  const server = createAdaptorServer({
    fetch: oneAtATime(fetch) as (request: Request) => Response | Promise<Response>,
    createServer,
    serverOptions: { ...secret(certificate), ...limits },
  }) as Server
  server.maxConnections = connections.all
  capPerAddress(server, connections.perAddress)
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

/** Silence costs a peer nothing and proves nothing: whoever keeps many connections leaves room for everybody else. */
function capPerAddress(server: Server, cap: number): void {
  const open = new Map<string, number>()
  server.on('connection', (socket: Socket) => {
    // Without an address the peer has gone already.
    const { remoteAddress: address = '' } = socket
    const count = open.get(address) ?? 0
    if (count >= cap) {
      socket.destroy()
      return
    }
    open.set(address, count + 1)
    socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1
      if (left > 0) open.set(address, left)
      else open.delete(address)
    })
  })
}

/** A connection is good for one request at a time: else a few, with requests in a pipeline, would be worth thousands. */
function oneAtATime(fetch: Fetch): Fetch {
  const busy = new WeakSet<Socket>()
  return (request, bindings) => {
    const { socket } = bindings.incoming
    if (busy.has(socket)) {
      socket.destroy()
      return new Response()
    }
    busy.add(socket)
    bindings.outgoing.once('close', () => busy.delete(socket))
    return fetch(request, bindings)
  }
}
