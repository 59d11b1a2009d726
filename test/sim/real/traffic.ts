import type { Random } from '../../../src/runtime/clock.ts'
import { live, type Surroundings } from './life.ts'

interface Parts {
  readonly world: Surroundings
  readonly random: Random
  readonly tenants: readonly string[]
}

const MOST_ROTATIONS = 3

/**
 * Credentials of several tenants that are created, rotated and deleted, one after the other, for as long as there is
 * something to show. Some are deleted in the midst of a rotation, and some stay for ever.
 */
export class Traffic {
  readonly #parts: Parts
  readonly #working: Promise<void>[] = []
  #stopped = false
  #begun = 0
  /** Lives that have come to their end. */
  lived = 0

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** So many lives go on at the same time. */
  start(lives: number): void {
    for (let worker = 0; worker < lives; worker++) this.#working.push(this.#work())
  }

  /** Begins no further life. Resolves when all have come to their end. */
  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#working)
  }

  /** One that makes no progress ends the world. */
  async #work(): Promise<void> {
    const { world } = this.#parts
    try {
      while (!this.#stopped && !world.isOver) await this.#live()
    } catch (error) {
      world.failures.push(error)
    }
  }

  async #live(): Promise<void> {
    const { random, tenants } = this.#parts
    this.#begun += 1
    const tenant = tenants[this.#begun % tenants.length] ?? ''
    const name = `life-${this.#begun}`
    const isNamesake = random() < 0.2
    await this.#from(tenant, name, !isNamesake && random() < 0.05)
    // A namesake has nothing to do with what it is called after.
    if (isNamesake) await this.#from(tenant, name, false)
    this.lived += 1
  }

  #from(tenant: string, name: string, stays: boolean): Promise<void> {
    const { random } = this.#parts
    const [rotations, isHasty] = [Math.floor(random() * (MOST_ROTATIONS + 1)), random() < 0.2]
    return live(this.#parts.world, { tenant, name }, { rotations, isHasty, stays })
  }
}
