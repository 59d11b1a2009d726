import { Agent, type IncomingMessage, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { linesOf } from './lines.ts'

/** One change of one key, at one revision. */
export interface KeyChange {
  readonly key: string
  readonly revision: number
  /** What was written; undefined: the key was deleted. */
  readonly value?: string
  readonly previous?: string
}

interface KeyValue {
  readonly key: string
  readonly value?: string
  readonly mod_revision: string
}

interface WatchAnswer {
  readonly result?: {
    readonly header: { readonly revision: string }
    readonly canceled?: boolean
    readonly events?: readonly { readonly type?: 'DELETE'; readonly kv: KeyValue; readonly prev_kv?: KeyValue }[]
  }
}

const RETRY_MS = 50
const EVERYTHING = Buffer.from('\0').toString('base64')
const decoded = (text: string): string => Buffer.from(text, 'base64').toString()

/**
 * The store under the API server, asked through its own JSON gateway. Its revisions number every change of every object of
 * every kind in one order, and a watch that was cut goes on where it was: what no watch of the API server can promise once
 * that has been killed.
 */
export class Etcd {
  readonly #url: string
  readonly #agent = new Agent({ keepAlive: true })
  readonly #closing = new AbortController()
  #watching: Promise<void> = Promise.resolve()

  constructor(url: string) {
    this.#url = url
  }

  /** The revision of the last change; asks again until there is an answer. */
  async revision(): Promise<number> {
    for (;;) {
      this.#closing.signal.throwIfAborted()
      try {
        const answer = await this.#post('/v3/kv/range', { key: EVERYTHING, count_only: true }, this.#agent)
        let text = ''
        for await (const chunk of answer.setEncoding('utf8')) text += chunk as string
        const { header } = JSON.parse(text) as { header?: { revision?: string } }
        if (header?.revision !== undefined) return Number(header.revision)
      } catch {
        // It is down on purpose, or starts.
      }
      await sleep(RETRY_MS)
    }
  }

  /** Tells every change after `revision`, in order and none twice, whatever happens to the connection. */
  watch(revision: number, tell: (changes: readonly KeyChange[]) => void): void {
    let after = revision
    this.#watching = (async () => {
      for await (const { result } of this.#answers(() => after + 1)) {
        if (result?.canceled) throw new Error('etcd has ended the watch: what follows is not known')
        const changes = (result?.events ?? []).map(changeOf)
        after = changes.at(-1)?.revision ?? after
        if (changes.length > 0) tell(changes)
      }
    })()
  }

  async close(): Promise<void> {
    this.#closing.abort()
    this.#agent.destroy()
    await this.#watching
  }

  /** From the revision on that `from` tells whenever the watch has to be opened. */
  async *#answers(from: () => number): AsyncGenerator<WatchAnswer> {
    while (!this.#closing.signal.aborted) {
      const creation = { key: EVERYTHING, range_end: EVERYTHING, start_revision: String(from()), prev_kv: true }
      try {
        const answer = await this.#post('/v3/watch', { create_request: creation }, false as unknown as Agent)
        for await (const line of linesOf(answer)) yield JSON.parse(line) as WatchAnswer
      } catch {
        // It is down on purpose, or starts.
      }
      await sleep(RETRY_MS)
    }
  }

  #post(path: string, body: object, agent: Agent): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const sent = request(new URL(path, this.#url), { method: 'POST', agent, signal: this.#closing.signal }, resolve)
      sent.on('error', reject)
      sent.end(JSON.stringify(body))
    })
  }
}

function changeOf({ type, kv, prev_kv }: { type?: 'DELETE'; kv: KeyValue; prev_kv?: KeyValue }): KeyChange {
  return {
    key: decoded(kv.key),
    revision: Number(kv.mod_revision),
    ...(type !== 'DELETE' && { value: decoded(kv.value ?? '') }),
    ...(prev_kv !== undefined && { previous: decoded(prev_kv.value ?? '') }),
  }
}
