import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server } from 'node:net'

/** A way to a PostgreSQL server (without TLS) that passes COMMIT on and breaks before the answer is back. */
export async function breakAtCommit(port: number): Promise<{ port: number; server: Server }> {
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1')
    let committing = false
    far.on('data', (bytes) => (committing ? near.destroy() : near.write(bytes)))
    near.on('data', (bytes) => {
      committing ||= bytes.includes('COMMIT')
      far.write(bytes)
    })
    for (const [one, other] of [[near, far] as const, [far, near] as const]) {
      one.on('error', () => undefined)
      one.on('close', () => other.destroy())
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, server }
}
