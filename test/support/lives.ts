import { vi } from 'vitest'
import type { CustomCredential, CustomCredentialStatus } from '../../src/api/generated.ts'
import { label } from '../../src/api/labels.ts'
import type { Consumer } from './consumer.ts'
import type { OperatorProcess } from './operator-process.ts'
import type { Stage } from './stage.ts'
import type { Tenant } from './tenant.ts'
import { idOf } from './upstream.ts'
import { WritePoints } from './write-points.ts'
import type { Fate, Write, WriteProxy } from './write-proxy.ts'

/** The operator is killed right before or right after the write `point` of a life. */
export interface Death {
  readonly point: string
  readonly fate: Exclude<Fate, 'pass'>
}

interface Parts {
  readonly proxy: WriteProxy
  readonly stage: Stage
  readonly tenant: Tenant
  readonly consumer: Consumer
}

/** Lives that go on at the same time: while the operator starts again for one of them, the others have come further. */
const AT_ONCE = 15

/** Deaths that a life has in store. */
const DEATHS_EACH = 3

/** An earlier death, or another life's, may make a life skip the write at which it was to die: then a further life tries. */
const TRIES = 3

const PATIENCE = { timeout: 600_000, interval: 200 }

/**
 * Credentials that are created, rotated twice and deleted, in lives during which the operator is killed at writes that
 * were chosen for each. A new process takes over at once, as the restarted container of a pod does.
 */
export class Lives implements AsyncDisposable {
  readonly #parts: Parts
  readonly #points = new WritePoints()
  readonly #written = new Map<string, string[]>()
  readonly #awaited = new Map<string, Death[]>()
  #spare: Promise<OperatorProcess>
  #restarting: Promise<void> | undefined
  #board = new Map<string, CustomCredential>()
  #ended = false
  readonly #watching: Promise<void>
  /** Deaths that were met. */
  met = 0
  /** Attempts of the task that needed most of them. */
  mostAttempts = 0
  /** Credentials that were deleted upstream while consumers were shown them. */
  readonly pulled: string[] = []

  constructor(parts: Parts) {
    const { proxy, stage, tenant, consumer } = parts
    this.#parts = parts
    this.#spare = stage.start({ held: true })
    this.#watching = this.#watch()
    proxy.judge = (write) => this.#judge(write)
    proxy.cut = () => {
      this.#restarting ??= this.#restart().finally(() => (this.#restarting = undefined))
    }
    tenant.play((run) => {
      const { SM_ACTION, SM_SECRET_NAME = '', SM_CREDENTIALS_ID, SM_ORIGIN_TASK_ID } = run.env
      const id = SM_CREDENTIALS_ID ?? idOf(SM_ORIGIN_TASK_ID)
      const inUse = !consumer.ending.has(SM_SECRET_NAME) && consumer.shows(SM_SECRET_NAME) === id
      if (SM_ACTION === 'delete_credentials' && inUse) this.pulled.push(id)
      return stage.upstream.honest(run)
    })
  }

  /** A life without a death; resolves with the names of its writes. */
  async record(name: string): Promise<readonly string[]> {
    await this.#live(name)
    return this.#written.get(name) ?? []
  }

  /** Lives until all deaths have been met. Resolves with those that never were. */
  async dieAll(deaths: readonly Death[]): Promise<readonly Death[]> {
    const waiting = mixed(deaths)
    const tries = new Map<Death, number>()
    const missed: Death[] = []
    let count = 0
    const work = async () => {
      for (let next = waiting.splice(0, DEATHS_EACH); next.length > 0; next = waiting.splice(0, DEATHS_EACH)) {
        const name = `life-${(count += 1)}`
        this.#awaited.set(name, next)
        await this.#live(name)
        for (const death of this.#awaited.get(name) ?? []) {
          const tried = (tries.get(death) ?? 0) + 1
          tries.set(death, tried)
          const list = tried < TRIES ? waiting : missed
          list.push(death)
        }
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, work))
    return missed
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true
    await this.#watching
    await this.#restarting
  }

  async #live(name: string): Promise<void> {
    const { tenant, consumer } = this.#parts
    await tenant.credential(name)
    await this.#until(name, ({ currentVersion }) => currentVersion === 1)
    await tenant.rotate(name, 'once')
    await this.#until(name, ({ currentVersion }) => currentVersion === 2)
    await tenant.rotate(name, 'twice')
    await this.#until(name, ({ currentVersion }) => currentVersion === 3)
    await this.#until(name, ({ versions = [], unresolved = [] }) => versions.length === 2 && unresolved.length === 0)
    consumer.ending.add(name)
    await tenant.remove(name)
    await vi.waitUntil(() => !this.#board.has(name), PATIENCE)
    await this.#clear(name)
  }

  /** The Jobs of a life that is over: what they keep of it would only weigh on the lives to come. */
  async #clear(name: string): Promise<void> {
    const { stage, tenant } = this.#parts
    const selector = `labelSelector=${encodeURIComponent(`${label.credential}=${name}`)}`
    await stage.ask('DELETE', `${tenant.jobs()}?${selector}`, { body: { propagationPolicy: 'Background' } })
  }

  async #until(name: string, isSo: (status: CustomCredentialStatus) => boolean): Promise<void> {
    const holds = () => {
      const credential = this.#board.get(name)
      return credential !== undefined && isSo(credential.status)
    }
    await vi.waitUntil(holds, PATIENCE)
  }

  async #watch(): Promise<void> {
    const { stage, tenant } = this.#parts
    while (!this.#ended) {
      const { body } = await stage.ask('GET', `${tenant.ours('customcredentials')}?resourceVersion=0`)
      const items = body['items'] as readonly CustomCredential[]
      this.#board = new Map(items.map((credential) => [credential.metadata.name, credential]))
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }

  #judge(write: Write): Fate {
    const point = this.#points.of(write)
    if (point === undefined) return 'pass'
    const { attempt = 0 } = (write.body as { spec?: { attempt?: number } } | undefined)?.spec ?? {}
    this.mostAttempts = Math.max(this.mostAttempts, attempt)
    this.#written.set(point.credential, [...(this.#written.get(point.credential) ?? []), point.name])
    const awaited = this.#awaited.get(point.credential) ?? []
    const death = awaited.find((one) => one.point === point.name)
    if (death === undefined) return 'pass'
    awaited.splice(awaited.indexOf(death), 1)
    this.met += 1
    return death.fate
  }

  async #restart(): Promise<void> {
    const { stage } = this.#parts
    await stage.operator.end('SIGKILL')
    stage.operator = await this.#spare
    stage.operator.release()
    this.#spare = stage.start({ held: true })
  }
}

/** Early and late deaths by turns, so that some life is always about to meet its own. */
const mixed = <T>(all: readonly T[]): T[] =>
  [0, 1, 2, 3, 4, 5, 6].flatMap((turn) => all.filter((_, index) => index % 7 === turn))
