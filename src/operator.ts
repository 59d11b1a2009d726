import type { SecretTask } from './api/generated.ts'
import type { Key } from './api/meta.ts'
import { Secrets } from './api/resources.ts'
import { type Caches, createCaches } from './caches.ts'
import type { Config } from './config.ts'
import * as providers from './credentials-provider/controller.ts'
import { pinned } from './credentials-provider/pinned.ts'
import * as credentials from './custom-credential/controller.ts'
import { readKit } from './custody/kit.ts'
import { HandOff } from './custody/hand-off.ts'
import { createGateway, type Gateway } from './gateway/gateway.ts'
import type { GatewayCertificate } from './gateway/serving-certificate.ts'
import { createEventRecorder } from './kube/events.ts'
import { fencedApi } from './kube/fence.ts'
import { createLeaderElector } from './kube/lease.ts'
import type { KubeApi } from './kube/port.ts'
import type { Metrics } from './observability/metrics.ts'
import { tellOfOrphans } from './orphaned-credential/chronicle.ts'
import * as orphans from './orphaned-credential/controller.ts'
import * as leftovers from './orphaned-credential/leftovers.ts'
import * as strays from './orphaned-credential/strays.ts'
import type { Clock, Random } from './runtime/clock.ts'
import { Controller, type Outcome } from './runtime/controller.ts'
import type { Logger } from './runtime/logger.ts'
import { runManager } from './runtime/manager.ts'
import * as tasks from './secret-task/controller.ts'
import { tellOfTasks } from './secret-task/chronicle.ts'
import { RunMemory } from './secret-task/run-memory.ts'
import { StrandedRuns } from './secret-task/stranded-runs.ts'
import { Throttle } from './secret-task/throttle.ts'

export interface OperatorPorts {
  readonly api: KubeApi
  /** Of the machine: for what processes, connections and runs take, and for dates that other programs read. */
  readonly clock: Clock
  /** Dates by which credentials live. The clock, but in trials. */
  readonly calendar: Clock
  readonly random: Random
  readonly logger: Logger
  readonly metrics: Metrics
  readonly certificate: GatewayCertificate
  readonly config: Pick<
    Config,
    'identity' | 'namespace' | 'revocationNamespace' | 'gateway' | 'leaseMs' | 'workers' | 'maxRunningTasks'
  >
}

export interface Operator {
  readonly caches: Caches
  readonly gateway: Gateway
  leading(): boolean
  /** Whether every cache still hears from the API server. One that does not for long is better started anew. */
  alive(): boolean
  /** Reconciles while it holds the lease. Resolves after `signal` has been aborted and the work in hand is done. */
  run(signal: AbortSignal): Promise<void>
}

/** Bookmarks come every minute; an API server may be away for a while. */
const SILENCE_MS = 15 * 60_000

/**
 * The operator without the process around it: everything that it touches comes in through ports.
 *
 *   CustomCredential ─► SecretTask ─► Job ─► pod ─► task gateway ─► custody ─► target Secret
 *   (custom-credential) (secret-task)        (provider kit) (gateway)          (custom-credential)
 */
export function createOperator(ports: OperatorPorts): Operator {
  const { api, clock, calendar, random, logger, metrics, certificate, config } = ports
  const custodyNamespace = config.namespace
  const { caches, informers } = createCaches(ports)
  const handOff = new HandOff(clock)
  const gateway = createGateway({
    api,
    // It dates the ends of tasks, which the versions that they have made take over.
    clock: calendar,
    random,
    logger,
    tasks: caches.tasks,
    pods: caches.pods,
    jobs: caches.jobs,
    custody: caches.secrets,
    custodyNamespace,
    certificate,
    outputSchema: (task) => outputSchema(ports, caches, task),
    // Only the leader delivers: elsewhere a payload would never be fetched.
    handOff: (taskId, data) => {
      if (elector.leading()) handOff.put(taskId, data)
    },
  })
  const elector = createLeaderElector({
    ...ports,
    namespace: config.namespace,
    name: 'custom-credentials-operator',
    identity: config.identity,
    leaseMs: config.leaseMs,
  })
  // A deposed leader's writes are refused here, before they are sent; the gateway's writes need no leader.
  const fenced = fencedApi(api, () => elector.leading())
  const events = createEventRecorder({
    ...ports,
    controller: 'customcredentials.dev/operator',
    instance: config.identity,
  })
  const memory = new RunMemory(clock)
  const stranded = new StrandedRuns(clock)
  const mayBegin = credentials.mayBeginFor({ caches, clock: calendar, custodyNamespace, stranded })
  const throttle = new Throttle({ clock: calendar, most: config.maxRunningTasks, mayBegin })
  const common = {
    api: fenced,
    caches,
    clock: calendar,
    events,
    custodyNamespace,
    revocationNamespace: config.revocationNamespace,
    memory,
    stranded,
    throttle,
    handedOff: (taskId: string) => handOff.take(taskId),
    gateway: () => ({ url: config.gateway.url, ca: gateway.caBundle() }),
  }
  const controller = (name: string, reconcile: (key: Key) => Promise<Outcome>) =>
    new Controller({
      name,
      reconcile,
      workers: config.workers,
      clock: calendar,
      random,
      logger,
      metrics: metrics.ofController(name),
    })
  const all = {
    credentials: controller('custom-credential', credentials.createReconciler(common)),
    tasks: controller('secret-task', tasks.createReconciler(common)),
    orphans: controller('orphaned-credential', orphans.createReconciler(common)),
    strays: controller('stray-job', strays.createReconciler(common)),
    leftSecrets: controller('leftover-secret', leftovers.createReconciler(common, leftovers.secretsOf(caches))),
    leftTasks: controller('leftover-task', leftovers.createReconciler(common, leftovers.tasksOf(caches))),
    providers: controller('credentials-provider', providers.createReconciler(common, 'CredentialsProvider')),
    clusterProviders: controller(
      'cluster-credentials-provider',
      providers.createReconciler(common, 'ClusterCredentialsProvider'),
    ),
  }
  const into = (target: Controller) => (key: Key) => {
    target.enqueue(key)
  }
  const intoAfter = (target: Controller) => (key: Key, ms: number) => {
    target.enqueueAfter(key, ms)
  }
  const attend = () => {
    memory.attend(caches)
    stranded.attend(caches)
    tellOfTasks(caches, events)
    tellOfOrphans(caches, events)
    throttle.attend(caches, { enqueue: into(all.tasks), enqueueAfter: intoAfter(all.tasks) })
    tasks.watchTasks(caches, into(all.tasks))
    credentials.watchCredentials(caches, into(all.credentials))
    orphans.watchOrphans(caches, into(all.orphans))
    strays.watchStrays(caches, into(all.strays))
    leftovers.watchLeftovers(caches, leftovers.secretsOf(caches), intoAfter(all.leftSecrets))
    leftovers.watchLeftovers(caches, leftovers.tasksOf(caches), intoAfter(all.leftTasks))
    providers.watchProviders(caches, into(all.providers), into(all.clusterProviders))
  }
  metrics.observe(caches, () => elector.leading())
  return {
    caches,
    gateway,
    leading: () => elector.leading(),
    alive: () => informers.every((informer) => informer.silentForMs() < SILENCE_MS),
    run: async (signal) => {
      await runManager({ informers, elector, controllers: Object.values(all), attend, logger }, signal)
      await events.flush()
      handOff.clear()
    },
  }
}

/** The outputs that the task's provider has promised: as it is now where that is what the task was made for, else the kit's. */
async function outputSchema({ api, config }: OperatorPorts, caches: Caches, { spec }: SecretTask) {
  const provider = pinned(caches, spec)
  if (provider?.metadata.generation === spec.provider.generation) return provider.spec.schema.credentials
  return readKit(await api.get(Secrets, { namespace: config.namespace, name: spec.kit })).outputs
}
