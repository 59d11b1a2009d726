import type { Key } from '../../src/api/meta.ts'
import { ApiServer } from './api-server/api-server.ts'
import { Cluster } from './cluster/cluster.ts'
import { strike } from './disturbances.ts'
import type { Fact } from './observe/facts.ts'
import { gatewayRoute } from './operator/gateway-route.ts'
import { CUSTODY, type OperatorProcess, REVOCATION, startOperator } from './operator/operator-process.ts'
import { View } from './operator/view.ts'
import { Weather } from './operator/weather.ts'
import { People, type ProviderSetting } from './people.ts'
import { Places, type PlannedFault } from './places.ts'
import { seeded } from './random.ts'
import { Scheduler } from './scheduler.ts'
import { standingOf } from './standing.ts'

export const START = Date.UTC(2026, 0, 1)

/** How long a node takes to start a container anew whose process has ended. */
const RESTART_MS = 2_000

/** What a process finds when it starts: its node's clock, and an API server that may be behind. */
export interface Conditions {
  readonly skewMs?: number
  /** The revision at which that API server has stopped to follow. */
  readonly frozenAt?: number
}

/** How long an API server that has stopped to follow takes to catch up. */
export const FROZEN_MS = 60_000

interface WorldOptions {
  readonly seed: number
  readonly faults: readonly PlannedFault[]
  readonly provider?: ProviderSetting | undefined
  readonly replicas?: number | undefined
}

/** A cluster with the operator in it, two teams and an upstream system, in virtual time. */
export class World {
  readonly scheduler = new Scheduler(START)
  readonly server = new ApiServer({ now: this.scheduler.now })
  readonly people = new People(this.server)
  readonly places: Places
  readonly cluster: Cluster
  /** Every process of the operator that was ever started; the last one is the newest. */
  readonly processes: OperatorProcess[] = []
  /** When the last object has changed, leases and events aside. */
  changedAt = START
  readonly weather = new Weather(this.scheduler)
  /** What the next process to be started finds. */
  conditions: Conditions = {}
  readonly #latency: () => number
  readonly #listeners: ((fact: Fact) => void)[] = []
  readonly #seed: number
  readonly #provider: ProviderSetting | undefined
  readonly #replicas: number

  constructor({ seed, faults, provider, replicas = 1 }: WorldOptions) {
    this.#seed = seed
    this.#provider = provider
    this.#replicas = replicas
    this.#latency = latencies(seed)
    this.places = new Places(faults)
    const { scheduler, server } = this
    const meet = this.places.meet
    server.subscribe((change) => {
      this.tell(change)
      if (change.resource.plural === 'leases' || change.resource.plural === 'events') return
      this.changedAt = scheduler.now()
      const { resource, type, object } = change
      const disturbance = meet('change', `${resource.plural} ${type} ${standingOf(resource.plural, object)}`)
      if (disturbance !== undefined) {
        scheduler.after(0, disturbance, () => {
          strike(this, disturbance, change)
        })
      }
    })
    const route = { scheduler, meet, latency: this.#latency, processes: () => this.processes }
    this.cluster = new Cluster({
      server,
      scheduler,
      tell: this.tell,
      place: meet,
      gateway: gatewayRoute(route),
      clockIsRight: () => !this.places.met.some(({ fault }) => /clock/.test(fault)),
    })
  }

  tell = (fact: Fact): void => {
    for (const listener of this.#listeners) listener(fact)
  }

  onFact(listener: (fact: Fact) => void): void {
    this.#listeners.push(listener)
  }

  /** What is there before the first step. */
  open(): void {
    for (const namespace of [CUSTODY, REVOCATION, 'team-a', 'team-b']) this.people.createNamespace(namespace)
    for (const namespace of ['team-a', 'team-b']) this.createProvider(namespace)
    for (let n = 0; n < this.#replicas; n++) this.start()
  }

  createProvider(namespace: string, name?: string): void {
    this.people.createProvider(namespace, this.#provider, name)
  }

  /** Starts a process of the operator; where it ends, another takes its place. */
  start(): void {
    const { scheduler, server, weather, tell } = this
    const { skewMs = 0, frozenAt } = this.conditions
    this.conditions = {}
    const name = `operator-${this.processes.length + 1}`
    const view = new View(server, scheduler)
    if (frozenAt !== undefined) view.freeze(frozenAt, FROZEN_MS)
    const { meet } = this.places
    const connection = { name, server, scheduler, view, weather, tell, meet, latency: this.#latency }
    const process = startOperator(connection, { seed: this.#seed + this.processes.length, skewMs })
    this.processes.push(process)
    process.life.onEnd(() => {
      scheduler.after(RESTART_MS, 'restart', () => {
        this.start()
      })
    })
  }

  leader(): OperatorProcess | undefined {
    return this.processes.find(({ life, operator }) => life.alive && operator.leading())
  }

  /** Somebody does what nobody should: rules that depend on it are told. */
  hostile(act: string, key: Key): void {
    this.tell({ kind: 'hostile', act: `${act} ${key.namespace ?? ''}/${key.name}` })
  }
}

/** Calm, every way takes a millisecond. Else most are quick, some take a moment, and a few take seconds. */
function latencies(seed: number): () => number {
  if (seed === 0) return () => 1
  const random = seeded(seed)
  return () => {
    const kind = random()
    if (kind < 0.85) return Math.ceil(random() * 10)
    return Math.ceil(random() * (kind < 0.98 ? 300 : 4_000))
  }
}
