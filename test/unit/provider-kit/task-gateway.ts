import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { selfSigned } from '../../support/self-signed.ts'

/** What the stand-in does with a request: a status, or no answer. */
export type Reaction =
  | number
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: unknown }
  /** The connection breaks, as if the answer was lost. */
  | 'lost'
  /** No answer ever. */
  | 'silent'
  | (() => Promise<number>)

export interface Received {
  readonly method: string
  readonly path: string
  readonly token: string
  readonly body: { readonly status: string; readonly [field: string]: unknown } | undefined
}

/** A TLS server that plays the task gateway: it answers by script, the last reaction over and over. */
export class TaskGateway implements AsyncDisposable {
  readonly received: Received[] = []
  readonly tokenFile: string
  readonly caFile: string
  reactions: Reaction[] = [200]
  readonly #folder: string
  readonly #server

  private constructor(folder: string, tls: { key: string; cert: string }) {
    this.#folder = folder
    this.tokenFile = join(folder, 'token')
    this.caFile = join(folder, 'ca.crt')
    this.#server = createServer(tls, (request, response) => void this.#answer(request, response))
  }

  static async start(): Promise<TaskGateway> {
    const folder = await mkdtemp(join(tmpdir(), 'task-gateway-'))
    const tls = await selfSigned()
    const gateway = new TaskGateway(folder, tls)
    await writeFile(gateway.caFile, tls.cert)
    await writeFile(gateway.tokenFile, 'token-1')
    gateway.#server.listen(0, '127.0.0.1')
    await once(gateway.#server, 'listening')
    return gateway
  }

  get url(): string {
    return `https://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`
  }

  /** Statuses reported, in order. */
  get reports(): (string | undefined)[] {
    return this.received.filter(({ method }) => method === 'PUT').map(({ body }) => body?.status)
  }

  reset(reactions: Reaction[]): void {
    this.received.length = 0
    this.reactions = [...reactions]
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.received.push({
      method: request.method ?? '',
      path: request.url ?? '',
      token: request.headers.authorization ?? '',
      body: request.method === 'PUT' ? ((await json(request)) as Received['body']) : undefined,
    })
    const [next = 200] = this.reactions
    if (this.reactions.length > 1) this.reactions.shift()
    if (next === 'silent') return
    if (next === 'lost') return void request.socket.destroy()
    const answer =
      typeof next === 'function' ? { status: await next() } : typeof next === 'number' ? { status: next } : next
    response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers })
    response.end(JSON.stringify(answer.body ?? {}))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await rm(this.#folder, { recursive: true })
  }
}
