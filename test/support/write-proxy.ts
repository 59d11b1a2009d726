import { readFileSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Agent, createServer, request, type Server as TlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Server } from './ask.ts'
import { selfSigned } from './self-signed.ts'

/** A request that may change something. */
export interface Write {
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Without the query. */
  readonly path: string
  readonly body: unknown
}

/**
 * Stands between the operator and the API server, and holds writes back that arrive when their sender is long dead. Reads,
 * watches and dry runs pass.
 */
export class WriteProxy implements AsyncDisposable {
  readonly #server: TlsServer
  readonly #agent: Agent
  readonly #upstream: Server
  readonly caPath: string
  /** Whether a write is held back until `deliverLate`. */
  delays: (write: Write) => boolean = () => false
  /** Called when a write was held back: the moment to kill the operator. */
  cut: () => void = () => undefined
  readonly #late: (() => Promise<number>)[] = []

  private constructor(upstream: Server, server: TlsServer, caPath: string) {
    this.#upstream = upstream
    this.#server = server
    this.caPath = caPath
    this.#agent = new Agent({ keepAlive: true, ca: readFileSync(upstream.caPath) })
    server.on('request', (incoming: IncomingMessage, outgoing: ServerResponse) => {
      this.#take(incoming, outgoing)
    })
  }

  static async open(upstream: Server & { readonly folder: string }): Promise<WriteProxy> {
    const { key, cert } = await selfSigned()
    const caPath = join(upstream.folder, 'write-proxy.crt')
    writeFileSync(caPath, cert)
    const server = createServer({ key, cert })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return new WriteProxy(upstream, server, caPath)
  }

  get url(): string {
    return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#server.closeAllConnections()
    await closed
    this.#agent.destroy()
  }

  #take(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const chunks: Buffer[] = []
    incoming.on('error', () => undefined)
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      const body = Buffer.concat(chunks)
      if (!this.#isDelayed(incoming, body)) {
        this.#forward(incoming, body, outgoing)
        return
      }
      this.#late.push(() => this.#send(incoming, body))
      this.cut()
      outgoing.destroy()
    })
  }

  /** Sends what was held back, as a slow network does long after its sender has died. Resolves with the status codes. */
  deliverLate(): Promise<number[]> {
    return Promise.all(this.#late.splice(0).map((send) => send()))
  }

  #send({ url = '/', method, headers }: IncomingMessage, body: Buffer): Promise<number> {
    return new Promise((resolve, reject) => {
      const sent = request(new URL(url, this.#upstream.url), { method, headers, agent: this.#agent }, (answer) => {
        answer.resume()
        answer.on('end', () => {
          resolve(answer.statusCode ?? 0)
        })
      })
      sent.on('error', reject)
      sent.end(body)
    })
  }

  #isDelayed({ method = 'GET', url = '' }: IncomingMessage, body: Buffer): boolean {
    const { pathname, searchParams } = new URL(url, this.#upstream.url)
    if (method === 'GET' || searchParams.has('dryRun')) return false
    const parsed: unknown = body.length === 0 ? undefined : JSON.parse(body.toString())
    return this.delays({ method: method as Write['method'], path: pathname, body: parsed })
  }

  #forward(incoming: IncomingMessage, body: Buffer, outgoing: ServerResponse): void {
    const { method, headers } = incoming
    const sent = request(new URL(incoming.url ?? '/', this.#upstream.url), { method, headers, agent: this.#agent })
    sent.on('response', (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
      answer.on('error', () => outgoing.destroy())
    })
    sent.on('error', () => outgoing.destroy())
    outgoing.on('close', () => {
      // The operator is gone, or has ended a watch.
      if (!outgoing.writableFinished && method === 'GET') sent.destroy()
    })
    sent.end(body)
  }
}
