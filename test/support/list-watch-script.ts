import type { KubeApi, ListOptions, Page, WatchEvent, WatchOptions } from '../../src/kube/port.ts'
import type { Thing } from './things.ts'

export type Answer = Page<Thing> | Promise<Page<Thing>> | Error | 'silence'

/** One watch that a test holds the other end of. */
export class ScriptedWatch implements AsyncIterable<WatchEvent<Thing>> {
  readonly options: WatchOptions
  readonly #events: (WatchEvent<Thing> | Error | 'end')[] = []
  #wake: () => void = () => undefined

  constructor(options: WatchOptions) {
    this.options = options
    options.signal.addEventListener('abort', () => {
      this.end()
    })
  }

  send(type: WatchEvent<Thing>['type'], object: Thing): void {
    this.#put({ type, object })
  }

  fail(error: Error): void {
    this.#put(error)
  }

  end(): void {
    this.#put('end')
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<WatchEvent<Thing>> {
    for (;;) {
      const next = this.#events.shift()
      if (next === 'end') return
      if (next instanceof Error) throw next
      if (next) yield next
      else await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }

  #put(event: WatchEvent<Thing> | Error | 'end'): void {
    this.#events.push(event)
    this.#wake()
  }
}

const unexpected = () => Promise.reject(new Error('the script knows lists and watches only'))

/** An API server whose lists are written down beforehand, and whose watches a test plays by hand. */
export class ListWatchScript implements KubeApi {
  /** What was asked for, e.g. `list limit=500` or `watch from 7`. */
  readonly asked: string[] = []
  readonly watches: ScriptedWatch[] = []
  readonly #answers: Answer[] = []

  readonly get = unexpected
  readonly create = unexpected
  readonly patch = unexpected
  readonly remove = unexpected
  readonly review = unexpected

  willList(...answers: Answer[]): this {
    this.#answers.push(...answers)
    return this
  }

  /** The watch that was opened last. */
  get lastWatch(): ScriptedWatch {
    const last = this.watches.at(-1)
    if (!last) throw new Error('no watch was opened')
    return last
  }

  list(_: unknown, options: ListOptions = {}): Promise<never> {
    const { resourceVersion, limit, continue: next, signal } = options
    const given = { rv: resourceVersion, limit, continue: next }
    const text = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : `${name}=${value}`))
    this.asked.push(['list', ...text].join(' '))
    const answer = this.#answers.shift()
    if (answer === undefined) throw new Error('the script has no further list')
    if (answer instanceof Error) return Promise.reject(answer)
    if (answer !== 'silence') return Promise.resolve(answer as never)
    return new Promise((_resolve, reject) => {
      signal?.addEventListener('abort', () => {
        reject(new Error('given up'))
      })
    })
  }

  watch(_: unknown, options: WatchOptions): never {
    this.asked.push(`watch from ${options.resourceVersion}`)
    const watch = new ScriptedWatch(options)
    this.watches.push(watch)
    return watch as never
  }
}

/** A list of these objects at this version, with more to come where `next` is given. */
export const page = (version: number, items: readonly Thing[], next?: string): Page<Thing> => ({
  items,
  resourceVersion: String(version),
  ...(next !== undefined && { continue: next }),
})
