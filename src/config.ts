import { hostname } from 'node:os'
import * as v from 'valibot'
import type { Acceleration } from './runtime/accelerated-clock.ts'

const port = (fallback: number) =>
  v.optional(v.pipe(v.string(), v.transform(Number), v.integer(), v.minValue(0), v.maxValue(65535)), String(fallback))

const Variables = v.object({
  /** Distinguishes this process among those that compete for the lease. */
  POD_NAME: v.optional(v.string(), `${hostname()}-${process.pid}`),
  /** The operator's own namespace: custody, lease, certificate authority, and the gateway's Service are here. */
  POD_NAMESPACE: v.optional(v.string(), 'custom-credentials-system'),
  REVOCATION_NAMESPACE: v.optional(v.string(), 'custom-credentials-revocation'),
  GATEWAY_PORT: port(8443),
  /** What Jobs call the gateway; by default the Service in the operator's namespace. */
  GATEWAY_URL: v.optional(v.pipe(v.string(), v.url())),
  /** Health and metrics. */
  HTTP_PORT: port(8080),
  /** How long the other replicas wait before they take over from a leader that has not been heard of. */
  LEASE_SECONDS: v.optional(v.pipe(v.string(), v.transform(Number), v.integer(), v.minValue(3), v.maxValue(60)), '15'),
  LOG_LEVEL: v.optional(v.picklist(['debug', 'info', 'warn', 'error']), 'info'),
  WORKERS: v.optional(v.pipe(v.string(), v.transform(Number), v.integer(), v.minValue(1), v.maxValue(256)), '16'),
  MAX_RUNNING_TASKS: v.optional(
    v.pipe(v.string(), v.transform(Number), v.integer(), v.minValue(1), v.maxValue(10_000)),
    '100',
  ),
  /** For trials only: how many seconds the operator's calendar lives in each second since CLOCK_EPOCH. */
  CLOCK_RATE: v.optional(
    v.pipe(v.string(), v.transform(Number), v.integer(), v.minValue(1), v.maxValue(1_000_000)),
    '1',
  ),
  /** A date and time (2026-11-30T12:00:00Z), the same for every replica and after every restart: or their dates would differ. */
  CLOCK_EPOCH: v.optional(v.pipe(v.string(), v.isoTimestamp())),
  KUBECONFIG: v.optional(v.string()),
  KUBERNETES_SERVICE_HOST: v.optional(v.string()),
  KUBERNETES_SERVICE_PORT: v.optional(v.string(), '443'),
  /** Where the service account's token and the API server's authority are mounted. */
  SERVICE_ACCOUNT_DIRECTORY: v.optional(v.string(), '/var/run/secrets/kubernetes.io/serviceaccount'),
})

const Environment = v.pipe(
  Variables,
  v.forward(
    v.check(
      ({ CLOCK_RATE, CLOCK_EPOCH }) => CLOCK_RATE === 1 || CLOCK_EPOCH !== undefined,
      'must be set with CLOCK_RATE, to the date and time of now',
    ),
    ['CLOCK_EPOCH'],
  ),
)

export interface Config {
  readonly identity: string
  readonly namespace: string
  readonly revocationNamespace: string
  readonly gateway: { readonly port: number; readonly url: string; readonly names: readonly string[] }
  readonly httpPort: number
  readonly leaseMs: number
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error'
  /** Reconciles that run at the same time, for each controller. */
  readonly workers: number
  /** Tasks that are at work at the same time, whatever their providers. */
  readonly maxRunningTasks: number
  /** For trials: how the calendar by which credentials live runs ahead. */
  readonly acceleration: Acceleration | undefined
  /** The cluster that the process runs in, or a kubeconfig. */
  readonly cluster:
    | { readonly host: string; readonly port: string; readonly directory: string }
    | { readonly kubeconfig: string | undefined }
}

/** Reads the environment, the only place that does. Throws an error that names each variable that is wrong. */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  const parsed = v.safeParse(Environment, environment)
  if (!parsed.success) {
    const problems = parsed.issues.map((issue) => `${v.getDotPath(issue) ?? ''}: ${issue.message}`)
    throw new Error(`the environment is not right: ${problems.join('; ')}`)
  }
  const { output } = parsed
  const service = `task-gateway.${output.POD_NAMESPACE}.svc`
  const url = new URL(output.GATEWAY_URL ?? `https://${service}`)
  const isInCluster = output.KUBECONFIG === undefined && output.KUBERNETES_SERVICE_HOST !== undefined
  return Object.freeze({
    identity: output.POD_NAME,
    namespace: output.POD_NAMESPACE,
    revocationNamespace: output.REVOCATION_NAMESPACE,
    gateway: {
      port: output.GATEWAY_PORT,
      url: url.origin,
      names: [...new Set([service, `${service}.cluster.local`, url.hostname])],
    },
    httpPort: output.HTTP_PORT,
    leaseMs: output.LEASE_SECONDS * 1000,
    logLevel: output.LOG_LEVEL,
    workers: output.WORKERS,
    maxRunningTasks: output.MAX_RUNNING_TASKS,
    acceleration:
      output.CLOCK_RATE === 1 ? undefined : { rate: output.CLOCK_RATE, since: Date.parse(output.CLOCK_EPOCH ?? '') },
    cluster: isInCluster
      ? {
          host: output.KUBERNETES_SERVICE_HOST ?? '',
          port: output.KUBERNETES_SERVICE_PORT,
          directory: output.SERVICE_ACCOUNT_DIRECTORY,
        }
      : { kubeconfig: output.KUBECONFIG },
  })
}
