import { setTimeout as sleep } from 'node:timers/promises'
import type { CustomCredential } from '../../../src/api/generated.ts'
import { CustomCredentials } from '../../../src/api/resources.ts'
import type { Random } from '../../../src/runtime/clock.ts'
import type { Judge } from './judge.ts'
import type { People } from './people.ts'

interface Parts {
  readonly people: People
  /** Knows what the observer has seen so far. */
  readonly judge: Judge
  readonly random: Random
  readonly tenants: readonly string[]
}

const POLL_MS = 50
/** An hour: while the operator dies every second, some lives starve. */
const MOST_POLLS = 72_000
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

  async #work(): Promise<void> {
    while (!this.#stopped && !this.#parts.judge.isBroken) await this.#live()
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

  /** From its creation to its deletion, or to its last version where it stays. */
  async #from(tenant: string, name: string, stays: boolean): Promise<void> {
    const { people, judge, random } = this.#parts
    const read = () => judge.state.all(CustomCredentials).get(`${tenant}/${name}`)
    const [rotations, isHasty] = [Math.floor(random() * (MOST_ROTATIONS + 1)), random() < 0.2]
    await people.create(tenant, name)
    await this.#until(`${name} is delivered`, () => delivered(read()) >= 1)
    for (let version = 2; version <= rotations + 1; version++) {
      await people.rotate(tenant, name, `request-${version}`)
      if (isHasty && !stays && version === rotations + 1) break
      await this.#until(`version ${version} of ${name} is delivered`, () => delivered(read()) >= version)
    }
    if (stays) return
    await people.remove(tenant, name)
    await this.#until(`${name} is gone`, () => read() === undefined)
    await people.clear(tenant, name)
  }

  /** Where a rule is broken, nobody waits for anything any more. */
  async #until(what: string, isSo: () => boolean): Promise<void> {
    for (let poll = 0; !isSo() && !this.#parts.judge.isBroken; poll++) {
      if (poll > MOST_POLLS) throw new Error(`not so in all that time: ${what}`)
      await sleep(POLL_MS)
    }
  }
}

/** The newest version that consumers have been given; 0 for none. */
const delivered = (credential: CustomCredential | undefined): number =>
  Math.max(
    0,
    ...(credential?.status.versions ?? []).flatMap(({ version, deliveredAt }) => (deliveredAt ? [version] : [])),
  )
