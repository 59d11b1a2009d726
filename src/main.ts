import { readFileSync } from 'node:fs'
import { readConfig } from './config.ts'
import { ServingCertificate } from './gateway/serving-certificate.ts'
import { createKubeApi } from './kube/client.ts'
import { fromKubeconfig, inCluster } from './kube/credentials.ts'
import { redatedApi } from './kube/redated.ts'
import { serveHealth } from './observability/http.ts'
import { createLogger } from './observability/logger.ts'
import { createMetrics } from './observability/metrics.ts'
import { createOperator } from './operator.ts'
import { acceleratedClock, acceleratedDate } from './runtime/accelerated-clock.ts'
import { systemClock as clock, systemRandom as random } from './runtime/system-clock.ts'

const config = readConfig(process.env)
const logger = createLogger(config.logLevel)
const metrics = createMetrics()
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
const access =
  'host' in config.cluster
    ? inCluster({ ...config.cluster, clock })
    : await fromKubeconfig({
        ...(config.cluster.kubeconfig !== undefined && { path: config.cluster.kubeconfig }),
        clock,
      })
const api = createKubeApi({
  access,
  clock,
  version,
  onRequest: (...request) => {
    metrics.apiRequest(...request)
  },
})
// Dated by the true clock: containers check it by theirs.
const certificate = new ServingCertificate({ api, clock, namespace: config.namespace, names: config.gateway.names })
const { acceleration } = config
if (acceleration) logger.warn(acceleration, 'the calendar runs ahead of the clock (CLOCK_RATE): for trials only')
const operator = createOperator({
  ...(acceleration
    ? {
        api: redatedApi(api, (moment) => acceleratedDate(moment, acceleration)),
        calendar: acceleratedClock(clock, acceleration),
      }
    : { api, calendar: clock }),
  clock,
  random,
  logger,
  metrics,
  certificate,
  config,
})
const stop = new AbortController()
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    logger.info({ signal }, 'stopping')
    stop.abort(new Error(signal))
  })
}

let listening = false
const ready = () => listening && operator.caches.tasks.synced && operator.caches.jobs.synced
const health = serveHealth(config.httpPort, { alive: () => operator.alive(), ready }, metrics)
try {
  const port = await operator.gateway.listen(config.gateway.port)
  listening = true
  logger.info({ version, port, namespace: config.namespace }, 'task gateway is listening')
  await operator.run(stop.signal)
} catch (error) {
  // A lost lease ends here too: a new process starts with clean memory.
  logger.error({ err: error }, 'the operator has stopped')
  process.exitCode = 1
} finally {
  await operator.gateway.close()
  health.close()
  api.close()
}
