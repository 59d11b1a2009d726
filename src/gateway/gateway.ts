import type { Clock } from '../runtime/clock.ts'
import { createApp } from './app.ts'
import type { GatewayPorts } from './ports.ts'
import { createTlsServer, type TlsServer } from './server.ts'
import type { GatewayCertificate } from './serving-certificate.ts'

/** How often a replica looks whether another has made a new authority, and whether its own certificate is due. */
const REFRESH_MS = 10 * 60_000
const RETRY_MS = 30_000

export interface Gateway {
  /** The task API without the network around it. */
  readonly app: { request(path: string, init?: RequestInit): Response | Promise<Response> }
  /** Reads or makes the authorities, issues this replica's certificate, and serves. Resolves with the port. */
  listen(port: number): Promise<number>
  /** The authorities that a Job must trust to reach any replica, PEM. Throws before `listen` has resolved. */
  caBundle(): string
  /** Resolves when the requests in flight have been answered, or cut off after 10 s. */
  close(): Promise<void>
}

export interface GatewayOptions extends GatewayPorts {
  readonly certificate: GatewayCertificate
}

/** The task gateway of this replica. Every replica serves, the leader or not: a report needs no leader. */
export function createGateway(options: GatewayOptions): Gateway {
  const { clock, logger, certificate } = options
  const app = createApp(options)
  let server: TlsServer | undefined
  let stopRefreshing = () => {}
  return {
    app,
    caBundle: () => certificate.caBundle,
    listen: async (port) => {
      server = createTlsServer(app.fetch, await certificate.refresh(), { clock })
      const bound = await server.listen(port)
      stopRefreshing = every(clock, async () => {
        try {
          server?.use(await certificate.refresh())
          return REFRESH_MS
        } catch (error) {
          logger.warn({ err: error }, 'could not refresh the certificates of the task gateway')
          return RETRY_MS
        }
      })
      return bound
    },
    close: async () => {
      stopRefreshing()
      await server?.close()
    },
  }
}

/** Runs `work` again and again, each time after as many milliseconds as the last run said. Returns what stops it. */
function every(clock: Clock, work: () => Promise<number>): () => void {
  let cancel = () => {}
  let stopped = false
  const schedule = (ms: number) => {
    cancel = clock.after(ms, () => {
      void work().then((next) => {
        if (!stopped) schedule(next)
      })
    })
  }
  schedule(REFRESH_MS)
  return () => {
    stopped = true
    cancel()
  }
}
