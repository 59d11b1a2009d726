import { execFile } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { ObjectMeta } from '../../../src/api/meta.ts'
import type { ApiCluster } from '../../cluster/index.ts'
import { freePort } from '../../cluster/host/ports.ts'
import { asker } from '../../support/ask.ts'
import { Kubelet } from '../../support/kubelet.ts'
import type { Fact } from '../observe/facts.ts'
import { Places } from '../places.ts'
import { addressOf, Authors } from './authors.ts'
import { Consumers } from './consumers.ts'
import { kitContainer } from './containers.ts'
import { Etcd } from './etcd.ts'
import { type Broken, Judge } from './judge.ts'
import { factsOfLog } from './log.ts'
import { People, persistent } from './people.ts'
import type { Effect, Passing } from './proxy.ts'
import { Replica } from './replica.ts'
import { isWrite } from './request.ts'
import { Service } from './service.ts'
import { storedChange } from './stored.ts'
import { Timeline } from './timeline.ts'
import { Upstream } from './upstream.ts'

export interface RealWorldOptions {
  /** Started as `readable`. */
  readonly cluster: ApiCluster
  /** Told every fact and its number, from 1, after it has been judged. */
  readonly onFact?: (fact: Fact, count: number) => void
  /** How long a life may make no progress. */
  readonly patienceSeconds?: number
}

const PATIENCE_SECONDS = 3600

/** Decides about a write of the operator before the plan does; undefined leaves it to the plan. */
export type Verdict = (request: Passing, replica: Replica) => string | undefined

/**
 * A real control plane with processes of the production operator in it, and an observer that makes facts of all that
 * happens there. Nodes, containers and the upstream system are played by this process.
 */
export class RealWorld implements AsyncDisposable {
  readonly cluster: ApiCluster
  readonly judge = new Judge()
  readonly people: People
  readonly patienceSeconds: number
  readonly replicas: Replica[] = []
  /** The faults that are planned from now on. */
  places = new Places([])
  onWrite: Verdict = () => undefined
  readonly #etcd: Etcd
  readonly #timeline: Timeline
  readonly #authors = new Authors()
  readonly #consumers = new Consumers(this.judge.state)
  readonly #service: Service
  readonly #kubelet: Kubelet

  private constructor(options: RealWorldOptions, etcd: Etcd, revision: number, service: Service) {
    const { cluster, onFact } = options
    const ask = asker(cluster)
    this.cluster = cluster
    this.patienceSeconds = options.patienceSeconds ?? PATIENCE_SECONDS
    this.#etcd = etcd
    this.#service = service
    this.people = new People(ask)
    this.#timeline = new Timeline(revision, {
      revision: () => etcd.revision(),
      tell: (fact) => {
        for (const next of [fact, ...this.#consumers.after(fact)]) {
          this.judge.take(next)
          onFact?.(next, this.judge.facts)
        }
      },
    })
    etcd.watch(revision, (changes) => {
      const entries = changes.map((change) => ({
        revision: change.revision,
        fact: (): Fact | undefined => {
          const stored = storedChange(change)
          return stored && { kind: 'object', by: this.#authors.of(stored), ...stored }
        },
      }))
      this.#timeline.take(entries, changes.at(-1)?.revision ?? 0)
    })
    const { meet } = this
    const tell = (fact: Fact) => this.#timeline.tell(fact)
    const upstream = new Upstream({ meet, tell })
    const gatewayPort = Number(new URL(service.url).port)
    this.#kubelet = new Kubelet(persistent(ask), kitContainer({ upstream, meet, tell, gatewayPort }))
  }

  /** The planned fault that strikes at a place, if any does. */
  readonly meet = (place: string): string | undefined => {
    const fault = this.places.meet(place)
    if (fault !== undefined) this.strikes(fault, place)
    return fault
  }

  /** Says that something goes wrong on purpose: what is to happen in time counts from there. */
  strikes(fault: string, place: string): void {
    this.#timeline.note({ kind: 'fault', fault, place })
  }

  /** Installs the operator's kinds and roles, and starts its first process. */
  static async open(options: RealWorldOptions): Promise<RealWorld> {
    await install(options.cluster)
    const etcd = new Etcd(options.cluster.etcdUrl)
    const world = new RealWorld(options, etcd, await etcd.revision(), await Service.open())
    await world.#kubelet.start()
    await world.addReplica()
    return world
  }

  /** Starts a replica of the operator beside those that are there. */
  async addReplica(): Promise<Replica> {
    const late: { replica?: Replica } = {}
    const name = `operator-${this.replicas.length + 1}`
    late.replica = await Replica.start({
      name,
      cluster: this.cluster,
      ask: persistent(asker(this.cluster)),
      gatewayPort: await freePort(),
      gatewayUrl: this.#service.url,
      ports: {
        meet: (place, request) => {
          const verdict = late.replica && isWrite(request) ? this.onWrite(request, late.replica) : undefined
          if (verdict === undefined) return this.meet(place)
          this.strikes(verdict, place)
          return verdict
        },
        touch: ({ path }) => this.people.touch(path),
        sent: (request) => this.#sent(request, name),
      },
      wrote: (log) => {
        for (const fact of factsOfLog(log, name)) this.#timeline.note(fact)
      },
    })
    this.replicas.push(late.replica)
    this.#service.route(this.replicas.map(({ options }) => options.gatewayPort))
    return late.replica
  }

  /** Resolves with what is not at rest although the world has had all the time it needs; nothing where all is well. */
  async rest(seconds: number): Promise<readonly Broken[]> {
    if (this.isOver) return []
    for (let second = 0; second < seconds && this.judge.unrest().length > 0; second++) await sleep(1000)
    // What follows from the last of it has its time, too.
    await sleep(1000)
    return this.judge.unrest()
  }

  /** The replica that holds the lease. */
  get leader(): Replica | undefined {
    return this.replicas.find(({ name }) => name === this.judge.state.leader)
  }

  /** Processes of the operator that were killed. */
  get killed(): number {
    return this.replicas.reduce((sum, { kills }) => sum + kills, 0)
  }

  /** Nothing more is to be learned here: a rule was broken, or what plays nodes and people has failed itself. */
  get isOver(): boolean {
    return this.judge.isBroken || this.failures.length > 0
  }

  /** Errors of what plays nodes and people: a world that ends with any has shown nothing. */
  get failures(): unknown[] {
    return this.#kubelet.failures
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const replica of this.replicas) await replica[Symbol.asyncDispose]()
    await this.#kubelet[Symbol.asyncDispose]()
    await this.#service[Symbol.asyncDispose]()
    await this.#etcd.close()
  }

  /** Until the answer is there, nothing is told that may come from this write: only the answer says that it does. */
  #sent(request: Passing, by: string): (effect: Effect) => void {
    const { verb, plural, subresource, namespace, name } = request
    if (!isWrite(request)) return () => undefined
    const release = this.#timeline.hold()
    const call = `${verb} ${plural}${subresource === undefined ? '' : `/${subresource}`}`
    this.#timeline.note({ kind: 'sent', by, call, name, ...(namespace !== undefined && { namespace }) })
    return (effect) => {
      this.#attribute(addressOf(plural, namespace, name), by, effect, verb === 'delete')
      release()
    }
  }

  #attribute(address: string, by: string, effect: Effect, isRemoval: boolean): void {
    if (effect === 'unknown') {
      this.#authors.mayHaveWritten(address, by)
      return
    }
    if (effect.status >= 300) return
    const { metadata = {} } = JSON.parse(effect.body) as { metadata?: Partial<ObjectMeta> }
    if (metadata.resourceVersion !== undefined) this.#authors.wrote(Number(metadata.resourceVersion), by)
    const wasLastFinalizer = metadata.deletionTimestamp !== undefined && (metadata.finalizers ?? []).length === 0
    if (isRemoval || wasLastFinalizer) this.#authors.removed(address, by)
  }
}

const BASE = `${import.meta.dirname}/../../../deploy/base`

async function install({ kubectlPath, kubeconfigPath }: ApiCluster): Promise<void> {
  const kubectl = (...args: readonly string[]) =>
    promisify(execFile)(kubectlPath, ['--kubeconfig', kubeconfigPath, ...args])
  await kubectl('apply', '--server-side', '--force-conflicts', '-k', BASE)
  await kubectl('wait', '--for=condition=Established', 'crd', '-l', 'app.kubernetes.io/part-of=custom-credentials')
}
