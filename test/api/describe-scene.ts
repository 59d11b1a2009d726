import { vi } from 'vitest'
import type { SecretTask } from '../../src/api/generated.ts'
import type { Container } from '../support/kubelet.ts'
import { creates, deletes, hesitant, refusing } from '../support/scripts.ts'
import type { Tenant } from '../support/tenant.ts'
import type { Ledgered } from '../support/upstream.ts'
import { kubectl } from './crds-cluster.ts'

/** What is described: the arguments of `kubectl describe`. */
export type Described = readonly string[]

export const ORDERS: Described = ['ccred', 'orders']
export const LEDGER: Described = ['cprov', 'ledger']

/** A namespace, with what its team does in it to bring a state about. */
export class Scene {
  readonly tenant: Tenant
  readonly #upstream: Ledgered

  constructor(tenant: Tenant, upstream: Ledgered) {
    this.tenant = tenant
    this.#upstream = upstream
  }

  /** From now on the upstream refuses creations, or deletions; or what is made is never reported. */
  turns(how: 'refuses creations' | 'refuses deletions' | 'hesitates'): this {
    const scripts: Readonly<Record<typeof how, Container>> = {
      'refuses creations': refusing(this.#upstream, creates),
      'refuses deletions': refusing(this.#upstream, deletes),
      hesitates: hesitant(this.#upstream),
    }
    this.tenant.play(scripts[how])
    return this
  }

  async ordered(spec: object = {}): Promise<Described> {
    await this.tenant.credential('orders', spec)
    return ORDERS
  }

  /** The task that makes its first version, in this state. */
  async task(state: SecretTask['status']['state']): Promise<Described> {
    await this.ordered()
    return this.taskIn(state)
  }

  async active(spec: object = {}): Promise<Described> {
    await this.ordered(spec)
    await this.tenant.reaches('orders', 1)
    return ORDERS
  }

  async rotated(): Promise<void> {
    await this.active()
    await this.tenant.rotate('orders', 'once')
    await this.tenant.reaches('orders', 2)
  }

  /** Another credential's task has the only turn that the provider gives. */
  async queued(): Promise<Described> {
    this.turns('hesitates')
    await this.tenant.credential('first')
    await this.tenant.taskIn('first', 'processing')
    return this.ordered()
  }

  async taskIn(state: SecretTask['status']['state']): Promise<Described> {
    return ['stask', (await this.tenant.taskIn('orders', state)).metadata.name]
  }

  /** As people do it, who do not wait. */
  async remove(what: Described): Promise<void> {
    await kubectl('delete', ...what, '--wait=false', '--namespace', this.tenant.name)
  }

  /** The orphan that it leaves. */
  async orphan(): Promise<Described> {
    const orphan = await vi.waitUntil(async () => (await this.tenant.orphans())[0], { timeout: 120_000, interval: 200 })
    return ['orphan', orphan.metadata.name]
  }
}
