import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { Agent, request } from 'node:https'
import { json } from 'node:stream/consumers'

/** A cluster that can be asked as its administrator. */
export interface Server {
  readonly url: string
  readonly caPath: string
  readonly adminToken: string
}

/** Who asks. The administrator of the cluster impersonates them, so that roles and policies judge them alone. */
export interface Identity {
  readonly user: string
  readonly groups?: readonly string[]
}

export interface Answer {
  readonly code: number
  /** The object, the list or the Status. */
  readonly body: Record<string, unknown>
  /** What a Status says; empty for an object. */
  readonly message: string
  /** `Warning` headers, as Pod Security sends them. */
  readonly warning: string
}

export interface Asked {
  readonly as?: Identity
  readonly body?: unknown
  /** A JSON merge patch unless said otherwise. */
  readonly contentType?: string
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
export type Ask = (method: Method, path: string, asked?: Asked) => Promise<Answer>

/** Requests to the API server, by the administrator unless `as` says otherwise. Unknown fields are errors. */
export function asker(server: Server): Ask {
  const agent = new Agent({ keepAlive: true, maxSockets: 4, ca: readFileSync(server.caPath) })
  return (method, path, { as, body, contentType } = {}) => {
    const url = new URL(path, server.url)
    if (method !== 'GET' && method !== 'DELETE') url.searchParams.set('fieldValidation', 'Strict')
    const text = body === undefined ? undefined : JSON.stringify(body)
    const headers = {
      // Node frames the body of a DELETE by nothing unless told: it would be taken for the next request.
      ...(text !== undefined && { 'content-length': Buffer.byteLength(text) }),
      authorization: `Bearer ${server.adminToken}`,
      'content-type': contentType ?? (method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'),
      ...(as && { 'impersonate-user': as.user, 'impersonate-group': ['system:authenticated', ...(as.groups ?? [])] }),
    }
    return new Promise((resolve, reject) => {
      const sent = request(url, { method, agent, headers }, (response) => {
        answerIn(response).then(resolve, reject)
      })
      sent.on('error', reject)
      sent.end(text)
    })
  }
}

/** Rejects where the server dies in the midst of it: nobody else would hear of that. */
async function answerIn(response: IncomingMessage): Promise<Answer> {
  const body = (await json(response)) as Answer['body']
  const message = body['kind'] === 'Status' && typeof body['message'] === 'string' ? body['message'] : ''
  const warning = [response.headers['warning'] ?? []].flat().join('\n')
  return { code: response.statusCode ?? 0, body, message, warning }
}
