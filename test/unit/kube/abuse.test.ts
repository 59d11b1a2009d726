import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, it } from 'vitest'
import { answer, FakeApiServer, type Received } from '../../support/fake-api-server.ts'
import { thing, type Thing } from '../../support/things.ts'

/** Everything that a network, a proxy or an overloaded server does to a request. */
const abuses: readonly ((response: ServerResponse) => void)[] = [
  (response) => response.socket?.destroy(),
  (response) => response.writeHead(200, { 'content-length': '99' }).write('{"half'),
  (response) => void response.writeHead(200).end('<html>'),
  (response) => void response.writeHead(200).end('null'),
  (response) => void response.writeHead(200).end('{"metadata":null}'),
  (response) => void response.writeHead(502).end(),
  (response) => {
    answer(response, 401, {})
  },
  (response) => {
    answer(response, 409, { reason: 'Conflict' })
  },
  (response) => {
    answer(response, 410, { reason: 'Expired' })
  },
  (response) => {
    answer(response, 429, {}, { 'retry-after': '1' })
  },
  (response) => {
    answer(response, 500, 'a mere text')
  },
  () => undefined, // no answer at all
]

/** What may come over a watch instead of an event. */
const rot: readonly ((response: ServerResponse) => void)[] = [
  (response) => response.socket?.destroy(),
  (response) => response.write('{"type":"ADDED","object":{"metadata'),
  (response) => response.write('garbage\n'),
  (response) => response.write('{"type":"ADDED","object":{"metadata":{"resourceVersion":"9999"}}}\n'),
  (response) => response.write('{"type":"ERROR","object":{"code":410}}\n'),
  (response) => response.write('{"type":"ERROR"}\n'),
  (response) => response.write(Buffer.from([0xff, 0x0a])),
  (response) => void response.end(),
]

/** An API server that treats every second request badly, each abuse in turn, until it is told to behave. */
class Abuser {
  readonly objects: Thing[] = []
  readonly counts = { abuses: 0, rot: 0 }
  behaves = false
  #version = 10_000
  #requests = 0
  #watches = new Set<ServerResponse>()

  handle = (request: Received, response: ServerResponse): void => {
    response.on('error', () => undefined)
    const abuse = abuses[this.counts.abuses % abuses.length]
    if (!this.behaves && this.#requests++ % 2 === 0 && abuse) {
      this.counts.abuses += 1
      abuse(response)
    } else if (request.url.includes('watch=true')) {
      this.#openWatch(response)
    } else {
      this.#answer(request, response)
    }
  }

  add(name: string): void {
    const object = thing(name, ++this.#version)
    this.objects.push(object)
    for (const watch of this.#watches) watch.write(`${JSON.stringify({ type: 'ADDED', object })}\n`)
  }

  #openWatch(response: ServerResponse): void {
    response.writeHead(200).flushHeaders()
    this.#watches.add(response)
    response.on('close', () => this.#watches.delete(response))
    if (this.behaves) return
    this.add(`thing-${this.objects.length}`)
    rot[this.counts.rot++ % rot.length]?.(response)
  }

  #answer({ method, url }: Received, response: ServerResponse): void {
    const metadata = { resourceVersion: String(this.#version) }
    if (url.includes('/leases')) answer(response, method === 'GET' ? 404 : 201, thing('leader', ++this.#version))
    else if (method === 'GET') answer(response, 200, { metadata, items: this.objects })
    else answer(response, 201, thing('event', ++this.#version))
  }
}

it('no abuse ends the process, leaves a promise unhandled, or keeps the cache from converging', async () => {
  const abuser = new Abuser()
  await using server = await FakeApiServer.start(abuser.handle)
  const directory = await mkdtemp(join(tmpdir(), 'abuse-'))
  await writeFile(join(directory, 'ca.crt'), server.ca)
  await writeFile(join(directory, 'token'), 'abc')

  const { hostname, port } = new URL(server.url)
  const script = `${import.meta.dirname}/../../support/abused-client.ts`
  const child = spawn(process.execPath, ['--unhandled-rejections=strict', script, hostname, port, directory])
  const output = Promise.all([text(child.stdout), text(child.stderr)])
  const exit = once(child, 'exit')

  const abusedEnough = () => abuser.counts.abuses >= 4 * abuses.length && abuser.counts.rot >= rot.length
  await expect.poll(() => child.exitCode !== null || abusedEnough(), { timeout: 60_000 }).toBe(true)
  abuser.behaves = true
  abuser.add('final')

  expect(await exit).toEqual([0, null])
  expect(await output).toEqual([`in step with ${abuser.objects.length} objects\n`, ''])
  await rm(directory, { recursive: true })
}, 90_000)
