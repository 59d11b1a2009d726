import { CredentialsExistError, ProviderError } from '../../../src/provider-kit/provider.ts'
import type { Actor } from '../observe/facts.ts'
import type { World } from './world.ts'

/** Milliseconds from a call to its effect, and from there to its answer. */
const EFFECT_MS = 15
const ANSWER_MS = 15

/**
 * `named`: what a run makes bears a name that derives from the task ID, so that it can be found and is never made twice.
 * `opaque`: the system invents the name, and only its answer tells.
 */
export type UpstreamClass = 'named' | 'opaque'

type Call = 'upstream:create' | 'upstream:delete' | 'upstream:find'

/** The system that credentials give access to, and the truth about which exist. */
export class Upstream {
  readonly #world: World
  /** What exists, by credentials ID. */
  readonly ledger = new Map<string, { readonly originTaskId: string }>()
  #made = 0

  constructor(world: World) {
    this.#world = world
  }

  /** Resolves to the credentials ID; rejects with `CredentialsExistError` where the name is taken. */
  create(kind: UpstreamClass, originTaskId: string, by: Actor): Promise<string> {
    return this.#call('upstream:create', () => {
      this.#made += 1
      const credentialsId = kind === 'named' ? `cred-${originTaskId}` : opaqueId(this.#made)
      if (this.ledger.has(credentialsId)) throw new CredentialsExistError(`${credentialsId} exists`)
      this.ledger.set(credentialsId, { originTaskId })
      this.#world.tell({ kind: 'upstream', type: 'created', credentialsId, originTaskId, by })
      return credentialsId
    })
  }

  /** Resolves to whether there was anything to delete. */
  delete(credentialsId: string, by: Actor): Promise<boolean> {
    return this.#call('upstream:delete', () => {
      const there = this.ledger.get(credentialsId)
      if (!there) return false
      this.ledger.delete(credentialsId)
      this.#world.tell({ kind: 'upstream', type: 'deleted', credentialsId, originTaskId: there.originTaskId, by })
      return true
    })
  }

  /** Resolves to the IDs of what the create run made and still exists. */
  find(originTaskId: string): Promise<readonly string[]> {
    return this.#call('upstream:find', () =>
      [...this.ledger].filter(([, made]) => made.originTaskId === originTaskId).map(([credentialsId]) => credentialsId),
    )
  }

  /** A call is two events, its effect and its answer. */
  #call<T>(where: Call, effect: () => T): Promise<T> {
    const { scheduler, place } = this.#world
    return new Promise((resolve, reject) => {
      scheduler.after(EFFECT_MS, where, () => {
        const settle = outcomeOf(place(where), effect)
        scheduler.after(ANSWER_MS, `${where} answered`, () => {
          settle(resolve, reject)
        })
      })
    })
  }
}

export const passwordOf = (credentialsId: string): string => `canary-${credentialsId}`

/** Looks random, and is never the same twice: an odd factor permutes the 32-bit numbers. */
const opaqueId = (n: number): string => (Math.imul(n, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0')

type Settle<T> = (resolve: (value: T) => void, reject: (error: Error) => void) => void

/** Has the effect, as far as `fault` lets it, and tells how the call is going to end. */
function outcomeOf<T>(fault: string | undefined, effect: () => T): Settle<T> {
  const failing = (error: unknown) => (_: unknown, reject: (error: Error) => void) => {
    reject(error as Error)
  }
  if (fault === 'down') return failing(new Error('the upstream cannot be reached'))
  if (fault === 'refuse') return failing(new ProviderError('Refused', 'The upstream said no.'))
  try {
    const value = effect()
    if (fault === 'lost') return failing(new Error('the upstream did not answer'))
    return (resolve) => {
      resolve(value)
    }
  } catch (error) {
    return failing(fault === 'lost' ? new Error('the upstream did not answer') : error)
  }
}
