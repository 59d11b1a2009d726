import type { Key } from '../../src/api/meta.ts'
import { ApiServer } from './api-server/api-server.ts'
import { Cluster } from './cluster/cluster.ts'
import { strike } from './disturbances.ts'
import type { Fact } from './observe/facts.ts'
import { gatewayRoute } from './operator/gateway-route.ts'
import { CUSTODY, type OperatorProcess, REVOCATION, startOperator } from './operator/operator-process.ts'
import { People } from './people.ts'
import { Places, type PlannedFault } from './places.ts'
import { seeded } from './random.ts'
import { Scheduler } from './scheduler.ts'

export const START = Date.UTC(2026, 0, 1)

/** How long a node takes to start a container anew whose process has ended. */
const RESTART_MS = 2_000

/** A cluster with the operator in it, two teams and an upstream system, in virtual time. */
export class World {
  readonly scheduler = new Scheduler(START)
  readonly server = new ApiServer({ now: this.scheduler.now })
  readonly people = new People(this.server)
  readonly places: Places
  readonly cluster: Cluster
  /** Every process of the operator that was ever started; the last one is the newest. */
  readonly processes: OperatorProcess[] = []
  readonly #latency: () => number
  readonly #listeners: ((fact: Fact) => void)[] = []
  readonly #seed: number

  constructor({ seed, faults }: { readonly seed: number; readonly faults: readonly PlannedFault[] }) {
    this.#seed = seed
    this.#latency = latencies(seed)
    this.places = new Places(faults)
    const { scheduler, server } = this
    const meet = this.places.meet
    const route = { scheduler, meet, latency: this.#latency, processes: () => this.processes }
    this.cluster = new Cluster({ server, scheduler, tell: this.tell, place: meet, gateway: gatewayRoute(route) })
    server.subscribe((change) => {
      this.tell(change)
      if (change.resource.plural === 'leases' || change.resource.plural === 'events') return
      const disturbance = meet('change')
      if (disturbance !== undefined) {
        scheduler.after(0, disturbance, () => {
          strike(this, disturbance, change)
        })
      }
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
    for (const namespace of ['team-a', 'team-b']) this.people.createProvider(namespace, ['find'])
    this.start()
  }

  /** Starts a process of the operator; where it ends, another takes its place. */
  start(): void {
    const { scheduler, server, tell } = this
    const name = `operator-${this.processes.length + 1}`
    const connection = { name, server, scheduler, tell, meet: this.places.meet, latency: this.#latency }
    const process = startOperator(connection, this.#seed + this.processes.length)
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
