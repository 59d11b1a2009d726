import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Caches } from '../caches.ts'
import type { ReflectorMetrics } from '../kube/reflector.ts'
import type { ControllerMetrics, Result } from '../runtime/controller.ts'

const NAMESPACE = 'customcredentials'
const RESULTS: readonly Result[] = ['done', 'requeued', 'conflict', 'error']
const TASK_STATES = ['queued', 'processing', 'credentials_created', 'credentials_deleted', 'failed'] as const
const CREDENTIAL_STATES = ['pre_activation', 'active', 'deactivated', 'destroyed'] as const
const ORPHAN_STATES = ['Owed', 'Blocked'] as const

export interface Metrics extends ReflectorMetrics {
  ofController(name: string): ControllerMetrics
  apiRequest(verb: string, resource: string, code: number, seconds: number): void
  /** Counts, at each scrape, what the caches hold. */
  observe(caches: Caches, leading: () => boolean): void
  /** In Prometheus' text format. */
  render(): Promise<string>
}

/** The operator's metrics. Labels are names of kinds and states, never of tenants' objects: their number is bounded. */
export function createMetrics(): Metrics {
  const registers = [new Registry()]
  const counter = (name: string, help: string, ...labelNames: string[]) =>
    new Counter({ name: `${NAMESPACE}_${name}`, help, labelNames, registers })
  const total = counter('reconcile_total', 'Reconciles by controller and result.', 'controller', 'result')
  const duration = new Histogram({
    name: `${NAMESPACE}_reconcile_duration_seconds`,
    help: 'Duration of reconciles.',
    labelNames: ['controller'],
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10],
    registers,
  })
  const waited = new Histogram({
    name: `${NAMESPACE}_queue_wait_seconds`,
    help: 'How long keys waited for a worker.',
    labelNames: ['controller'],
    buckets: [0.001, 0.01, 0.1, 1, 10, 60],
    registers,
  })
  const gauge = (name: string, help: string, ...labelNames: string[]) =>
    new Gauge({ name: `${NAMESPACE}_${name}`, help, labelNames, registers })
  const depth = gauge('queue_depth', 'Keys that wait for a worker.', 'controller')
  const active = gauge('active_workers', 'Workers that are busy.', 'controller')
  const lists = counter(
    'cache_lists_total',
    'Lists that have filled a cache: one each, unless a watch was lost.',
    'resource',
  )
  const losses = counter('cache_failures_total', 'Lists and watches that have failed, by reason.', 'resource', 'reason')
  const requests = new Histogram({
    name: `${NAMESPACE}_api_request_duration_seconds`,
    help: 'Calls to the API server by verb, resource and status code (0: no answer).',
    labelNames: ['verb', 'resource', 'code'],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
    registers,
  })
  return {
    ofController: (controller) => {
      for (const result of RESULTS) total.inc({ controller, result }, 0)
      return {
        reconciled: (result, seconds) => {
          total.inc({ controller, result })
          duration.observe({ controller }, seconds)
        },
        depth: (keys) => {
          depth.set({ controller }, keys)
        },
        active: (workers) => {
          active.set({ controller }, workers)
        },
        waited: (seconds) => {
          waited.observe({ controller }, seconds)
        },
      }
    },
    apiRequest: (verb, resource, code, seconds) => {
      requests.observe({ verb, resource, code }, seconds)
    },
    listed: (resource) => {
      lists.inc({ resource })
    },
    failed: (resource, reason) => {
      losses.inc({ resource, reason })
    },
    observe: (caches, leading) => {
      countStates(registers, caches)
      new Gauge({
        name: `${NAMESPACE}_leader`,
        help: 'Whether this replica leads.',
        registers,
        collect() {
          this.set(leading() ? 1 : 0)
        },
      })
    },
    render: async () => (await registers[0]?.metrics()) ?? '',
  }
}

function countStates(registers: Registry[], caches: Caches): void {
  const counted = (
    name: string,
    help: string,
    states: readonly string[],
    objects: () => readonly (string | undefined)[],
  ) =>
    new Gauge({
      name: `${NAMESPACE}_${name}`,
      help,
      labelNames: ['state'],
      registers,
      collect() {
        for (const state of states) this.set({ state }, 0)
        for (const state of objects()) if (state !== undefined) this.inc({ state })
      },
    })
  counted('credentials', 'CustomCredentials by state.', CREDENTIAL_STATES, () =>
    caches.credentials.list().map(({ status }) => status.state),
  )
  counted('tasks', 'SecretTasks by state.', TASK_STATES, () => caches.tasks.list().map(({ status }) => status.state))
  counted('orphans', 'Credentials whose revocation is owed, by state.', ORPHAN_STATES, () =>
    caches.orphans.list().map(({ status }) => status.state),
  )
  countConditions(registers, caches)
}

function countConditions(registers: Registry[], { credentials }: Pick<Caches, 'credentials'>): void {
  new Gauge({
    name: `${NAMESPACE}_credential_conditions`,
    help: 'Conditions of CustomCredentials by type, status and reason.',
    labelNames: ['type', 'status', 'reason'],
    registers,
    collect() {
      this.reset()
      for (const { status: of } of credentials.list())
        for (const { type, status, reason } of of.conditions ?? []) this.inc({ type, status, reason })
    },
  })
}
