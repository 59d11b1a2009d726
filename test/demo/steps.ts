import type { Progress } from '../cluster/index.ts'

/** Times the steps of the demo by name. */
export class Steps {
  readonly seconds: Record<string, number> = {}
  readonly #progress: Progress

  constructor(progress: Progress) {
    this.#progress = progress
  }

  /** A step that is shown as such while it works. */
  run<T>(name: string, title: string, work: () => Promise<T>): Promise<T> {
    return this.time(name, () => this.#progress.step(title, work))
  }

  /** A step that tells of itself in other ways. */
  async time<T>(name: string, work: () => Promise<T>): Promise<T> {
    const started = performance.now()
    try {
      return await work()
    } finally {
      this.seconds[name] = Math.round((performance.now() - started) / 100) / 10
    }
  }
}
