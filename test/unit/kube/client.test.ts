import { getEventListeners } from 'node:events'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Resource } from '../../../src/api/meta.ts'
import { createKubeApi, type KubeApiOptions } from '../../../src/kube/client.ts'
import type { ApiError } from '../../../src/kube/errors.ts'
import { answer, FakeApiServer } from '../../support/fake-api-server.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { fixedAccess } from '../../support/fixed-access.ts'
import { thing, things } from '../../support/things.ts'

const secrets: Resource = { group: '', version: 'v1', plural: 'secrets', kind: 'Secret', namespaced: true }
const nodes: Resource = { group: '', version: 'v1', plural: 'nodes', kind: 'Node', namespaced: false }
const a = { namespace: 'ns', name: 'a' }

let server: FakeApiServer
const clients: { close(): void }[] = []

beforeEach(async () => {
  server = await FakeApiServer.start((_, response) => {
    answer(response, 200, thing('a', 1))
  })
})
afterEach(async () => {
  for (const client of clients.splice(0)) client.close()
  await server[Symbol.asyncDispose]()
})

function aClient(options: Partial<KubeApiOptions> = {}) {
  const clock = new FakeClock()
  const access = fixedAccess({ server: server.url, ca: server.ca, token: 'abc' })
  const api = createKubeApi({ access, clock, version: '1.2.3', ...options })
  clients.push(api)
  return { api, clock }
}

const failure = (promise: Promise<unknown>): Promise<ApiError> =>
  promise.then(
    () => Promise.reject(new Error('expected a failure')),
    (error: unknown) => error as ApiError,
  )

describe('connections', () => {
  it('are reused: 100 calls in a row need one', async () => {
    const { api } = aClient()
    for (let i = 0; i < 100; i++) await api.get(things, a)
    expect(server.connections).toBe(1)
  })

  it('are reused after failures and writes', async () => {
    const { api } = aClient()
    server.handler = ({ method }, response) => {
      answer(response, method === 'GET' ? 404 : 409, { message: 'no' })
    }
    for (let i = 0; i < 10; i++) {
      await failure(api.get(things, a))
      await failure(api.create(things, { metadata: a }))
    }
    expect(server.connections).toBe(1)
  })

  it('are as many as calls at the same time, however often', async () => {
    const { api } = aClient()
    for (let i = 0; i < 5; i++) await Promise.all(Array.from({ length: 8 }, () => api.get(things, a)))
    expect(server.connections).toBe(8)
  })

  it('are refused to a server that the CA does not vouch for', async () => {
    await using other = await FakeApiServer.start()
    const { api } = aClient({ access: fixedAccess({ server: other.url, ca: server.ca }) })
    expect(await failure(api.get(things, a))).toMatchObject({ reason: 'ConnectionFailed' })
    expect(other.requests).toEqual([])
  })

  it('present a client certificate', async () => {
    const pair = await server.authority.issue('somebody')
    const { api } = aClient({ access: fixedAccess({ server: server.url, ca: server.ca, ...pair }) })
    await api.get(things, a)
    expect(server.lastRequest.client).toBe('somebody')
    expect(server.lastRequest.headers.authorization).toBeUndefined()
  })
})

describe('a request', () => {
  it('says who asks', async () => {
    await aClient().api.get(things, a)
    expect(server.lastRequest.headers).toMatchObject({
      'user-agent': 'custom-credentials-operator/1.2.3',
      authorization: 'Bearer abc',
      accept: 'application/json',
    })
  })

  it.each<[string, string, string, (api: ReturnType<typeof createKubeApi>) => Promise<unknown>]>([
    ['get', 'GET', '/apis/test.dev/v1/namespaces/ns/things/a', (api) => api.get(things, a)],
    ['get of the core group', 'GET', '/api/v1/namespaces/ns/secrets/a', (api) => api.get(secrets, a)],
    ['get of what is cluster-scoped', 'GET', '/api/v1/nodes/n1', (api) => api.get(nodes, { name: 'n1' })],
    ['create', 'POST', '/apis/test.dev/v1/namespaces/ns/things', (api) => api.create(things, { metadata: a })],
    [
      'dry run',
      'POST',
      '/apis/test.dev/v1/namespaces/ns/things?dryRun=All',
      (api) => api.create(things, { metadata: a }, { dryRun: true }),
    ],
    [
      'patch of the status',
      'PATCH',
      '/apis/test.dev/v1/namespaces/ns/things/a/status',
      (api) => api.patch(things, a, { operations: [], subresource: 'status' }),
    ],
    ['delete', 'DELETE', '/apis/test.dev/v1/namespaces/ns/things/a', (api) => api.remove(things, a)],
    ['review', 'POST', '/apis/test.dev/v1/things', (api) => api.review(things, {})],
    ['a name that needs escaping', 'GET', '/api/v1/nodes/a%2Fb', (api) => api.get(nodes, { name: 'a/b' })],
  ])('goes to the right place: %s', async (_, method, url, call) => {
    await call(aClient().api)
    expect(server.lastRequest).toMatchObject({ method, url })
  })

  it.each([
    ['no namespace', things, { name: 'a' }],
    ['an empty name', nodes, { name: '' }],
  ])('is not sent with %s', async (_, resource, key) => {
    await expect(aClient().api.get(resource, key)).rejects.toThrow(TypeError)
    expect(server.requests).toEqual([])
  })

  it('carries type, preconditions and operations', async () => {
    const { api } = aClient()
    await api.create(things, { color: 'red', metadata: a })
    expect(JSON.parse(server.lastRequest.body)).toEqual({
      apiVersion: 'test.dev/v1',
      kind: 'Thing',
      color: 'red',
      metadata: a,
    })
    const operations = [{ op: 'replace', path: '/color', value: 'é' }] as const
    await api.patch(things, a, { operations })
    expect(server.lastRequest.headers['content-type']).toBe('application/json-patch+json')
    expect(JSON.parse(server.lastRequest.body)).toEqual(operations)
    await api.remove(things, a, { uid: 'u1', propagation: 'Foreground' })
    expect(JSON.parse(server.lastRequest.body)).toMatchObject({
      propagationPolicy: 'Foreground',
      preconditions: { uid: 'u1' },
    })
  })

  it('passes admission warnings on', async () => {
    server.handler = (_, response) => {
      response.setHeader('warning', ['299 - "do not"', '299 - "say \\"no\\", twice"'])
      answer(response, 201, thing('a', 1))
    }
    const warnings: string[] = []
    await aClient().api.create(things, { metadata: a }, { onWarning: (text) => warnings.push(text) })
    expect(warnings).toEqual(['do not', 'say "no", twice'])
  })

  it('is reported with verb, resource, code and time', async () => {
    const seen: unknown[] = []
    const { api } = aClient({ onRequest: (...call) => seen.push(call) })
    await api.get(things, a)
    server.handler = (_, response) => {
      answer(response, 403, {})
    }
    await failure(api.remove(things, a))
    expect(seen).toEqual([
      ['get', 'things', 200, 0],
      ['delete', 'things', 403, 0],
    ])
  })
})

describe('a list', () => {
  it('comes as a page', async () => {
    server.handler = (_, response) => {
      answer(response, 200, { metadata: { resourceVersion: '9', continue: 'next' }, items: [thing('a', 1)] })
    }
    const page = await aClient().api.list(things, {
      namespace: 'ns',
      labelSelector: 'a=b,c',
      limit: 1,
      continue: 'x+/',
    })
    expect(page).toEqual({ items: [thing('a', 1)], resourceVersion: '9', continue: 'next' })
    const { pathname, searchParams } = new URL(server.lastRequest.url, server.url)
    expect(pathname).toBe('/apis/test.dev/v1/namespaces/ns/things')
    expect(Object.fromEntries(searchParams)).toEqual({ labelSelector: 'a=b,c', limit: '1', continue: 'x+/' })
  })

  it('that is empty has no items and no next page', async () => {
    server.handler = (_, response) => {
      answer(response, 200, { metadata: { resourceVersion: '9', continue: '' }, items: null })
    }
    expect(await aClient().api.list(things)).toEqual({ items: [], resourceVersion: '9' })
    expect(server.lastRequest.url).toBe('/apis/test.dev/v1/things')
  })

  it('asks for metadata only', async () => {
    server.handler = (_, response) => {
      answer(response, 200, { metadata: { resourceVersion: '9' }, items: [] })
    }
    await aClient().api.list(secrets, { metadataOnly: true })
    expect(server.lastRequest.headers.accept).toBe('application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1')
  })
})

describe('a failure', () => {
  it.each([
    [404, 'NotFound', 'NotFound'],
    [409, 'AlreadyExists', 'AlreadyExists'],
    [409, 'Conflict', 'Conflict'],
    [422, 'Invalid', 'Invalid'],
    [403, 'Forbidden', 'Forbidden'],
    [410, 'Gone', 'Expired'],
    [410, 'Expired', 'Expired'],
    [429, 'TooManyRequests', 'TooManyRequests'],
    [413, 'RequestEntityTooLarge', 'RequestEntityTooLarge'],
    [400, 'BadRequest', 'BadRequest'],
    [415, 'UnsupportedMediaType', 'BadRequest'],
    [500, 'InternalError', 'ServerError'],
    [503, undefined, 'ServerError'],
    [504, 'Timeout', 'Timeout'],
  ])('%i %s is %s', async (code, reason, expected) => {
    server.handler = (_, response) => {
      answer(response, code, { kind: 'Status', message: 'the text', reason, code })
    }
    expect(await failure(aClient().api.get(things, a))).toMatchObject({ reason: expected, code, message: 'the text' })
  })

  it('tells the causes', async () => {
    server.handler = (_, response) => {
      answer(response, 403, { reason: 'Forbidden', details: { causes: [{ reason: 'NamespaceTerminating' }] } })
    }
    expect((await failure(aClient().api.get(things, a))).causes).toEqual(['NamespaceTerminating'])
  })

  it.each([
    ['header', { 'retry-after': '7' }, {}, 7],
    ['details', {}, { details: { retryAfterSeconds: 3 } }, 3],
    ['neither', {}, {}, undefined],
  ])('tells when to try again: %s', async (_, headers, body, expected) => {
    server.handler = (_request, response) => {
      answer(response, 429, body, headers)
    }
    expect((await failure(aClient().api.get(things, a))).retryAfterSeconds).toBe(expected)
  })

  it('of a Secret never quotes what was sent', async () => {
    server.handler = (_, response) => {
      const causes = [{ reason: 'FieldValueInvalid', message: 'Invalid value: "hunter2"', field: 'data[password]' }]
      const details = { name: 'a', causes }
      answer(response, 422, { message: 'Invalid value: "hunter2"', reason: 'Invalid', details })
    }
    const error = await failure(aClient().api.create(secrets, { metadata: a }))
    expect(error.message).toBe('a was refused (Invalid, data[password]: FieldValueInvalid)')
    expect(JSON.stringify([error, error.stack, error.causes])).not.toContain('hunter2')
  })

  it("of a proxy in between is not quoted: it is nobody's Status", async () => {
    server.handler = (_, response) => {
      response.writeHead(502).end('<html>bad gateway</html>')
    }
    const error = await failure(aClient().api.get(things, a))
    expect(error).toMatchObject({ reason: 'ServerError', message: 'the API server answered 502' })
  })

  it.each(['{"half":', 'null', '3', '<html>', '{}', '{"metadata":null}'])('is a list like %s', async (text) => {
    server.handler = (_, response) => {
      response.writeHead(200).end(text)
    }
    expect(await failure(aClient().api.list(things))).toMatchObject({ reason: 'ServerError', ambiguous: true })
  })

  it('is an answer that is too large', async () => {
    const { api } = aClient({ maxResponseBytes: 1000 })
    server.handler = (_, response) => {
      answer(response, 200, { text: 'x'.repeat(2000) })
    }
    expect((await failure(api.get(things, a))).message).toBe('the answer is larger than 1000 bytes')
  })

  it('is a server that says nothing for 30 s, or never ends its answer', async () => {
    for (const begin of [false, true]) {
      const { api, clock } = aClient()
      const received = new Promise<void>((resolve) => {
        server.handler = (_, response) => {
          if (begin) response.writeHead(200).write('{')
          resolve()
        }
      })
      const error = failure(api.create(things, { metadata: a }))
      await received
      await clock.advance(29_999)
      expect(server.sockets.size).toBe(1)
      await clock.advance(1)
      expect(await error).toMatchObject({ reason: 'Timeout', ambiguous: true })
      await expect.poll(() => server.sockets.size).toBe(0)
      expect(clock.pending).toBe(0)
    }
  })

  it('is a call that the caller gives up, before or after it was sent', async () => {
    const { api } = aClient()
    const cancelled = AbortSignal.abort('early')
    expect(await failure(api.get(things, a, cancelled))).toMatchObject({ reason: 'Timeout', cause: 'early' })
    expect(server.requests).toEqual([])
    const controller = new AbortController()
    server.handler = () => {
      controller.abort('late')
    }
    expect(await failure(api.get(things, a, controller.signal))).toMatchObject({ reason: 'Timeout', cause: 'late' })
  })

  it('or a success leaves no listener on the signal of the caller', async () => {
    const { api } = aClient()
    const { signal } = new AbortController()
    await api.get(things, a, signal)
    server.handler = () => {
      server.reset()
    }
    await failure(api.get(things, a, signal))
    await expect.poll(() => getEventListeners(signal, 'abort').length).toBe(0)
  })

  it('is a connection that breaks: a lost answer', async () => {
    server.handler = () => {
      server.reset()
    }
    const error = await failure(aClient().api.create(things, { metadata: a }))
    expect(error).toMatchObject({ reason: 'ConnectionFailed', code: 0, ambiguous: true })
  })

  it('is a server that is not there', async () => {
    const { api } = aClient({ access: fixedAccess({ server: 'https://127.0.0.1:1' }) })
    expect((await failure(api.get(things, a))).reason).toBe('ConnectionFailed')
  })
})

describe('a connection that was closed while it was idle', () => {
  /** The first request on each connection is answered, the next one meets a reset. */
  const answerOncePerConnection = () => {
    let left = 1
    server.handler = (_, response) => {
      if (left-- > 0) {
        answer(response, 200, thing('a', 1))
      } else {
        left = 1
        server.reset()
      }
    }
  }

  it('costs a read nothing', async () => {
    const { api } = aClient()
    answerOncePerConnection()
    await api.get(things, a)
    await expect(api.get(things, a)).resolves.toMatchObject({ metadata: { name: 'a' } })
    expect(server.requests.length).toBe(3)
  })

  it('is a lost answer to a write, which is never repeated', async () => {
    const { api } = aClient()
    answerOncePerConnection()
    await api.get(things, a)
    expect((await failure(api.create(things, { metadata: a }))).reason).toBe('ConnectionFailed')
    expect(server.requests.length).toBe(2)
  })
})
