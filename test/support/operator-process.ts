import { type ChildProcess, spawn } from 'node:child_process'
import { copyFileSync, mkdtempSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { freePort } from '../cluster/host/ports.ts'
import type { Ask, Server } from './ask.ts'

const NAMESPACE = 'custom-credentials-system'
const MAIN = `${import.meta.dirname}/../../src/main.ts`
const HOLD = `${import.meta.dirname}/hold.ts`

/** How the operator reaches the API server: as a pod does, by the token of its service account. */
export interface ServiceAccount {
  readonly url: string
  /** Holds `token` and `ca.crt`, and the logs of the processes. */
  readonly directory: string
}

/** The operator's service account, with the rights that deploy/base gives it. Its files go into a new folder in `folder`. */
export async function operatorAccount(
  { url, caPath, folder }: Pick<Server, 'url' | 'caPath'> & { readonly folder: string },
  ask: Ask,
): Promise<ServiceAccount> {
  const account = `/api/v1/namespaces/${NAMESPACE}/serviceaccounts/custom-credentials-operator/token`
  const { body, message } = await ask('POST', account, {
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 7200 } },
  })
  const token = (body['status'] as { token?: string } | undefined)?.token
  if (token === undefined) throw new Error(`no token for the operator: ${message}`)
  const directory = mkdtempSync(join(folder, 'operator-'))
  writeFileSync(join(directory, 'token'), token, { mode: 0o600 })
  copyFileSync(caPath, join(directory, 'ca.crt'))
  return { url, directory }
}

export interface ProcessOptions {
  readonly gatewayPort: number
  /** Distinguishes processes that compete for the lease; one that takes the name of a dead one takes its lease, too. */
  readonly name?: string
  /** It loads its code and then waits for `release()`: what follows a kill takes place at once. */
  readonly held?: boolean
  readonly env?: Readonly<Record<string, string>>
}

/** The operator as a process of its own, so that it can be killed at any moment. */
export class OperatorProcess {
  readonly #child: ChildProcess
  readonly logPath: string
  readonly httpPort: number

  private constructor(child: ChildProcess, logPath: string, httpPort: number) {
    this.#child = child
    this.logPath = logPath
    this.httpPort = httpPort
  }

  /** Resolves when the process has been started, not when it is ready. */
  static async start(account: ServiceAccount, options: ProcessOptions): Promise<OperatorProcess> {
    const logPath = join(mkdtempSync(join(account.directory, 'process-')), 'operator.log')
    const log = openSync(logPath, 'w')
    const httpPort = await freePort()
    const { hostname, port } = new URL(account.url)
    const child = spawn(process.execPath, [...(options.held === true ? ['--import', HOLD] : []), MAIN], {
      stdio: ['pipe', log, log],
      env: {
        PATH: process.env['PATH'],
        // Its many starts need not compile the same code again.
        NODE_COMPILE_CACHE: join(dirname(account.directory), 'compiled'),
        KUBERNETES_SERVICE_HOST: hostname,
        KUBERNETES_SERVICE_PORT: port,
        SERVICE_ACCOUNT_DIRECTORY: account.directory,
        POD_NAME: options.name ?? 'operator-1',
        POD_NAMESPACE: NAMESPACE,
        GATEWAY_PORT: String(options.gatewayPort),
        GATEWAY_URL: `https://localhost:${options.gatewayPort}`,
        HTTP_PORT: String(httpPort),
        LOG_LEVEL: 'debug',
        ...options.env,
      },
    })
    return new OperatorProcess(child, logPath, httpPort)
  }

  /** Lets a process that was started `held` go on. */
  release(): void {
    this.#child.stdin?.end('go')
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  get exited(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  log(): string {
    return readFileSync(this.logPath, 'utf8')
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (this.exited) return
    const ended = new Promise((resolve) => this.#child.once('exit', resolve))
    this.#child.kill(signal)
    await ended
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end('SIGKILL')
  }
}
