import { once } from 'node:events'
import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { TestAuthority } from './test-authority.ts'

export interface Received {
  readonly method: string
  /** Path and query. */
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
  /** Common name of the client's certificate. */
  readonly client: string | undefined
}

export type Handler = (request: Received, response: ServerResponse) => void

/** An HTTPS server on loopback that answers as a test tells it, and counts the connections made to it. */
export class FakeApiServer implements AsyncDisposable {
  readonly authority: TestAuthority
  readonly requests: Received[] = []
  readonly sockets = new Set<TLSSocket>()
  connections = 0
  handler: Handler = (_, response) => {
    answer(response, 404, { kind: 'Status', message: 'nothing here', reason: 'NotFound', code: 404 })
  }
  readonly #server: Server

  private constructor(authority: TestAuthority, server: Server) {
    this.authority = authority
    this.#server = server
    server.on('secureConnection', (socket) => {
      this.connections += 1
      this.sockets.add(socket)
      socket.on('close', () => this.sockets.delete(socket))
    })
    server.on('request', (request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const { method = '', url = '', headers } = request
        const client = (request.socket as TLSSocket).getPeerX509Certificate()?.subject.replace('CN=', '')
        const received = { method, url, headers, body: Buffer.concat(chunks).toString(), client }
        this.requests.push(received)
        this.handler(received, response)
      })
    })
  }

  static async start(handler?: Handler): Promise<FakeApiServer> {
    const authority = await TestAuthority.create()
    const pair = await authority.issue()
    const options = { ...pair, ca: authority.ca, requestCert: true, rejectUnauthorized: false, keepAliveTimeout: 0 }
    const fake = new FakeApiServer(authority, createServer(options))
    if (handler) fake.handler = handler
    fake.#server.listen(0, '127.0.0.1')
    await once(fake.#server, 'listening')
    return fake
  }

  get url(): string {
    return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  get ca(): string {
    return this.authority.ca
  }

  get lastRequest(): Received {
    const last = this.requests.at(-1)
    if (!last) throw new Error('no request has come')
    return last
  }

  /** Cuts every connection, as a crash does. */
  reset(): void {
    for (const socket of this.sockets) socket.destroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

/** Answers with a JSON body. */
export function answer(
  response: ServerResponse,
  code: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(code, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(body))
}
