import { readFileSync, rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ApiCluster } from '../../cluster/index.ts'
import type { Ask } from '../../support/ask.ts'
import { operatorAccount, OperatorProcess, type ServiceAccount } from '../../support/operator-process.ts'
import { MOST_TASKS } from '../observe/limits.ts'
import { FaultProxy, type ProxyPorts } from './proxy.ts'

export interface ReplicaOptions {
  /** `operator-a`: what its processes are called, one after the other. */
  readonly name: string
  readonly cluster: ApiCluster
  readonly ask: Ask
  readonly gatewayPort: number
  /** Where containers reach the gateway of any replica. */
  readonly gatewayUrl: string
  readonly ports: Omit<ProxyPorts, 'kill'>
  /** All that a process has written to its log. */
  readonly wrote: (log: string) => void
}

/** The least that the operator takes: a successor of another name waits so long for a lease that was not given back. */
const LEASE_SECONDS = '3'
/** A kubelet starts a container anew that has ended by itself. */
const RESTART_MS = 200
const POLL_MS = 50

/**
 * A replica of the operator's Deployment: a process behind a proxy of its own. Where the process ends, another takes its
 * place, which has loaded its code by then.
 */
export class Replica implements AsyncDisposable {
  readonly options: ReplicaOptions
  readonly #proxy: FaultProxy
  readonly #account: ServiceAccount
  #process: OperatorProcess
  #spare: Promise<OperatorProcess>
  #starting: Promise<void> | undefined
  #closed = false
  /** Processes that were killed, and that ended by themselves. */
  kills = 0
  ends = 0
  /** Which of its processes it is now. */
  get generation(): number {
    return this.kills + this.ends
  }

  private constructor(
    from: Pick<Replica, 'options'> & { proxy: FaultProxy; account: ServiceAccount; process: OperatorProcess },
  ) {
    this.options = from.options
    this.#proxy = from.proxy
    this.#account = from.account
    this.#process = from.process
    this.#spare = this.#start()
    void this.#attend()
  }

  static async start(options: ReplicaOptions): Promise<Replica> {
    const { name, cluster, ask, ports } = options
    // Its proxy is there before it, and kills it through it.
    const late: { replica?: Replica } = {}
    const kill = () => {
      late.replica?.kill()
    }
    const proxy = await FaultProxy.open(cluster, name, { ...ports, kill })
    const account = await operatorAccount({ url: proxy.url, caPath: proxy.caPath, folder: cluster.folder }, ask)
    const process = await OperatorProcess.start(account, processOptions(options))
    process.release()
    late.replica = new Replica({ options, proxy, account, process })
    return late.replica
  }

  get name(): string {
    return this.options.name
  }

  /** SIGKILL; its successor starts at once. */
  kill(): void {
    if (this.#starting !== undefined || this.#closed || this.#process.exited) return
    this.kills += 1
    process.kill(this.#process.pid, 'SIGKILL')
    this.#succeed(0)
  }

  /** Whether the process is there, and not about to be replaced. */
  get isUp(): boolean {
    return this.#starting === undefined && !this.#process.exited
  }

  freeze(): void {
    if (this.isUp) process.kill(this.#process.pid, 'SIGSTOP')
  }

  thaw(): void {
    if (!this.#process.exited) process.kill(this.#process.pid, 'SIGCONT')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    this.thaw()
    await this.#starting
    await (await this.#spare).end('SIGKILL')
    await this.#process.end('SIGTERM')
    this.#tellLog(this.#process)
    await this.#proxy[Symbol.asyncDispose]()
  }

  #hasClosed(): boolean {
    return this.#closed
  }

  #start(): Promise<OperatorProcess> {
    return OperatorProcess.start(this.#account, { ...processOptions(this.options), held: true })
  }

  /** A process that loses its lease ends by itself. */
  async #attend(): Promise<void> {
    for (;;) {
      await sleep(POLL_MS)
      if (this.#hasClosed()) return
      if (this.#starting !== undefined || !this.#process.exited) continue
      this.ends += 1
      this.#succeed(RESTART_MS)
    }
  }

  #succeed(delayMs: number): void {
    const dead = this.#process
    this.#starting = (async () => {
      await dead.end('SIGKILL')
      this.#tellLog(dead)
      await sleep(delayMs)
      this.#process = await this.#spare
      this.#process.release()
      this.#spare = this.#start()
      this.#starting = undefined
    })()
  }

  #tellLog({ logPath }: OperatorProcess): void {
    this.options.wrote(readFileSync(logPath, 'utf8'))
    rmSync(logPath)
  }
}

const processOptions = ({ name, gatewayPort, gatewayUrl }: ReplicaOptions) => ({
  name,
  gatewayPort,
  env: { GATEWAY_URL: gatewayUrl, LEASE_SECONDS, MAX_RUNNING_TASKS: String(MOST_TASKS) },
})
