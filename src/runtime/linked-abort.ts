/**
 * An abort signal that follows another one and can be aborted on its own. Unlinked when disposed of, so that a
 * long-lived parent does not collect listeners.
 */
export class LinkedAbort implements Disposable {
  readonly #controller = new AbortController()
  readonly #parent: AbortSignal

  constructor(parent: AbortSignal) {
    this.#parent = parent
    if (parent.aborted) this.#follow()
    else parent.addEventListener('abort', this.#follow, { once: true })
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  readonly abort = (reason?: unknown): void => {
    this.#controller.abort(reason)
  };

  [Symbol.dispose](): void {
    this.#parent.removeEventListener('abort', this.#follow)
  }

  readonly #follow = () => {
    this.#controller.abort(this.#parent.reason)
  }
}
