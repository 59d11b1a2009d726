import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/** A Service: one address, and behind it the replicas that take connections, by turns. It does not see what passes. */
export class Service implements AsyncDisposable {
  readonly #server: Server
  readonly #open = new Set<Socket>()
  #ports: readonly number[] = []
  #turn = 0

  private constructor(server: Server) {
    this.#server = server
    server.on('connection', (client) => {
      this.#track(client)
      void this.#serve(client)
    })
  }

  static async open(): Promise<Service> {
    const server = createServer({ allowHalfOpen: true })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new Service(server)
  }

  get url(): string {
    return `https://localhost:${(this.#server.address() as AddressInfo).port}`
  }

  /** The ports of the replicas, whether or not they are up. */
  route(ports: readonly number[]): void {
    this.#ports = ports
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    for (const socket of this.#open) socket.destroy()
    await closed
  }

  async #serve(client: Socket): Promise<void> {
    const from = this.#turn++
    for (let next = 0; next < this.#ports.length; next++) {
      const replica = connect(this.#ports[(from + next) % this.#ports.length] ?? 0, '127.0.0.1')
      this.#track(replica)
      const isUp = await once(replica, 'connect').then(
        () => true,
        () => false,
      )
      if (!isUp) continue
      client.pipe(replica).pipe(client)
      client.on('close', () => replica.destroy())
      replica.on('close', () => client.destroy())
      return
    }
    client.destroy()
  }

  #track(socket: Socket): void {
    this.#open.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => this.#open.delete(socket))
  }
}
