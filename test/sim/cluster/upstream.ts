import { CredentialsExistError, ProviderError } from '../../../src/provider-kit/provider.ts'
import type { Actor } from '../observe/facts.ts'
import { BY_HAND } from '../observe/state.ts'
import type { World } from './world.ts'

/** Milliseconds from a call to its effect, and from there to its answer. */
const EFFECT_MS = 15
const ANSWER_MS = 15

/** How far a list by tag may be behind. */
export const LIST_LAG_MS = 5_000
/** A slow answer, and one that does not come before the run is over. */
const SLOW_MS = 60_000
const NEVER_MS = 86_400_000

/**
 * `named`: what a run makes bears a name that derives from the task ID, so that it can be found and is never made twice.
 * `tagged`: the system invents the name, and its list, by a tag that holds the task ID, shows a credential after a while.
 * `opaque`: the system invents the name, and only its answer tells.
 */
export type UpstreamClass = 'named' | 'tagged' | 'opaque'

type Call = 'upstream:create' | 'upstream:delete' | 'upstream:find'

/** The system that credentials give access to, and the truth about which exist. */
export class Upstream {
  readonly #world: World
  /** What exists, by credentials ID. */
  readonly ledger = new Map<string, { readonly originTaskId: string; readonly at: number }>()
  readonly #listeners: (() => void)[] = []
  #made = 0

  constructor(world: World) {
    this.#world = world
  }

  /** The listener hears of each deletion as it takes effect. */
  onDeletion(listener: () => void): void {
    this.#listeners.push(listener)
  }

  /** Whether somebody who knows this password gets in. */
  admits(password: string): boolean {
    return [...this.ledger.keys()].some((credentialsId) => passwordOf(credentialsId) === password)
  }

  /** Resolves to the credentials ID; rejects with `CredentialsExistError` where the name is taken. */
  create(kind: UpstreamClass, originTaskId: string, by: Actor): Promise<string> {
    return this.#call('upstream:create', () => {
      this.#made += 1
      const credentialsId = kind === 'named' ? `cred-${originTaskId}` : opaqueId(this.#made)
      if (this.ledger.has(credentialsId)) throw new CredentialsExistError(`${credentialsId} exists`)
      this.ledger.set(credentialsId, { originTaskId, at: this.#world.scheduler.now() })
      this.#world.tell({ kind: 'upstream', type: 'created', credentialsId, originTaskId, by })
      return credentialsId
    })
  }

  /** What people have made for themselves. */
  createByHand(credentialsId: string): void {
    this.ledger.set(credentialsId, { originTaskId: BY_HAND, at: this.#world.scheduler.now() })
    this.#world.tell({
      kind: 'upstream',
      type: 'created',
      credentialsId,
      originTaskId: BY_HAND,
      by: 'a person upstream',
    })
  }

  /** What a person finds who looks for what a run has made. */
  deleteByHand(runTaskId: string): void {
    for (const [credentialsId, { originTaskId }] of this.ledger)
      if (originTaskId === runTaskId) this.#remove(credentialsId, 'a person upstream')
  }

  /** Resolves to whether there was anything to delete. */
  delete(credentialsId: string, by: Actor): Promise<boolean> {
    return this.#call('upstream:delete', (fault) => {
      if (fault === 'gone') this.#remove(credentialsId, 'a person upstream')
      return this.#remove(credentialsId, by)
    })
  }

  /** Resolves to the IDs of what the create run made and still exists, as far as a list shows it. */
  find(kind: UpstreamClass, originTaskId: string): Promise<readonly string[]> {
    return this.#call('upstream:find', () => {
      const shownSince = this.#world.scheduler.now() - (kind === 'tagged' ? LIST_LAG_MS : 0)
      return [...this.ledger]
        .filter(([, made]) => made.originTaskId === originTaskId && made.at <= shownSince)
        .map(([credentialsId]) => credentialsId)
    })
  }

  #remove(credentialsId: string, by: Actor): boolean {
    const there = this.ledger.get(credentialsId)
    if (!there) return false
    this.ledger.delete(credentialsId)
    this.#world.tell({ kind: 'upstream', type: 'deleted', credentialsId, originTaskId: there.originTaskId, by })
    for (const tell of this.#listeners) tell()
    return true
  }

  /** A call is two events, its effect and its answer. */
  #call<T>(where: Call, effect: (fault: string | undefined) => T): Promise<T> {
    const { scheduler, place } = this.#world
    return new Promise((resolve, reject) => {
      scheduler.after(EFFECT_MS, where, () => {
        const fault = place(where)
        const settle = outcomeOf(fault, effect)
        scheduler.after(ANSWERS_MS[fault ?? ''] ?? ANSWER_MS, `${where} answered`, () => {
          settle(resolve, reject)
        })
      })
    })
  }
}

const ANSWERS_MS: Readonly<Record<string, number>> = { slow: SLOW_MS, hang: NEVER_MS }

export const passwordOf = (credentialsId: string): string => `canary-${credentialsId}-finch`

/** Looks random, and is never the same twice: an odd factor permutes the 32-bit numbers. */
const opaqueId = (n: number): string => (Math.imul(n, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0')

type Settle<T> = (resolve: (value: T) => void, reject: (error: Error) => void) => void

/** Has the effect, as far as `fault` lets it, and tells how the call is going to end. */
function outcomeOf<T>(fault: string | undefined, effect: (fault: string | undefined) => T): Settle<T> {
  const failing = (error: unknown) => (_: unknown, reject: (error: Error) => void) => {
    reject(error as Error)
  }
  if (fault === 'down') return failing(new Error('the upstream cannot be reached'))
  if (fault === 'refuse') return failing(new ProviderError('Refused', 'The upstream said no.'))
  try {
    const value = effect(fault)
    if (fault === 'lost') return failing(new Error('the upstream did not answer'))
    return (resolve) => {
      resolve(value)
    }
  } catch (error) {
    return failing(fault === 'lost' ? new Error('the upstream did not answer') : error)
  }
}
