import { readFile } from 'node:fs/promises'
import { request, type RequestOptions } from 'node:https'
import { text } from 'node:stream/consumers'
import { getCACertificates } from 'node:tls'
import type { Credentials } from './provider.ts'

/** Body of a task update, as the Secrets Manager API takes it. */
export type Report =
  | { readonly status: 'credentials_created'; readonly credentials: Credentials }
  | { readonly status: 'credentials_deleted' }
  | { readonly status: 'failed'; readonly errors: readonly { readonly code: string; readonly description: string }[] }

export interface Answer {
  readonly status: number
  /** How long the gateway asks to wait; 0 where it does not ask. */
  readonly retryAfterMs: number
  readonly body: string
}

/** Requests to the task gateway. Each rejects where no answer came, which says nothing about its effect. */
export interface TaskClient {
  read(): Promise<Answer>
  /** The Secret of an input, by its ID. */
  secret(id: string): Promise<Answer>
  report(report: Report): Promise<Answer>
}

export interface TaskEndpoint {
  readonly instanceUrl: string
  readonly secretId: string
  readonly taskId: string
  readonly tokenFile: string
  /** Certificate authorities trusted beside the system's. */
  readonly caFile: string | undefined
}

/** Token and certificate authorities are read for each request: both are rotated while a task runs. */
export function taskClient(endpoint: TaskEndpoint, requestTimeoutMs = 10_000): TaskClient {
  const { instanceUrl, secretId, taskId, tokenFile, caFile } = endpoint
  const secrets = (...path: readonly string[]): URL =>
    new URL([instanceUrl.replace(/\/+$/, ''), 'api/v2/secrets', ...path.map(encodeURIComponent)].join('/'))
  const task = secrets(secretId, 'tasks', taskId)

  async function send(method: 'GET' | 'PUT', url: URL, body = ''): Promise<Answer> {
    const token = (await readFile(tokenFile, 'utf8')).trim()
    const own = caFile === undefined ? [] : [await readFile(caFile, 'utf8')]
    return exchange(url, body, {
      method,
      ca: [...getCACertificates('default'), ...own],
      agent: false,
      signal: AbortSignal.timeout(requestTimeoutMs),
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'application/json',
        ...(body !== '' && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
      },
    })
  }
  return {
    read: () => send('GET', task),
    secret: (id) => send('GET', secrets(id)),
    report: (report) => send('PUT', task, JSON.stringify(report)),
  }
}

function exchange(url: URL, body: string, options: RequestOptions): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request(url, options, (response) => {
      const retryAfter = Number(response.headers['retry-after'] ?? 0)
      text(response).then((answer) => {
        resolve({
          status: response.statusCode ?? 0,
          retryAfterMs: Number.isFinite(retryAfter) ? retryAfter * 1000 : 0,
          body: answer,
        })
      }, reject)
    })
      .on('error', reject)
      .end(body)
  })
}
