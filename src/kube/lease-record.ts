import type { Key, KubeObject, Resource } from '../api/meta.ts'
import type { Clock } from '../runtime/clock.ts'
import { isNotFound } from './errors.ts'
import { microTime } from './micro-time.ts'
import type { KubeApi } from './port.ts'

export interface LeaseSpec {
  /** Absent or empty: nobody's. */
  readonly holderIdentity?: string
  readonly leaseDurationSeconds?: number
  readonly acquireTime?: string
  readonly renewTime?: string
  readonly leaseTransitions?: number
}

export interface Lease extends KubeObject {
  readonly spec?: LeaseSpec
}

export const leases: Resource<Lease> = {
  group: 'coordination.k8s.io',
  version: 'v1',
  plural: 'leases',
  kind: 'Lease',
  namespaced: true,
}

/**
 * The lease as this process last saw it, and since when by its own clock. How old the record is by its own timestamps is
 * of no interest: the clocks of two machines may differ by more than a lease.
 */
export class LeaseRecord {
  readonly #api: KubeApi
  readonly #clock: Clock
  readonly #key: Key
  #seen: Lease | undefined
  #seenAt = -Infinity

  constructor(api: KubeApi, clock: Clock, key: Key) {
    this.#api = api
    this.#clock = clock
    this.#key = key
  }

  get holder(): string {
    return this.#seen?.spec?.holderIdentity ?? ''
  }

  /** Milliseconds since it was last seen to change. */
  get unchangedMs(): number {
    return this.#clock.monotonic() - this.#seenAt
  }

  get durationMs(): number {
    return (this.#seen?.spec?.leaseDurationSeconds ?? 0) * 1000
  }

  async read(signal?: AbortSignal): Promise<void> {
    try {
      this.#see(await this.#api.get(leases, this.#key, signal))
    } catch (error) {
      if (!isNotFound(error)) throw error
      this.#seen = undefined
    }
  }

  /** Makes `identity` the holder, or keeps it. A 409 says that somebody else has written since it was last seen. */
  async hold(identity: string, durationMs: number, signal?: AbortSignal): Promise<void> {
    const now = microTime(this.#clock.now())
    const { acquireTime, leaseTransitions = 0 } = this.#seen?.spec ?? {}
    const held = this.holder === identity
    await this.#write(
      {
        holderIdentity: identity,
        leaseDurationSeconds: Math.ceil(durationMs / 1000),
        acquireTime: held && acquireTime !== undefined ? acquireTime : now,
        renewTime: now,
        leaseTransitions: held || !this.#seen ? leaseTransitions : leaseTransitions + 1,
      },
      signal,
    )
  }

  /** Makes it nobody's, so that the next leader need not wait for it to expire. */
  async release(): Promise<void> {
    const { leaseTransitions = 0 } = this.#seen?.spec ?? {}
    await this.#write({ leaseDurationSeconds: 1, leaseTransitions, renewTime: microTime(this.#clock.now()) })
  }

  async #write(spec: LeaseSpec, signal?: AbortSignal): Promise<void> {
    const options = signal ? { signal } : {}
    if (!this.#seen) {
      this.#see(await this.#api.create(leases, { metadata: this.#key, spec }, options))
      return
    }
    const operations = [
      { op: 'replace', path: '/metadata/resourceVersion', value: this.#seen.metadata.resourceVersion },
      { op: 'add', path: '/spec', value: spec },
    ] as const
    this.#see(await this.#api.patch(leases, this.#key, { operations }, options))
  }

  #see(lease: Lease): void {
    if (lease.metadata.resourceVersion === this.#seen?.metadata.resourceVersion) return
    this.#seen = lease
    this.#seenAt = this.#clock.monotonic()
  }
}
