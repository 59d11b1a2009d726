import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createKubeApi } from '../../../src/kube/client.ts'
import { fromKubeconfig, inCluster, type ClusterAccess } from '../../../src/kube/credentials.ts'
import { answer, FakeApiServer } from '../../support/fake-api-server.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { thing, things } from '../../support/things.ts'

const a = { namespace: 'ns', name: 'a' }

let server: FakeApiServer
let directory: string
let clock: FakeClock
/** The token that the server accepts. */
let accepted: string
const clients: { close(): void }[] = []

beforeEach(async () => {
  server = await FakeApiServer.start(({ headers }, response) => {
    if (headers.authorization === `Bearer ${accepted}`) answer(response, 200, thing('a', 1))
    else answer(response, 401, { reason: 'Unauthorized', message: 'Unauthorized' })
  })
  directory = await mkdtemp(join(tmpdir(), 'credentials-'))
  clock = new FakeClock()
  accepted = 'one'
  await writeFile(join(directory, 'ca.crt'), server.ca)
  await writeFile(join(directory, 'namespace'), 'operators\n')
  await writeFile(join(directory, 'token'), 'one\n')
})
afterEach(async () => {
  for (const client of clients.splice(0)) client.close()
  await server[Symbol.asyncDispose]()
  await rm(directory, { recursive: true })
})

function aClient(access: ClusterAccess) {
  const api = createKubeApi({ access, clock, version: '0' })
  clients.push(api)
  return api
}

const inPod = () => {
  const { hostname: host, port } = new URL(server.url)
  return aClient(inCluster({ host, port, clock, directory }))
}
const rotate = async (token: string) => {
  accepted = token
  await writeFile(join(directory, 'token'), token)
}

describe('in the cluster', () => {
  it('the service account is who we are', async () => {
    await inPod().get(things, a)
    expect(server.lastRequest.headers.authorization).toBe('Bearer one')
  })

  it('an IPv6 address is written as URLs want it', () => {
    expect(inCluster({ host: 'fd00::1', port: '443', clock }).server).toBe('https://[fd00::1]:443')
  })

  it('a rotated token is used within a minute, though the old one still works', async () => {
    const api = inPod()
    await api.get(things, a)
    await writeFile(join(directory, 'token'), 'two')
    await clock.advance(59_999)
    await api.get(things, a)
    accepted = 'two'
    await clock.advance(1)
    await api.get(things, a)
    expect(server.requests.map(({ headers }) => headers.authorization?.slice(7))).toEqual(['one', 'one', 'two'])
  })

  it('a 401 has the token read again at once, and the call repeated once', async () => {
    const api = inPod()
    await api.get(things, a)
    await rotate('two')
    await expect(api.create(things, { metadata: a })).resolves.toMatchObject({ metadata: { name: 'a' } })
    expect(server.requests.length).toBe(3)
    await expect(api.get(things, a)).resolves.toBeDefined()
    expect(server.requests.length).toBe(4)
  })

  it('a 401 has a watch opened again with the new token', async () => {
    const api = inPod()
    await api.get(things, a)
    await rotate('two')
    const { handler } = server
    server.handler = (request, response) => {
      if (request.headers.authorization === 'Bearer two') response.writeHead(200).end()
      else handler(request, response)
    }
    const watch = api.watch(things, { resourceVersion: '1', timeoutSeconds: 300, signal: new AbortController().signal })
    expect(await watch[Symbol.asyncIterator]().next()).toMatchObject({ done: true })
    expect(server.requests.length).toBe(3)
    expect(server.lastRequest.headers.authorization).toBe('Bearer two')
  })

  it('a token that stays refused is an error, not a loop', async () => {
    accepted = 'another'
    await expect(inPod().get(things, a)).rejects.toMatchObject({ reason: 'Unauthorized', code: 401 })
    expect(server.requests.length).toBe(2)
  })

  it('an unreadable token file is an error of the call, and no more than that', async () => {
    await rm(join(directory, 'token'))
    const api = inPod()
    const failed = api.get(things, a)
    await expect(failed).rejects.toMatchObject({ reason: 'Unauthorized', code: 0, ambiguous: false })
    await rotate('two')
    await expect(api.get(things, a)).resolves.toBeDefined()
  })

  it('an empty token file, as seen while it is being written, is unreadable', async () => {
    await writeFile(join(directory, 'token'), '')
    await expect(inPod().get(things, a)).rejects.toMatchObject({ reason: 'Unauthorized', code: 0 })
  })

  it('the last good token serves on while the file cannot be read', async () => {
    const api = inPod()
    await api.get(things, a)
    await rm(join(directory, 'token'))
    await clock.advance(600_000)
    await expect(api.get(things, a)).resolves.toBeDefined()
    await rotate('two')
    await expect(api.get(things, a)).resolves.toBeDefined()
  })
})

// Loading the library takes long on a busy machine.
describe('from a kubeconfig', { timeout: 30_000 }, () => {
  const kubeconfig = async (user: object) => {
    const path = join(directory, 'kubeconfig')
    const cluster = { server: server.url, 'certificate-authority-data': Buffer.from(server.ca).toString('base64') }
    const config = {
      clusters: [{ name: 'c', cluster }],
      users: [{ name: 'u', user }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'x',
    }
    await writeFile(path, JSON.stringify(config))
    return path
  }

  it('a token is used', async () => {
    const path = await kubeconfig({ token: 'one' })
    await aClient(await fromKubeconfig({ path, clock })).get(things, a)
    expect(server.lastRequest.headers.authorization).toBe('Bearer one')
  })

  it('a client certificate is used', async () => {
    const { cert, key } = await server.authority.issue('developer')
    const base64 = (text: string) => Buffer.from(text).toString('base64')
    const path = await kubeconfig({ 'client-certificate-data': base64(cert), 'client-key-data': base64(key) })
    server.handler = (_, response) => {
      answer(response, 403, { reason: 'Forbidden', message: 'no' })
    }
    await expect(aClient(await fromKubeconfig({ path, clock })).get(things, a)).rejects.toMatchObject({
      reason: 'Forbidden',
    })
    expect(server.lastRequest.client).toBe('developer')
  })

  it('an exec plugin is asked', async () => {
    const plugin = join(directory, 'plugin.cjs')
    const credential = {
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      status: { token: 'one' },
    }
    await writeFile(plugin, `console.log(${JSON.stringify(JSON.stringify(credential))})`)
    const exec = {
      apiVersion: credential.apiVersion,
      command: process.execPath,
      args: [plugin],
      interactiveMode: 'Never',
    }
    const path = await kubeconfig({ exec })
    await aClient(await fromKubeconfig({ path, clock })).get(things, a)
    expect(server.lastRequest.headers.authorization).toBe('Bearer one')
  })

  it('without a cluster is refused', async () => {
    const path = join(directory, 'kubeconfig')
    await writeFile(path, '{}')
    await expect(fromKubeconfig({ path, clock })).rejects.toThrow('names no current cluster')
  })
})
