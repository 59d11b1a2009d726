import { request, type Agent } from 'node:https'

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Readonly<Record<string, unknown>>
}

export interface Call {
  readonly port: number
  readonly ca: string
  readonly method?: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
  /** Sends the body in chunks, without saying how long it is. */
  readonly chunked?: boolean
  readonly agent?: Agent
}

/** One HTTPS request to `localhost`, whose answer is JSON. */
export function call({
  port,
  ca,
  method = 'GET',
  path,
  headers = {},
  body,
  chunked = false,
  agent,
}: Call): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const length = body === undefined || chunked ? {} : { 'content-length': String(Buffer.byteLength(body)) }
    const sent = request(
      { host: 'localhost', port, ca, method, path, headers: { ...headers, ...length }, agent: agent ?? false },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString()
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: text === '' ? {} : (JSON.parse(text) as Reply['body']),
          })
        })
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
}
