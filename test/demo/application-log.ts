import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'

/** A line of the application's log (deploy/demo/application.ts). Counts are since its start. */
export interface Report {
  readonly tried: number
  readonly failed: number
  /** Whose login it has tried last. */
  readonly secret: string
  /** The role that it last logged in as, by that Secret. */
  readonly user: string
  readonly error?: string
}

const RETRY_MS = 500

/** Follows the log of the demo's application, across breaks of the connection. */
export class ApplicationLog implements Disposable {
  readonly #command: readonly [string, ...string[]]
  readonly #told: (report: Report, before: Report) => void
  #latest: Report = { tried: 0, failed: 0, secret: '', user: '' }
  #child: ChildProcess | undefined
  #stopped = false

  /** `told` is called with each new report and the one before. */
  constructor(kubectl: readonly [string, ...string[]], told: (report: Report, before: Report) => void) {
    this.#command = [...kubectl, '--namespace=shop', 'logs', '--follow', '--tail=1', 'deployment/orders']
    this.#told = told
    this.#follow()
  }

  get latest(): Report {
    return this.#latest
  }

  [Symbol.dispose](): void {
    this.#stopped = true
    this.#child?.kill()
  }

  #follow(): void {
    if (this.#stopped) return
    const [file, ...args] = this.#command
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'ignore'] })
    this.#child = child
    createInterface(child.stdout).on('line', (line) => {
      const before = this.#latest
      this.#latest = JSON.parse(line) as Report
      this.#told(this.#latest, before)
    })
    child.once('close', () => {
      setTimeout(() => {
        this.#follow()
      }, RETRY_MS)
    })
  }
}
