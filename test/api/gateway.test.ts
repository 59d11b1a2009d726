import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { annotation, CustodyKind, label } from '../../src/api/labels.ts'
import { Secrets, SecretTasks, type Secret } from '../../src/api/resources.ts'
import { ServingCertificate } from '../../src/gateway/serving-certificate.ts'
import { createGateway, type Gateway } from '../../src/gateway/gateway.ts'
import { createKubeApi } from '../../src/kube/client.ts'
import { ApiError } from '../../src/kube/errors.ts'
import type { KubeApi } from '../../src/kube/port.ts'
import { systemClock } from '../../src/runtime/system-clock.ts'
import { asker } from '../support/ask.ts'
import { fixedAccess } from '../support/fixed-access.ts'
import { testPorts } from '../support/gateway-ports.ts'
import { call, type Reply } from '../support/https.ts'
import { ownCluster } from '../support/own-cluster.ts'
import { expired, TaskWorld, type RunningTask } from '../support/task-world.ts'
import { install, until } from './crds-cluster.ts'

const NAMESPACE = 'gateway-test'
const CUSTODY = 'custom-credentials-system'

const cluster = ownCluster()
const ask = asker(cluster)
let api: KubeApi & { close(): void }
let world: TaskWorld
let gateway: Gateway
let port: number
let run: RunningTask

/** A replica that knows nothing: its caches are empty. */
const replica = (over: KubeApi = api): Gateway =>
  createGateway({
    ...testPorts(over),
    clock: systemClock,
    custodyNamespace: CUSTODY,
    certificate: new ServingCertificate({ api: over, clock: systemClock, namespace: CUSTODY, names: ['localhost'] }),
    outputSchema: () => Promise.resolve([{ name: 'password', type: 'string', required: true }]),
  })

beforeAll(async () => {
  await install()
  const account = `/api/v1/namespaces/${CUSTODY}/serviceaccounts/custom-credentials-operator/token`
  const { body } = await ask('POST', account, {
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} },
  })
  const { token } = body['status'] as { token: string }
  const access = fixedAccess({ server: cluster.url, ca: readFileSync(cluster.caPath, 'utf8'), token })
  api = createKubeApi({ access, clock: systemClock, version: 'test' })
  await ask('POST', '/api/v1/namespaces', { body: { metadata: { name: NAMESPACE } } })
  await until(async () => (await ask('GET', `/api/v1/namespaces/${NAMESPACE}/serviceaccounts/default`)).code === 200)
  world = new TaskWorld({ ask, operator: api, custody: CUSTODY, namespace: NAMESPACE })
  gateway = replica()
  port = await gateway.listen(0)
  run = await world.start()
})

afterAll(async () => {
  await gateway.close()
  await world.clear()
  await ask('DELETE', `/api/v1/namespaces/${NAMESPACE}`)
  api.close()
})

const made = (id: string, password: unknown = 'p') => ({
  status: 'credentials_created',
  credentials: { id, payload: { password } },
})
const pathOf = ({ task }: RunningTask) => `/api/v2/secrets/${task.spec.credential.uid}/tasks/${task.metadata.name}`

interface Sent {
  readonly token?: string
  readonly path?: string
  readonly to?: { port: number; ca: string }
}
const put = (
  of: RunningTask,
  report: unknown,
  { token = of.token, path = pathOf(of), to }: Sent = {},
): Promise<Reply> =>
  call({
    port,
    ca: gateway.caBundle(),
    ...to,
    method: 'PUT',
    path,
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify(report),
  })
const codeOf = ({ status, body }: Reply) => [status, (body['errors'] as { code: string }[] | undefined)?.[0]?.code]

const taskOf = ({ task: { metadata } }: RunningTask) => api.get(SecretTasks, metadata)
const custodyOf = async ({ task }: RunningTask, kind: CustodyKind): Promise<readonly Secret[]> => {
  const labelSelector = `${label.task}=${task.metadata.name},${label.custody}=${kind}`
  return (await api.list(Secrets, { namespace: CUSTODY, labelSelector })).items
}
const refusedIds = async (of: RunningTask) =>
  (await custodyOf(of, CustodyKind.refused)).map(({ metadata }) => metadata.annotations?.[annotation.credentialsId])

describe('who may report, by the API server itself', () => {
  it('not the pod of another task', async () => {
    const other = await world.start()
    expect(codeOf(await put(run, made('role-1'), { token: other.token }))).toEqual([403, 'not_your_task'])
  })

  it('not a token for another audience', async () => {
    const token = await world.mint(run.pod, cluster.url)
    expect(codeOf(await put(run, made('role-1'), { token }))).toEqual([401, 'invalid_token'])
  })

  it('not a token that has expired', async () => {
    expect(codeOf(await put(run, made('role-1'), { token: expired(run.token, cluster.folder) }))).toEqual([
      401,
      'invalid_token',
    ])
  })

  it('not a token of which a letter was changed', async () => {
    const token = `${run.token.slice(0, -2)}${run.token.endsWith('AA') ? 'BB' : 'AA'}`
    expect(codeOf(await put(run, made('role-1'), { token }))).toEqual([401, 'invalid_token'])
  })

  it('not a pod that is gone', async () => {
    const gone = await world.start()
    await world.end(gone.pod)
    expect(codeOf(await put(gone, made('role-1')))).toEqual([401, 'invalid_token'])
  })

  it('and none of them has changed anything', async () => {
    expect((await taskOf(run)).status.state).toBe('processing')
    expect(await custodyOf(run, CustodyKind.version)).toEqual([])
    expect(await refusedIds(run)).toEqual([])
  })
})

describe('a run, from a bad report to the end', () => {
  it('is told what is wrong, and the task shows it', async () => {
    expect(await put(run, made('role-1', 7))).toMatchObject({
      status: 400,
      body: { errors: [{ code: 'invalid_report', message: 'credentials.payload: password: must be a string' }] },
    })
    expect((await taskOf(run)).status).toMatchObject({
      state: 'processing',
      message: 'The report was refused: credentials.payload: password: must be a string',
    })
    expect(await refusedIds(run)).toEqual(['role-1'])
  })

  it('reports well, and the version is in custody', async () => {
    expect(await put(run, made('role-1'))).toMatchObject({ status: 200, body: { status: 'credentials_created' } })
    const task = await taskOf(run)
    expect(task.status).toMatchObject({ outcome: 'Created', result: { credentialsId: 'role-1' } })
    expect(task.status.jobRef?.uid).toBe(run.pod.metadata.ownerReferences?.[0]?.uid)
    expect(await custodyOf(run, CustodyKind.version)).toMatchObject([
      { metadata: { name: run.task.metadata.name }, immutable: true, data: { password: 'cA==' } },
    ])
  })

  it('may repeat the report without an effect, through any replica', async () => {
    const before = (await taskOf(run)).metadata.resourceVersion
    const other = replica()
    const to = { port: await other.listen(0), ca: gateway.caBundle() }
    expect((await put(run, made('role-1'), { to })).status).toBe(200)
    expect(other.caBundle()).toBe(gateway.caBundle())
    await other.close()
    expect((await taskOf(run)).metadata.resourceVersion).toBe(before)
  })

  it('is suspect, and not told to undo, if it repeats it with another payload', async () => {
    expect((await put(run, made('role-1', 'other'))).status).toBe(200)
    expect((await taskOf(run)).status).toMatchObject({
      state: 'credentials_created',
      suspect: expect.any(String) as string,
    })
  })

  it('is told to undo other credentials, once they are recorded', async () => {
    expect(codeOf(await put(run, made('role-2')))).toEqual([400, 'task_ended'])
    expect((await refusedIds(run)).sort()).toEqual(['role-1', 'role-2'])
  })
})

it('a report cut off between custody and the end of the task is taken up by another replica', async () => {
  const cut = await world.start()
  const broken: KubeApi = {
    ...api,
    patch: () => Promise.reject(new ApiError('TooManyRequests', 'the process is gone', { code: 429 })),
  }
  const dying = replica(broken)
  const to = { port: await dying.listen(0), ca: gateway.caBundle() }
  expect(codeOf(await put(cut, made('role-1'), { to }))).toEqual([503, 'unavailable'])
  await dying.close()
  expect(await custodyOf(cut, CustodyKind.version)).toHaveLength(1)
  expect((await taskOf(cut)).status.state).toBe('processing')

  expect((await put(cut, made('role-1'))).status).toBe(200)
  expect((await taskOf(cut)).status).not.toHaveProperty('suspect')
  expect(await refusedIds(cut)).toEqual([])
})

it('the run of a cancelled task is told to undo, once its credentials are recorded', async () => {
  const cancelled = await world.start()
  await api.remove(SecretTasks, cancelled.task.metadata)
  expect(codeOf(await put(cancelled, made('role-1')))).toEqual([404, 'task_not_found'])
  expect(await refusedIds(cancelled)).toEqual(['role-1'])
})

it('the run of a task that has timed out is told to undo, once its credentials are recorded', async () => {
  const late = await world.start()
  const status = { state: 'failed', outcome: 'Unknown', errors: [{ code: 'Timeout', description: 'no report' }] }
  await api.patch(SecretTasks, late.task.metadata, {
    subresource: 'status',
    operations: [{ op: 'add', path: '/status', value: status }],
  })
  expect(codeOf(await put(late, made('role-1')))).toEqual([400, 'task_ended'])
  expect(await refusedIds(late)).toEqual(['role-1'])
})

it('a Secret made by hand under the name of a version stops the report, and nobody is told to undo', async () => {
  const squatted = await world.start()
  const name = squatted.task.metadata.name
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { namespace: CUSTODY, name } }
  await ask('POST', `/api/v1/namespaces/${CUSTODY}/secrets`, { body: secret })
  expect(codeOf(await put(squatted, made('role-1')))).toEqual([503, 'unavailable'])
  expect((await taskOf(squatted)).status.state).toBe('processing')
  await ask('DELETE', `/api/v1/namespaces/${CUSTODY}/secrets/${name}`)
  expect((await put(squatted, made('role-1'))).status).toBe(200)
})
