/** Payloads are delivered within moments; what is not fetched by then is read from custody. */
const CAPACITY = 256

/**
 * Payloads that the gateway of this process has just put into custody, for the leader in the same process: it spares the
 * read before delivery. Each is given out once and not kept.
 */
export class HandOff {
  readonly #payloads = new Map<string, Readonly<Record<string, string>>>()

  put(taskId: string, payload: Readonly<Record<string, string>>): void {
    this.#payloads.set(taskId, payload)
    const [oldest] = this.#payloads.keys()
    if (this.#payloads.size > CAPACITY && oldest !== undefined) this.#payloads.delete(oldest)
  }

  take(taskId: string): Readonly<Record<string, string>> | undefined {
    const payload = this.#payloads.get(taskId)
    this.#payloads.delete(taskId)
    return payload
  }
}
