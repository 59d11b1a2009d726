import type { IncomingMessage } from 'node:http'
import { Agent, request as httpsRequest } from 'node:https'
import type { Clock } from '../runtime/clock.ts'
import type { ClusterAccess } from './credentials.ts'
import { ApiError } from './errors.ts'
import { Exchange, givenUp, type Answer } from './exchange.ts'
import { toApiError } from './status.ts'

export interface Call {
  readonly method: string
  /** Path and query. */
  readonly path: string
  readonly accept: string
  readonly contentType?: string
  readonly body?: string
  /** See `FailedAnswer.confidential`. */
  readonly confidential?: boolean
  readonly signal?: AbortSignal | undefined
}

export interface TransportOptions {
  readonly access: ClusterAccess
  readonly clock: Clock
  readonly userAgent: string
  /** For a call: until its body has come. For a stream: until its headers have come. */
  readonly timeoutMs: number
  readonly maxResponseBytes: number
}

/** Below the 90 s after which a Go server closes an idle connection: we close first, so no write races with that. */
const idleMs = 60_000

/**
 * HTTP/1.1 over kept-alive connections: one pool for calls, one for streams, so that watches never hold the connections
 * that calls want. Anything but success rejects with an `ApiError`.
 */
export class Transport {
  readonly #options: TransportOptions
  readonly #calls = new Agent({ keepAlive: true, keepAliveMsecs: 30_000, maxFreeSockets: 32, timeout: idleMs })
  readonly #streams = new Agent({ keepAlive: true, keepAliveMsecs: 30_000, maxFreeSockets: 1, timeout: idleMs })

  constructor(options: TransportOptions) {
    this.#options = options
  }

  call(call: Call): Promise<Answer> {
    return this.#withFreshToken(async () => {
      const answer = await this.#overLiveConnection(call)
      if (answer.code >= 200 && answer.code < 300) return answer
      throw refusal(answer, call)
    })
  }

  /** Opens a stream. The body is the caller's to read and to destroy; the call's signal destroys it, too. */
  stream(call: Call): Promise<IncomingMessage> {
    return this.#withFreshToken(async () => {
      const exchange = await this.#prepare(call, this.#streams)
      const response = await exchange.send()
      if (response.statusCode !== 200) throw refusal(await exchange.read(response), call)
      exchange.keepOpen()
      return response
    })
  }

  close(): void {
    this.#calls.destroy()
    this.#streams.destroy()
  }

  /** The token may have been rotated under us: read it again, and try once more. */
  async #withFreshToken<T>(attempt: () => Promise<T>): Promise<T> {
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 401) throw error
      this.#options.access.refused()
      return attempt()
    }
  }

  /** A server may close an idle connection at the moment we use it. Only a read is known to be safe to repeat. */
  async #overLiveConnection(call: Call): Promise<Answer> {
    const exchange = await this.#prepare(call, this.#calls)
    try {
      return await exchange.read(await exchange.send(call.body))
    } catch (error) {
      if (call.method !== 'GET' || !exchange.diedOnReuse) throw error
    }
    const again = await this.#prepare(call, this.#calls)
    return again.read(await again.send())
  }

  async #prepare(call: Call, agent: Agent): Promise<Exchange> {
    const { access, userAgent, ...limits } = this.#options
    const { token, ...tls } = await access.credentials()
    if (call.signal?.aborted === true) throw givenUp(call.signal)
    const request = httpsRequest(new URL(call.path, access.server), {
      method: call.method,
      agent,
      ...tls,
      headers: {
        accept: call.accept,
        'user-agent': userAgent,
        ...(call.contentType !== undefined && { 'content-type': call.contentType }),
        ...(call.body !== undefined && { 'content-length': Buffer.byteLength(call.body) }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
    })
    return new Exchange(request, { ...limits, signal: call.signal })
  }
}

const refusal = ({ code, body, headers }: Answer, { confidential = false }: Call): ApiError =>
  toApiError({ code, body, retryAfter: headers['retry-after'], confidential })
