import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

/** Below the range from which Linux takes the source ports of outgoing connections (32768 and up by default). */
const [LOWEST, HIGHEST] = [20_000, 32_000]

let next = randomInt(LOWEST, HIGHEST)

/**
 * A loopback port that is free now and that this process has not been given yet: whoever asked before may not listen so
 * far. From outside the range for outgoing connections, so that it stays free for a server that is stopped and started
 * again.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const port = next
    next = port + 1 < HIGHEST ? port + 1 : LOWEST
    const server = createServer()
    server.listen(port, '127.0.0.1')
    const free = await once(server, 'listening').then(
      () => true,
      () => false,
    )
    if (!free) continue
    server.close()
    await once(server, 'close')
    return port
  }
  throw new Error(`no free port between ${LOWEST} and ${HIGHEST}`)
}
