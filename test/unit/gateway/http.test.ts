import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { annotation, CustodyKind, label } from '../../../src/api/labels.ts'
import { Secrets, SecretTasks } from '../../../src/api/resources.ts'
import { ServingCertificate } from '../../../src/gateway/serving-certificate.ts'
import { createGateway, type Gateway } from '../../../src/gateway/gateway.ts'
import { ApiError } from '../../../src/kube/errors.ts'
import { systemClock } from '../../../src/runtime/system-clock.ts'
import { FakeApi } from '../../support/fake-api.ts'
import { testPorts } from '../../support/gateway-ports.ts'
import { call, type Call, type Reply } from '../../support/https.ts'
import { aTask, CREDENTIAL_UID, install, TASK_ID, TASK_KEY } from '../../support/task-run.ts'

const PATH = `/api/v2/secrets/${CREDENTIAL_UID}/tasks/${TASK_ID}`
const TOKEN = 'eyJhbGciOi.CANARYTOKEN.c2lnbmF0dXJl'
const GOOD = { authorization: `Bearer ${TOKEN}` }

let api: FakeApi
let gateway: Gateway
let port: number
let logged: string

beforeEach(async () => {
  api = new FakeApi()
  install(api, aTask())
  api.reviews.set(TOKEN, api.reviews.get('good') ?? {})
  logged = ''
  const log = (fields: object, message: string) => {
    const plain = (_: string, value: unknown) =>
      value instanceof Error ? `${value.message} ${value.stack ?? ''}` : value
    logged += `${message} ${JSON.stringify(fields, plain)}\n`
  }
  const logger = { debug: log, info: log, warn: log, error: log }
  const ports = testPorts(api, { logger, clock: systemClock })
  const certificate = new ServingCertificate({ ...ports, namespace: ports.custodyNamespace, names: ['localhost'] })
  gateway = createGateway({ ...ports, certificate })
  port = await gateway.listen(0)
})
afterEach(() => gateway.close())

const send = (more: Partial<Call>): Promise<Reply> =>
  call({ port, ca: gateway.caBundle(), path: PATH, headers: GOOD, ...more })
const put = (report: unknown, more: Partial<Call> = {}): Promise<Reply> =>
  send({ method: 'PUT', body: JSON.stringify(report), ...more })
const made = (id = 'role-1', payload: unknown = { username: 'CANARYPAYLOAD', port: 5432 }) => ({
  status: 'credentials_created',
  credentials: { id, payload },
})
const failure = (status: number, code: string, message: unknown = expect.any(String)) => ({
  status,
  body: { errors: [{ code, message }], status_code: status, trace: expect.stringMatching(/^[\w-]{8,}$/) as string },
})
const refusedIds = () =>
  api
    .all(Secrets)
    .filter(({ metadata }) => metadata.labels?.[label.custody] === CustodyKind.refused)
    .map(({ metadata }) => metadata.annotations?.[annotation.credentialsId])

describe('the task API over TLS', () => {
  it('shows a task as IBM does', async () => {
    await expect(send({})).resolves.toMatchObject({
      status: 200,
      body: {
        id: TASK_ID,
        type: 'create_credentials',
        status: 'processing',
        trigger: 'secret_creation',
        secret_id: CREDENTIAL_UID,
        created_by: 'custom-credentials-operator',
        creation_date: '2026-01-01T00:00:00Z',
        updated_by: 'custom-credentials-operator',
        last_update_date: '2026-01-01T00:00:01Z',
      },
    })
  })

  it('takes a report and answers with the task, without what was reported', async () => {
    const reply = await put(made())
    expect(reply).toMatchObject({ status: 200, body: { id: TASK_ID, status: 'credentials_created' } })
    expect(JSON.stringify(reply.body)).not.toContain('CANARY')
    expect(api.peek(SecretTasks, TASK_KEY)?.status).toMatchObject({ result: { credentialsId: 'role-1' } })
  })

  it('shows why a task has failed', async () => {
    const errors = [{ code: 'ERR10001', description: 'no route to the database' }]
    await expect(put({ status: 'failed', errors })).resolves.toMatchObject({
      status: 200,
      body: { status: 'failed', errors },
    })
  })

  it('is trusted only by who knows its authority', async () => {
    await expect(send({ ca: '' })).rejects.toThrow(/self-signed|unable to (verify|get)/)
  })
})

describe('what is refused', () => {
  const cases: Record<string, [Partial<Call>, object]> = {
    'a request without a token': [{ headers: {} }, failure(401, 'invalid_token')],
    'a token that is not valid': [{ headers: { authorization: 'Bearer other' } }, failure(401, 'invalid_token')],
    'a task of somebody else': [
      { path: PATH.replace(TASK_ID, 'sm-task-other') },
      failure(403, 'not_your_task', `the pod runs ${TASK_ID}, which is another task`),
    ],
    'a task of another secret': [{ path: PATH.replace(CREDENTIAL_UID, 'other') }, failure(404, 'task_not_found')],
    'a path that is none': [{ path: '/api/v2/secrets' }, failure(404, 'path_not_found')],
    'a method that is none': [{ method: 'DELETE' }, failure(405, 'method_not_allowed')],
    'a body that is not JSON': [{ method: 'PUT', body: 'CANARY' }, failure(400, 'malformed_request')],
    'no body': [{ method: 'PUT' }, failure(400, 'malformed_request', 'the body is not JSON in UTF-8')],
    'outputs that the schema refuses': [
      { method: 'PUT', body: JSON.stringify(made('role-1', { port: 'CANARY' })) },
      failure(
        400,
        'invalid_report',
        'credentials.payload: username: is required, but missing; port: must be an integer',
      ),
    ],
  }
  it.each(Object.entries(cases))('%s', async (_, [request, reply]) => {
    await expect(send(request)).resolves.toMatchObject(reply)
  })

  it('names the way to get in', async () => {
    const { headers } = await send({ headers: {} })
    expect(headers['www-authenticate']).toBe('Bearer')
  })

  it('a report to another secret, of which a record is made', async () => {
    const reply = await put(made(), { path: PATH.replace(CREDENTIAL_UID, 'other') })
    expect(reply).toMatchObject(failure(404, 'task_not_found'))
    expect(refusedIds()).toEqual(['role-1'])
  })

  it('a report of credentials in use to another secret, which are not owed a deletion', async () => {
    await put(made())
    const reply = await put(made(), { path: PATH.replace(CREDENTIAL_UID, 'other') })
    expect(reply).toMatchObject(failure(404, 'task_not_found'))
    expect(refusedIds()).toEqual([])
  })

  it.each([
    ['with its length', false],
    ['in chunks', true],
  ])('a report over 1 MiB, %s; the task shows it', async (_, chunked) => {
    const reply = await put(made('role-1', { username: 'x'.repeat(1024 * 1024) }), { chunked })
    expect(reply).toMatchObject(failure(413, 'report_too_large', 'a report may have 1048576 bytes at most'))
    expect(api.peek(SecretTasks, TASK_KEY)?.status).toMatchObject({
      state: 'processing',
      message: 'The report was refused: a report may have 1048576 bytes at most',
    })
  })

  it('a report that is none; the task shows it', async () => {
    await expect(put({ status: 'CANARY' })).resolves.toMatchObject(failure(400, 'malformed_request'))
    expect(api.peek(SecretTasks, TASK_KEY)?.status.message).toBe(
      'The report was refused: status: must be an object whose status is credentials_created, credentials_deleted or failed',
    )
    expect(refusedIds()).toEqual([])
  })

  it('a stranger, before the body is looked at', async () => {
    const reply = await send({ method: 'PUT', body: Buffer.alloc(4 * 1024 * 1024), headers: {} })
    expect(reply).toMatchObject(failure(401, 'invalid_token'))
  })
})

describe('an API server in trouble', () => {
  it.each(['review', 'get pods', 'create secrets'])('is 503 and never a refusal: %s', async (at) => {
    api.meet(at, new ApiError('TooManyRequests', 'later', { code: 429, retryAfterSeconds: 7 }))
    const reply = await put(made())
    expect(reply).toMatchObject(failure(503, 'unavailable'))
    expect(reply.headers['retry-after']).toBe('7')
  })

  it('is 503 for an error that nobody foresaw, which the log tells', async () => {
    api.meet('create secrets', () => {
      throw new TypeError('cannot read properties of undefined')
    })
    const reply = await put(made())
    expect(reply).toMatchObject(failure(503, 'unavailable', 'the request cannot be judged now: send it again'))
    expect(reply.headers['retry-after']).toBe('1')
    expect(logged).toContain('cannot read properties of undefined')
  })
})

it('no token and no reported value is ever logged', async () => {
  await put(made('role-CANARYID'))
  await put(made('role-1', { port: 'CANARYVALUE' }))
  await send({ method: 'PUT', body: '{"status":"CANARYBODY' })
  await send({ path: `${PATH}?token=CANARYQUERY`, headers: { authorization: 'Bearer CANARYBAD' } })
  api.meet('get secrettasks', new ApiError('ServerError', 'etcd has no leader'))
  await put(made('role-2'))
  expect(logged.split('\n').length).toBeGreaterThan(5)
  expect(logged).not.toContain('CANARY')
})
