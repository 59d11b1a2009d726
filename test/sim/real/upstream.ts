import { setTimeout as sleep } from 'node:timers/promises'
import { CredentialsExistError, ProviderError } from '../../../src/provider-kit/provider.ts'
import type { Actor, UpstreamChange } from '../observe/facts.ts'

interface Ports {
  readonly meet: (place: string) => string | undefined
  /** Resolves when the fact has its place among the others. */
  readonly tell: (fact: UpstreamChange) => Promise<void>
}

const SLOW_MS = 5_000

/** The system that credentials give access to, and the truth about which exist. What a run makes is named after its task. */
export class Upstream {
  readonly #ports: Ports
  readonly #origins = new Map<string, string>()

  constructor(ports: Ports) {
    this.#ports = ports
  }

  create(originTaskId: string, by: Actor): Promise<string> {
    return this.#call('upstream:create', async () => {
      const credentialsId = `cred-${originTaskId}`
      if (this.#origins.has(credentialsId)) throw new CredentialsExistError(`${credentialsId} exists`)
      this.#origins.set(credentialsId, originTaskId)
      await this.#ports.tell({ kind: 'upstream', type: 'created', credentialsId, originTaskId, by })
      return credentialsId
    })
  }

  delete(credentialsId: string, by: Actor): Promise<void> {
    return this.#call('upstream:delete', async () => {
      const originTaskId = this.#origins.get(credentialsId)
      if (originTaskId === undefined) return
      this.#origins.delete(credentialsId)
      await this.#ports.tell({ kind: 'upstream', type: 'deleted', credentialsId, originTaskId, by })
    })
  }

  find(originTaskId: string): Promise<readonly string[]> {
    return this.#call('upstream:find', () =>
      Promise.resolve([...this.#origins].filter(([, origin]) => origin === originTaskId).map(([id]) => id)),
    )
  }

  async #call<T>(place: string, effect: () => Promise<T>): Promise<T> {
    const fault = this.#ports.meet(place)
    if (fault === 'down') throw new Error('the upstream cannot be reached')
    if (fault === 'refuse') throw new ProviderError('Refused', 'The upstream said no.')
    const value = await effect()
    if (fault === 'slow') await sleep(SLOW_MS)
    if (fault === 'lost') throw new Error('the upstream did not answer')
    return value
  }
}
