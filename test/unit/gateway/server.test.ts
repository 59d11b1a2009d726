import { once } from 'node:events'
import { Agent } from 'node:https'
import { connect as connectPlainly, type Socket } from 'node:net'
import { connect } from 'node:tls'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createAuthority, issueServerCertificate, type KeyPair } from '../../../src/gateway/certificates.ts'
import { createTlsServer, LIMITS, type TlsServer } from '../../../src/gateway/server.ts'
import { systemClock } from '../../../src/runtime/system-clock.ts'
import { call } from '../../support/https.ts'

const lifetime = { now: systemClock.now(), lifeMs: 86_400_000 }
const authority = await createAuthority(lifetime.now, lifetime.lifeMs)
const issue = (): Promise<KeyPair> => issueServerCertificate(authority, ['localhost'], lifetime)
const ca = authority.certificate

let server: TlsServer
let port: number
/** Resolves when a request to `/slow` has come in; it is answered by `finish`. */
let arrived: Promise<void>
let finish: () => void

beforeEach(async () => {
  const gate = Promise.withResolvers<undefined>()
  const seen = Promise.withResolvers<undefined>()
  arrived = seen.promise
  finish = () => {
    gate.resolve(undefined)
  }
  const answer = async (request: Request): Promise<Response> => {
    if (new URL(request.url).pathname === '/slow') {
      seen.resolve(undefined)
      await gate.promise
    }
    return Response.json({ length: (await request.arrayBuffer()).byteLength })
  }
  const limits = { ...LIMITS, headersTimeout: 100, requestTimeout: 200, connectionsCheckingInterval: 20 }
  server = createTlsServer(answer, await issue(), { clock: systemClock, limits })
  port = await server.listen(0)
})
afterEach(() => {
  finish()
  return server.close()
})

describe('a slow peer is cut off', () => {
  it.each([
    ['that never ends its headers', 'PUT / HTTP/1.1\r\nHost: localhost\r\nX-Slow: '],
    ['that never ends its body', 'PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nhalf'],
  ])('%s', async (_, text) => {
    const socket = connect({ host: 'localhost', port, ca })
    await once(socket, 'secureConnect')
    socket.write(text)
    socket.resume()
    await expect(once(socket, 'close')).resolves.toBeDefined()
  })
})

describe('a renewed certificate', () => {
  it('is shown to new connections, and those that are open stay', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1, ca })
    const serials: string[] = []
    const fingerprint = async () => {
      const socket = connect({ host: 'localhost', port, ca })
      await once(socket, 'secureConnect')
      serials.push(socket.getPeerCertificate().serialNumber)
      socket.destroy()
    }
    await fingerprint()
    await call({ port, ca, path: '/', agent })
    const [open] = Object.values(agent.freeSockets).flat()
    server.use(await issue())
    await call({ port, ca, path: '/', agent })
    await fingerprint()
    expect(Object.values(agent.freeSockets).flat()).toEqual([open])
    expect(new Set(serials).size).toBe(2)
    agent.destroy()
  })
})

it('closing lets a request in flight end', async () => {
  const reply = call({ port, ca, path: '/slow' })
  await arrived
  const closed = server.close()
  finish()
  await expect(reply).resolves.toMatchObject({ status: 200 })
  await closed
})

it('a port that is taken is an error', async () => {
  const other = createTlsServer(() => new Response(), await issue(), { clock: systemClock })
  await expect(other.listen(port)).rejects.toMatchObject({ code: 'EADDRINUSE' })
})

describe('who keeps many connections', () => {
  const few = { all: 8, perAddress: 4 }
  const silent: Socket[] = []
  let crowded: TlsServer
  let crowdedPort: number

  beforeEach(async () => {
    crowded = createTlsServer(() => Response.json({}), await issue(), { clock: systemClock, connections: few })
    crowdedPort = await crowded.listen(0)
  })
  afterEach(async () => {
    for (const socket of silent.splice(0)) socket.destroy()
    await crowded.close()
  })

  /** Opens a connection and says nothing. */
  const fallSilent = async (): Promise<Socket> => {
    const socket = connectPlainly({ host: '127.0.0.1', port: crowdedPort })
    silent.push(socket)
    socket.on('error', () => undefined)
    await once(socket, 'connect')
    return socket
  }
  const askFrom = (localAddress: string) =>
    call({ port: crowdedPort, ca, path: '/', agent: new Agent({ family: 4, localAddress }) })

  it('from one address leaves the others their room', async () => {
    for (let nth = 0; nth < few.all; nth++) await fallSilent()
    await expect(askFrom('127.0.0.2')).resolves.toMatchObject({ status: 200 })
  })

  it('is cut off beyond its share, and may have another once one has ended', async () => {
    const [first] = await Promise.all(Array.from({ length: few.perAddress }, fallSilent))
    await expect(askFrom('127.0.0.1')).rejects.toThrow()
    first?.destroy()
    await expect.poll(() => askFrom('127.0.0.1').catch(() => undefined)).toMatchObject({ status: 200 })
  })
})

it('a connection that sends a request before the last one is answered is cut off', async () => {
  const socket = connect({ host: 'localhost', port, ca })
  let answers = ''
  socket.on('data', (text: Buffer) => (answers += text.toString()))
  socket.on('error', () => undefined)
  const closed = once(socket, 'close')
  await once(socket, 'secureConnect')
  const line = 'GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n'
  socket.write(line)
  await arrived
  socket.write(line)
  await closed
  expect(answers).toBe('')
})
