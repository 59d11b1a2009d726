import type { KubeObject } from '../../../src/api/meta.ts'
import type { Store } from '../../../src/kube/store.ts'
import { createOperator, type Operator } from '../../../src/operator.ts'
import type { Metrics } from '../../../src/observability/metrics.ts'
import type { Logger } from '../../../src/runtime/logger.ts'
import { MOST_TASKS } from '../observe/limits.ts'
import { seeded } from '../random.ts'
import { Life } from './life.ts'
import { atVersion, type Connection, operatorApi } from './operator-api.ts'
import type { View } from './view.ts'

export const CUSTODY = 'custom-credentials'
export const REVOCATION = 'custom-credentials-revocation'

const nothing = () => undefined
const metrics: Metrics = {
  ofController: () => ({ reconciled: nothing, depth: nothing, active: nothing, waited: nothing }),
  apiRequest: nothing,
  listed: nothing,
  failed: nothing,
  observe: nothing,
  render: () => Promise.resolve(''),
}
const certificate = {
  caBundle: 'the authorities of the task gateway',
  refresh: () => Promise.reject(new Error('there is no network here')),
}

export interface OperatorProcess {
  readonly name: string
  readonly life: Life
  readonly view: View
  readonly operator: Operator
  /** When the world is over: Node keeps every combined signal that somebody listens to, and the world with it. */
  discard(): void
}

/** Starts the production operator in a process of its own: a name, a clock and a connection that die with it. */
export function startOperator(
  connection: Omit<Connection, 'life'>,
  { seed, skewMs }: { readonly seed: number; readonly skewMs: number },
): OperatorProcess {
  const { name, scheduler, view, tell } = connection
  const life = new Life(scheduler)
  life.skewMs = skewMs
  const operator = createOperator({
    api: operatorApi({ ...connection, life }),
    clock: life.clock,
    calendar: life.clock,
    random: seeded(seed),
    logger: loggerOf((text) => {
      tell({ kind: 'text', by: name, text })
    }),
    metrics,
    certificate,
    config: {
      identity: name,
      namespace: CUSTODY,
      revocationNamespace: REVOCATION,
      gateway: { port: 443, url: 'https://task-gateway', names: ['task-gateway'] },
      leaseMs: 15_000,
      workers: 4,
      maxRunningTasks: MOST_TASKS,
    },
  })
  for (const [plural, store] of cachesOf(operator))
    store.subscribe(({ type, object }) => {
      if (life.alive) tell({ kind: 'known', by: name, gone: type === 'deleted', ...atVersion(plural, object) })
    })
  const stop = new AbortController()
  void operator.run(stop.signal).catch((error: unknown) => {
    if (life.alive) tell({ kind: 'failed', by: name, why: String(error) })
    life.end()
  })
  const discard = () => {
    life.end()
    stop.abort()
  }
  return { name, life, view, operator, discard }
}

/** With the plural of what they hold. */
const cachesOf = ({ caches }: Operator) =>
  Object.entries({
    customcredentials: caches.credentials,
    secrettasks: caches.tasks,
    credentialsproviders: caches.providers,
    clustercredentialsproviders: caches.clusterProviders,
    orphanedcredentials: caches.orphans,
    jobs: caches.jobs,
    pods: caches.pods,
    secrets: caches.secrets,
    'other secrets': caches.otherSecrets,
    namespaces: caches.namespaces,
  }) as unknown as readonly (readonly [string, Store<KubeObject>])[]

/** Every line in full, errors with all that they carry. */
function loggerOf(write: (text: string) => void): Logger {
  const line = (level: string) => (fields: object, message: string) => {
    const error = (fields as { err?: unknown }).err
    const described = error instanceof Error ? { ...fields, err: [String(error), Object.entries(error)] } : fields
    write(`${level} ${message} ${JSON.stringify(described)}`)
  }
  return { debug: nothing, info: line('info'), warn: line('warn'), error: line('error') }
}
