import { readFileSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { Agent, createServer, request, type Server as TlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Server } from '../../support/ask.ts'
import { selfSigned } from '../../support/self-signed.ts'
import { REFUSALS } from '../operator/errors.ts'
import { type ApiRequest, placeOf, readRequest } from './request.ts'
import { passWatch } from './watch-line.ts'

/** How long an answer is late whose fault is `slow`, and a write whose sender is dead by then. */
const SLOW_MS = 4_000
const STRAY_MS = 3_000

/** The operator's request on its way. */
export interface Passing extends ApiRequest {
  readonly method: string
  readonly path: string
  /** As sent; undefined where there is none. */
  readonly body: unknown
}

/** The server's answer, or that there was none. */
export type Effect = { readonly status: number; readonly body: string } | 'unknown'

export interface ProxyPorts {
  /** Asked at each place of a plan: the fault that strikes there. */
  readonly meet: (place: string, request: Passing) => string | undefined
  /** Somebody else changes what the request is about, right before it. */
  readonly touch: (request: Passing) => Promise<void>
  /** A request goes on to the server now; what is returned is told how that ended. */
  readonly sent: (request: Passing) => (effect: Effect) => void
  /** Kills the operator behind the proxy. */
  readonly kill: () => void
}

interface Exchange {
  readonly passing: Passing
  readonly headers: OutgoingHttpHeaders
  readonly raw: Buffer
  readonly outgoing: ServerResponse
}

/** Stands between one operator and the API server, and has faults of the simulator's catalogue happen for real. */
export class FaultProxy implements AsyncDisposable {
  readonly caPath: string
  readonly #server: TlsServer
  readonly #agent: Agent
  readonly #upstream: Server
  readonly #ports: ProxyPorts

  private constructor(upstream: Server, server: TlsServer, caPath: string, ports: ProxyPorts) {
    this.#upstream = upstream
    this.#server = server
    this.caPath = caPath
    this.#ports = ports
    this.#agent = new Agent({ keepAlive: true, ca: readFileSync(upstream.caPath) })
    server.on('request', (incoming: IncomingMessage, outgoing: ServerResponse) => {
      outgoing.on('error', () => undefined)
      void this.#take(incoming, outgoing).catch(() => outgoing.destroy())
    })
  }

  static async open(upstream: Server & { readonly folder: string }, name: string, ports: ProxyPorts) {
    const { key, cert } = await selfSigned()
    const caPath = join(upstream.folder, `proxy-${name}.crt`)
    writeFileSync(caPath, cert)
    const server = createServer({ key, cert })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return new FaultProxy(upstream, server, caPath, ports)
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

  async #take(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/', headers } = incoming
    const raw = await buffer(incoming)
    const body: unknown = raw.length === 0 ? undefined : JSON.parse(raw.toString())
    const passing = { ...readRequest(method, url, body), method, path: url, body }
    const exchange = { passing, headers, raw, outgoing }
    await this.#strike(this.#ports.meet(placeOf(passing), passing), exchange)
  }

  async #strike(fault: string | undefined, exchange: Exchange): Promise<void> {
    const { outgoing } = exchange
    switch (fault) {
      case 'timeout':
        // Half-open: taken, and never heard of again.
        return
      case 'cut':
        outgoing.destroy()
        return
      case 'crash before':
        this.#ports.kill()
        outgoing.destroy()
        return
      case 'stray':
        this.#ports.kill()
        await sleep(STRAY_MS)
        await this.#forward(exchange)
        return
      case 'crash after':
      case 'lost':
        await this.#forward(exchange)
        if (fault === 'crash after') this.#ports.kill()
        outgoing.destroy()
        return
      case 'garbled':
        await this.#forward(exchange)
        outgoing.writeHead(200, { 'content-type': 'text/html' })
        outgoing.end('<html>')
        return
      case 'race':
        await this.#ports.touch(exchange.passing)
        await this.#pass(exchange)
        return
      case 'slow':
        await this.#pass(exchange, SLOW_MS)
        return
      default:
        if (!isRefused(fault, outgoing)) await this.#pass(exchange)
    }
  }

  async #pass(exchange: Exchange, delayMs = 0): Promise<void> {
    if (exchange.passing.verb === 'watch') {
      this.#watch(exchange)
      return
    }
    const { status, headers, body } = await this.#forward(exchange)
    await sleep(delayMs)
    exchange.outgoing.writeHead(status, headers)
    exchange.outgoing.end(body)
  }

  /** Has the request take its effect. Rejects where the server gave no answer. */
  async #forward({ passing, headers, raw }: Exchange) {
    const settle = this.#ports.sent(passing)
    try {
      const answer = await this.#send(passing, headers, raw)
      const body = await buffer(answer)
      const status = answer.statusCode ?? 502
      settle({ status, body: body.toString() })
      return { status, headers: answer.headers, body }
    } catch (error) {
      settle('unknown')
      throw error
    }
  }

  #send({ method, path }: Passing, headers: OutgoingHttpHeaders, raw?: Buffer): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const sent = request(new URL(path, this.#upstream.url), { method, headers, agent: this.#agent }, resolve)
      sent.on('error', reject)
      sent.end(raw)
    })
  }

  #watch({ passing, headers, outgoing }: Exchange): void {
    const sent = request(new URL(passing.path, this.#upstream.url), { headers, agent: this.#agent })
    // The operator is gone, or has ended the watch.
    outgoing.on('close', () => sent.destroy())
    sent.on('error', () => outgoing.destroy())
    sent.on('response', (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      void passWatch(answer, outgoing, () => this.#ports.meet(`watch ${passing.plural}`, passing))
    })
    sent.end()
  }
}

/** Answers as a server does that will not have the request, where that is the fault. */
function isRefused(fault: string | undefined, outgoing: ServerResponse): boolean {
  const refusal = REFUSALS[fault ?? '']?.()
  if (refusal === undefined) return false
  const { code, message, retryAfterSeconds } = refusal
  const headers = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }
  outgoing.writeHead(code, { 'content-type': 'application/json', ...headers })
  outgoing.end(JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', message, code }))
  return true
}
