import { readFileSync } from 'node:fs'
import { request, type Agent } from 'node:https'
import { annotation, label } from '../../src/api/labels.ts'
import type { Secret } from '../../src/api/resources.ts'
import type { Server } from './ask.ts'
import { passwordOf } from './upstream.ts'

/**
 * Watches the Secrets of a namespace as an application would that reads them at every moment, and notes each moment at
 * which it would have been left without a whole and matching credential.
 */
export class Consumer implements AsyncDisposable {
  readonly #stop = new AbortController()
  readonly #shown = new Map<string, string>()
  /** Names of credentials whose Secrets may go: their objects are being deleted. */
  readonly ending = new Set<string>()
  readonly complaints: string[] = []
  #ended: Promise<void> = Promise.resolve()

  /** Resolves when the watch is on. */
  async start(server: Server, namespace: string): Promise<this> {
    const path = `/api/v1/namespaces/${namespace}/secrets?watch=true&labelSelector=${encodeURIComponent(label.credential)}`
    const headers = { authorization: `Bearer ${server.adminToken}` }
    const options = {
      ca: readFileSync(server.caPath),
      headers,
      agent: false as unknown as Agent,
      signal: this.#stop.signal,
    }
    await new Promise<void>((resolve, reject) => {
      const sent = request(new URL(path, server.url), options, (answer) => {
        let rest = ''
        answer.setEncoding('utf8')
        answer.on('data', (text: string) => {
          const lines = (rest + text).split('\n')
          rest = lines.pop() ?? ''
          for (const line of lines) this.#see(JSON.parse(line) as { type: string; object: Secret })
        })
        this.#ended = new Promise((end) => {
          answer.on('error', () => {
            end()
          })
          answer.on('end', () => {
            if (!this.#stop.signal.aborted) this.complaints.push('the watch has ended: nothing was seen from then on')
            end()
          })
        })
        resolve()
      })
      sent.on('error', reject)
      sent.end()
    })
    return this
  }

  /** The credentials ID that the Secret shows. */
  shows(name: string): string | undefined {
    return this.#shown.get(name)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#ended
  }

  #see({ type, object: { metadata, data = {} } }: { type: string; object: Secret }): void {
    const { name, annotations = {} } = metadata
    const id = annotations[annotation.credentialsId] ?? ''
    if (type === 'DELETED') {
      this.#shown.delete(name)
      if (!this.ending.has(name)) this.complaints.push(`${name}: the Secret is gone`)
      return
    }
    this.#shown.set(name, id)
    const password = Buffer.from(data['password'] ?? '', 'base64').toString()
    if (password !== passwordOf(id) || Object.keys(data).length !== 1) {
      this.complaints.push(`${name}: the Secret says ${id} and holds ${Object.keys(data).join(', ')} of another`)
    }
  }
}
