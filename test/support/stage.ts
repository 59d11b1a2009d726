import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import { freePort } from '../cluster/host/ports.ts'
import type { ApiCluster } from '../cluster/index.ts'
import { asker, type Ask } from './ask.ts'
import { Kubelet } from './kubelet.ts'
import { operatorAccount, OperatorProcess, type ProcessOptions, type ServiceAccount } from './operator-process.ts'
import { sweep } from './sweep.ts'
import { Tenant } from './tenant.ts'
import { tellings } from './told-on-failure.ts'
import { Ledgered } from './upstream.ts'

/**
 * A control plane with the operator at work in it: a process with the rights that deploy/base gives it. A kubelet's
 * stand-in runs its Jobs against an upstream that remembers everything.
 */
export class Stage implements AsyncDisposable {
  readonly ask: Ask
  readonly account: ServiceAccount
  readonly gatewayPort: number
  readonly upstream: Ledgered
  readonly kubelet: Kubelet
  operator: OperatorProcess
  readonly #others: OperatorProcess[] = []

  private constructor(from: Pick<Stage, 'ask' | 'account' | 'gatewayPort' | 'upstream' | 'kubelet' | 'operator'>) {
    this.ask = from.ask
    this.account = from.account
    this.gatewayPort = from.gatewayPort
    this.upstream = from.upstream
    this.kubelet = from.kubelet
    this.operator = from.operator
    tellings.add(this.#tell)
  }

  /** The definitions must have been installed. `server`: where the operator finds the API server, if not straight. */
  static async open(
    cluster: ApiCluster,
    server: { url: string; caPath: string } = cluster,
    options: Partial<ProcessOptions> = {},
  ): Promise<Stage> {
    const ask = asker(cluster)
    const { url, caPath } = server
    const account = await operatorAccount({ url, caPath, folder: cluster.folder }, ask)
    const gatewayPort = await freePort()
    const upstream = new Ledgered()
    const kubelet = await new Kubelet(ask, upstream.container).start()
    const operator = await OperatorProcess.start(account, { gatewayPort, ...options })
    return new Stage({ ask, account, gatewayPort, upstream, kubelet, operator })
  }

  /** Another operator beside the first one, by default the first one's successor at the same gateway address. */
  async start(options: Partial<ProcessOptions> = {}): Promise<OperatorProcess> {
    const operator = await OperatorProcess.start(this.account, { gatewayPort: this.gatewayPort, ...options })
    this.#others.push(operator)
    return operator
  }

  /** A new namespace with the provider `ledger` in it. */
  async tenant(prefix: string, provider: object = {}, labels: Readonly<Record<string, string>> = {}): Promise<Tenant> {
    const tenant = await Tenant.open(this, prefix, labels)
    await tenant.provider('ledger', provider)
    return tenant
  }

  /** What the operators have said last, and the objects that they are at work on. */
  readonly #tell = async (): Promise<string> => {
    const logs = [this.operator, ...this.#others].map((operator) => lastLines(operator.log()))
    const kinds = ['customcredentials', 'secrettasks', 'orphanedcredentials']
    const lists = await Promise.all(
      kinds.map((kind) => this.ask('GET', `/apis/customcredentials.dev/v1alpha1/${kind}`)),
    )
    const objects = lists.flatMap(
      ({ body }) => (body['items'] ?? []) as { metadata: { name: string }; status?: object }[],
    )
    return [...logs, ...objects.map(({ metadata, status }) => `${metadata.name}: ${JSON.stringify(status)}`)].join('\n')
  }

  /** Ends the operator and the kubelet's stand-in, sweeps, and asserts that neither has come to grief by itself. */
  async [Symbol.asyncDispose](): Promise<void> {
    tellings.delete(this.#tell)
    for (const operator of [this.operator, ...this.#others]) await operator.end('SIGTERM')
    await this.kubelet[Symbol.asyncDispose]()
    await sweep(this.ask)
    expect(this.kubelet.failures).toEqual([])
    for (const { logPath } of [this.operator, ...this.#others])
      expect(readFileSync(logPath, 'utf8')).not.toMatch(/unhandled|uncaught/i)
  }
}

const LAST_LINES = 80

const lastLines = (log: string): string => log.trimEnd().split('\n').slice(-LAST_LINES).join('\n')
