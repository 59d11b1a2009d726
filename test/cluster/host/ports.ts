import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

/** Below the range from which Linux takes the source ports of outgoing connections (32768 and up by default). */
const [LOWEST, HIGHEST] = [20_000, 32_000]

/**
 * A loopback port that is free now. From outside the range for outgoing connections, so that it stays free for a server
 * that is stopped and started again.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const port = randomInt(LOWEST, HIGHEST)
    const server = createServer()
    server.listen(port, '127.0.0.1')
    const free = await Promise.race([
      once(server, 'listening').then(() => true),
      once(server, 'error').then(() => false),
    ])
    if (!free) continue
    server.close()
    await once(server, 'close')
    return port
  }
  throw new Error(`no free port between ${LOWEST} and ${HIGHEST}`)
}
