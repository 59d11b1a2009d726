import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ServerResponse } from 'node:http'
import { createKubeApi } from '../../../src/kube/client.ts'
import { createInformer } from '../../../src/kube/informer.ts'
import { lines, parseWatchEvent } from '../../../src/kube/watch.ts'
import { answer, FakeApiServer } from '../../support/fake-api-server.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { fixedAccess } from '../../support/fixed-access.ts'
import { recordingLogger } from '../../support/loggers.ts'
import { thing, things, type Thing } from '../../support/things.ts'

const collect = async <T>(source: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = []
  for await (const item of source) all.push(item)
  return all
}

async function* chunked(bytes: Uint8Array, cuts: readonly number[]) {
  const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)
  for (let i = 1; i < at.length; i++) yield await Promise.resolve(bytes.subarray(at[i - 1], at[i]))
}

describe('a byte stream', () => {
  it('yields the same lines however it is cut, inside characters too', async () => {
    const unit = fc.constantFrom('a', '"', '\r', 'é', '\u2028', '€', '😀')
    const line = fc.string({ unit })
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 5 }), fc.array(fc.nat(), { maxLength: 5 }), async (texts, cuts) => {
        const bytes = Buffer.from(texts.map((text) => `${text}\n`).join(''))
        expect(await collect(lines(chunked(bytes, cuts)))).toEqual(texts)
      }),
    )
  })

  it('is split at LF alone', async () => {
    const text = 'a\u2028b\u2029c\rd\u0085e'
    expect(await collect(lines(chunked(Buffer.from(`${text}\n`), [])))).toEqual([text])
  })

  it('that ends within a line was cut', async () => {
    await expect(collect(lines(chunked(Buffer.from('{"a":1}\n{"b":'), [])))).rejects.toMatchObject({
      reason: 'ConnectionFailed',
    })
  })

  it('may not hide an endless line', async () => {
    const endless = async function* () {
      for (;;) yield await Promise.resolve(Buffer.alloc(1024 * 1024, 'x'))
    }
    await expect(collect(lines(endless()))).rejects.toMatchObject({ reason: 'ServerError' })
  })
})

describe('a line of a watch', () => {
  it.each([
    '',
    'x',
    '{',
    '[]',
    'null',
    '3',
    '{}',
    '{"type":"NEW","object":{}}',
    '{"type":"ADDED"}',
    '{"type":"ADDED","object":{}}',
  ])('that cannot be read is an error, and is not quoted: %j', (line) => {
    expect(() => parseWatchEvent(line)).toThrow(/holds an event of \d+ characters that cannot be read/)
  })

  it('may bring an error', () => {
    const object = { code: 410, reason: 'Expired', message: 'too old' }
    expect(() => parseWatchEvent(JSON.stringify({ type: 'ERROR', object }))).toThrow(
      expect.objectContaining({ reason: 'Expired', code: 410, message: 'too old' }),
    )
    expect(() => parseWatchEvent('{"type":"ERROR"}')).toThrow(expect.objectContaining({ reason: 'ServerError' }))
  })
})

describe('a watch over HTTPS', () => {
  let server: FakeApiServer
  const clients: { close(): void }[] = []
  /** The open watches, as the server sees them. */
  let streams: ServerResponse[]
  let urls: string[]
  const event = (type: string, object: Thing) => `${JSON.stringify({ type, object })}\n`

  beforeEach(async () => {
    streams = []
    urls = []
    server = await FakeApiServer.start(({ url }, response) => {
      urls.push(url.replace(/timeoutSeconds=\d+/, 'timeoutSeconds=n'))
      if (url.includes('watch=true')) {
        response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders()
        streams.push(response)
      } else {
        answer(response, 200, { metadata: { resourceVersion: '5' }, items: [thing('a', 3)] })
      }
    })
  })
  afterEach(async () => {
    for (const client of clients.splice(0)) client.close()
    await server[Symbol.asyncDispose]()
  })

  const aClient = () => {
    const clock = new FakeClock()
    const api = createKubeApi({ access: fixedAccess({ server: server.url, ca: server.ca }), clock, version: '0' })
    clients.push(api)
    return { api, clock }
  }
  const stream = async (n = 0): Promise<ServerResponse> => {
    await expect.poll(() => streams.length).toBeGreaterThan(n)
    return streams[n] as ServerResponse
  }
  const open = (signal = new AbortController().signal) =>
    aClient().api.watch(things, {
      namespace: 'ns',
      resourceVersion: '5',
      timeoutSeconds: 300,
      metadataOnly: true,
      signal,
    })

  it('asks for bookmarks, a time limit and metadata only', async () => {
    const events = collect(open())
    ;(await stream()).end()
    await events
    expect(urls).toEqual([
      '/apis/test.dev/v1/namespaces/ns/things?watch=true&allowWatchBookmarks=true&resourceVersion=5&timeoutSeconds=n',
    ])
    expect(server.lastRequest.headers.accept).toBe('application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1')
  })

  it('yields events as they come', async () => {
    const watch = open()[Symbol.asyncIterator]()
    const next = watch.next()
    const response = await stream()
    response.write(event('ADDED', thing('a', 6)))
    expect(await next).toEqual({ done: false, value: { type: 'ADDED', object: thing('a', 6) } })
    response.end(event('BOOKMARK', thing('', 9)))
    expect(await watch.next()).toMatchObject({ value: { type: 'BOOKMARK' } })
    expect(await watch.next()).toMatchObject({ done: true })
  })

  it('ends quietly, and hangs up, when its signal is aborted', async () => {
    const controller = new AbortController()
    const events = collect(open(controller.signal))
    await stream()
    controller.abort()
    expect(await events).toEqual([])
    await expect.poll(() => server.sockets.size).toBe(0)
  })

  it('hangs up when its reader leaves', async () => {
    const watch = open()[Symbol.asyncIterator]()
    const first = watch.next()
    ;(await stream()).write(event('ADDED', thing('a', 6)))
    await first
    await watch.return?.()
    await expect.poll(() => server.sockets.size).toBe(0)
  })

  it.each<[string, (response: ServerResponse) => unknown, string]>([
    [
      'a reset',
      () => {
        server.reset()
      },
      'ConnectionFailed',
    ],
    ['an end in the middle of a line', (response) => response.end('{"type":"ADD'), 'ConnectionFailed'],
    ['a line that cannot be read', (response) => response.write('{"type":"ADDED","obj\n'), 'ServerError'],
    [
      'a 410 within the stream',
      (response) => response.write(event('ERROR', { code: 410, reason: 'Expired' } as never)),
      'Expired',
    ],
  ])('rejects at %s', async (_, act, reason) => {
    const events = collect(open())
    act(await stream())
    await expect(events).rejects.toMatchObject({ reason })
  })

  it('rejects with what the server says instead of opening one', async () => {
    server.handler = (_, response) => {
      answer(response, 429, { message: 'slow down' }, { 'retry-after': '4' })
    }
    await expect(collect(open())).rejects.toMatchObject({ reason: 'TooManyRequests', retryAfterSeconds: 4 })
  })

  it('rejects when no headers come within 30 s, but stays open for longer than that once they have', async () => {
    const { api, clock } = aClient()
    const options = { resourceVersion: '5', timeoutSeconds: 300, signal: new AbortController().signal }
    const received = new Promise<void>((resolve) => {
      server.handler = () => {
        resolve()
      }
    })
    const silent = collect(api.watch(things, options))
    await received
    void clock.advance(30_000)
    await expect(silent).rejects.toMatchObject({ reason: 'Timeout' })

    server.handler = (_, response) => {
      response.writeHead(200).flushHeaders()
      streams.push(response)
    }
    const events = collect(api.watch(things, options))
    const response = await stream()
    response.write(event('ADDED', thing('a', 6)))
    await clock.advance(200_000)
    response.end(event('MODIFIED', thing('a', 7)))
    expect(await events).toHaveLength(2)
  })

  it('keeps an informer in step through resets, garbage and a half-open connection', async () => {
    const { api, clock } = aClient()
    const logger = recordingLogger()
    const informer = createInformer<Thing>({ api, resource: things, indexers: {}, clock, random: () => 0, logger })
    const stop = new AbortController()
    const end = informer.start(stop.signal)
    const version = () => informer.store.get({ namespace: 'ns', name: 'a' })?.metadata.resourceVersion
    /** Real sockets and virtual time: lets both go on until it is so. */
    const eventually = async (sees: () => unknown, expected: unknown) => {
      await expect
        .poll(async () => {
          await clock.advance(10)
          return sees()
        })
        .toEqual(expected)
    }
    await eventually(() => streams.length, 1)
    streams[0]?.write(event('MODIFIED', thing('a', 6)))
    await eventually(version, '6')

    streams[0]?.write('{"type":"MODIFIED","object":{"meta')
    await clock.settle()
    server.reset()
    await eventually(() => streams.length, 2)

    streams[1]?.write(event('MODIFIED', thing('a', 7)))
    streams[1]?.write('garbage\n')
    await eventually(() => streams.length, 3)
    expect(version()).toBe('7')

    // The other end is gone without a word: nothing comes, nothing closes.
    await clock.advance(150_000)
    await eventually(() => streams.length, 4)
    streams[3]?.write(event('MODIFIED', thing('a', 8)))
    await eventually(version, '8')

    expect(urls.map((url) => /resourceVersion=(\d+)/.exec(url)?.[1])).toEqual([undefined, '5', '6', '7', '7'])
    stop.abort()
    await end
    await expect.poll(() => streams.every((response) => response.destroyed)).toBe(true)
  })
})
