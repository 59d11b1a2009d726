import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Clock } from '../runtime/clock.ts'
import { ApiError } from './errors.ts'

export interface Answer {
  readonly code: number
  readonly headers: IncomingHttpHeaders
  /** The raw `Warning` headers. */
  readonly warnings: readonly string[]
  readonly body: string
}

export interface ExchangeOptions {
  readonly clock: Clock
  readonly timeoutMs: number
  readonly maxResponseBytes: number
  readonly signal?: AbortSignal | undefined
}

/** One request and its answer, which ends in time: by completion, time-out or the caller's signal. */
export class Exchange {
  readonly #request: ClientRequest
  readonly #options: ExchangeOptions
  readonly #cancelTimeout: () => void
  #response: IncomingMessage | undefined
  #failure: ApiError | undefined

  constructor(request: ClientRequest, options: ExchangeOptions) {
    this.#request = request
    this.#options = options
    this.#cancelTimeout = options.clock.after(options.timeoutMs, () => {
      this.#fail(new ApiError('Timeout', `no answer to ${request.method} within ${options.timeoutMs / 1000} s`))
    })
    options.signal?.addEventListener('abort', this.#aborted)
    request.once('close', () => {
      this.#cancelTimeout()
      options.signal?.removeEventListener('abort', this.#aborted)
    })
  }

  /** Sends the request. Resolves when the headers of the answer have come, whatever its code. */
  async send(body?: string): Promise<IncomingMessage> {
    try {
      this.#response = await new Promise<IncomingMessage>((resolve, reject) => {
        this.#request.once('response', resolve)
        // Stays attached: once the answer has begun, an error surfaces on the response and is nobody's here.
        this.#request.on('error', reject)
        this.#request.end(body)
      })
      return this.#response
    } catch (error) {
      throw this.#failure ?? connectionFailed(error)
    }
  }

  /** Reads the body to its end. */
  async read(response: IncomingMessage): Promise<Answer> {
    const limit = this.#options.maxResponseBytes
    const chunks: Buffer[] = []
    let size = 0
    try {
      for await (const chunk of response as AsyncIterable<Buffer>) {
        size += chunk.length
        if (size > limit) throw new ApiError('ServerError', `the answer is larger than ${limit} bytes`)
        chunks.push(chunk)
      }
    } catch (error) {
      throw this.#failure ?? connectionFailed(error)
    }
    return {
      code: response.statusCode ?? 0,
      headers: response.headers,
      warnings: response.headersDistinct['warning'] ?? [],
      body: Buffer.concat(chunks).toString('utf8'),
    }
  }

  /** The answer is a stream: from now on only the caller's signal ends it. */
  keepOpen(): void {
    this.#cancelTimeout()
  }

  /** Whether a kept-alive connection turned out to be closed before anything of an answer came. */
  get diedOnReuse(): boolean {
    return this.#request.reusedSocket && this.#response === undefined && this.#failure === undefined
  }

  readonly #aborted = () => {
    if (this.#options.signal !== undefined) this.#fail(givenUp(this.#options.signal))
  }

  #fail(failure: ApiError): void {
    this.#failure = failure
    this.#request.destroy(failure)
  }
}

/** The caller gave up: to a write it is the same as a lost answer. */
export const givenUp = (signal: AbortSignal): ApiError =>
  new ApiError('Timeout', 'the call was given up before its answer came', { cause: signal.reason })

/** A network error as an `ApiError`. Node's messages name the address and the system call, never content. */
export function connectionFailed(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  const detail = error instanceof Error ? error.message : 'unknown error'
  return new ApiError('ConnectionFailed', `the connection to the API server failed: ${detail}`, { cause: error })
}
