import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import type { Metrics } from './metrics.ts'

export interface Probes {
  /** Whether the process is worth keeping: nothing in it is stuck for good. */
  readonly alive: () => boolean
  /** Whether the gateway serves and the caches are filled. */
  readonly ready: () => boolean
}

/** Serves `/healthz`, `/readyz` and `/metrics`. Returns what stops it. */
export function serveHealth(port: number, probes: Probes, metrics: Metrics): { close(): void } {
  const app = new Hono()
  app.get('/healthz', (c) => (probes.alive() ? c.text('ok') : c.text('stuck', 500)))
  app.get('/readyz', (c) => (probes.ready() ? c.text('ok') : c.text('starting', 503)))
  app.get('/metrics', async (c) => c.text(await metrics.render(), 200, { 'content-type': 'text/plain; version=0.0.4' }))
  const server = serve({ fetch: app.fetch, port })
  return {
    close: () => {
      server.close()
    },
  }
}
