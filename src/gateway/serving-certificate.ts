import { loadAuthorities } from './authority.ts'
import { bundle, isDue, SERVER_LIFE_MS, signer } from './authority-rotation.ts'
import { issueServerCertificate, type KeyPair } from './certificates.ts'
import type { Clock } from '../runtime/clock.ts'
import type { KubeApi } from '../kube/port.ts'

interface Options {
  readonly api: KubeApi
  readonly clock: Clock
  /** Where the authorities' Secret is. */
  readonly namespace: string
  /** What Jobs call the gateway, e.g. `task-gateway.<namespace>.svc`. */
  readonly names: readonly string[]
}

/** What a replica of the gateway shows to Jobs, and what they have to trust. */
export interface GatewayCertificate {
  /** The authorities that a client must trust to reach any replica, PEM. Throws before the first `refresh`. */
  readonly caBundle: string
  /** Brings authorities and certificate up to date, and resolves with the certificate to be shown from now on. */
  refresh(): Promise<KeyPair>
}

/** This replica's certificate, which only it has, and the authorities that all replicas share. */
export class ServingCertificate implements GatewayCertificate {
  readonly #options: Options
  #authorities: readonly KeyPair[] = []
  #current: { readonly certificate: KeyPair; readonly authority: KeyPair } | undefined

  constructor(options: Options) {
    this.#options = options
  }

  get caBundle(): string {
    if (this.#authorities.length === 0) throw new Error('the task gateway has not started: it has no authority yet')
    return bundle(this.#authorities)
  }

  async refresh(): Promise<KeyPair> {
    const { clock, names } = this.#options
    this.#authorities = await loadAuthorities(this.#options, this.#authorities)
    const now = clock.now()
    if (
      this.#current === undefined ||
      isDue(this.#current.certificate, now) ||
      !this.#isTrusted(this.#current.authority)
    ) {
      const authority = signer(this.#authorities, now)
      if (authority === undefined) throw new Error('no authority of the task gateway is valid now')
      const certificate = await issueServerCertificate(authority, names, { now, lifeMs: SERVER_LIFE_MS })
      this.#current = { certificate, authority }
    }
    return this.#current.certificate
  }

  /** Somebody who emptied the Secret wants new authorities: what the old ones signed is not shown any longer. */
  #isTrusted(authority: KeyPair): boolean {
    return this.#authorities.some(({ certificate }) => certificate === authority.certificate)
  }
}
