import { beforeEach, describe, expect, it } from 'vitest'
import type { SecretTask } from '../../../src/api/generated.ts'
import { inputId } from '../../../src/api/input-id.ts'
import { label } from '../../../src/api/labels.ts'
import { Namespaces, type Secret, Secrets, SecretTasks } from '../../../src/api/resources.ts'
import { copyManifest } from '../../../src/custody/input-secrets.ts'
import { createApp } from '../../../src/gateway/app.ts'
import { ApiError } from '../../../src/kube/errors.ts'
import { FakeApi } from '../../support/fake-api.ts'
import { testPorts } from '../../support/gateway-ports.ts'
import { aTask, CREDENTIAL_UID, CUSTODY, install, TASK_ID, TASK_KEY } from '../../support/task-run.ts'

const inputs = { secretParameters: { admin: { name: 'ledger-admin' } }, namespaceUid: 'uid-team-a' }
const ID = inputId(CREDENTIAL_UID, 'ledger-admin')
const secret = (namespace = 'team-a', more: Partial<Secret> = {}): Secret => ({
  metadata: { namespace, name: 'ledger-admin', uid: 'secret-uid', resourceVersion: '1' },
  type: 'Opaque',
  data: { user: Buffer.from('root').toString('base64') },
  ...more,
})

let api: FakeApi

/** The run of this task is at work. */
function run(task: SecretTask): void {
  api = new FakeApi()
  install(api, task)
  api.put(Secrets, secret(task.spec.credential.namespace))
  api.put(Namespaces, { metadata: { name: 'team-a', uid: 'uid-team-a', resourceVersion: '1' } })
}

async function read(id = ID, token = 'good') {
  const headers = { authorization: `Bearer ${token}` }
  const response = await createApp(testPorts(api)).request(`/api/v2/secrets/${id}`, { headers })
  return { status: response.status, headers: response.headers, body: (await response.json()) as object }
}
const failure = (status: number, code: string, message: unknown = expect.any(String)) => ({
  status,
  body: { errors: [{ code, message }], status_code: status },
})

beforeEach(() => {
  run(aTask({}, inputs))
})

describe('a run reads the Secret that its task names', () => {
  it('as it is now, and nobody is to keep it', async () => {
    const reply = await read()
    expect(reply).toMatchObject({ status: 200, body: { id: ID, secret_type: 'kv', data: { user: 'root' } } })
    expect(reply.headers.get('cache-control')).toBe('no-store')
  })

  it('also one that was made anew under the name', async () => {
    api.put(Secrets, secret('team-a', { data: { user: Buffer.from('admin').toString('base64') } }))
    await expect(read()).resolves.toMatchObject({ body: { id: ID, data: { user: 'admin' } } })
  })

  it('at the cost of a token review, two gets and a list', async () => {
    api.calls.length = 0
    await read()
    const reads = api.calls.filter((call) => !/^get (pods|jobs)|operator-system/.test(call))
    expect(reads.map((call) => call.split(' ').slice(0, 2).join(' '))).toEqual([
      'review',
      'get secrettasks',
      'get secrets',
      'list namespaces',
    ])
  })
})

describe('a copy that is kept for revocations', () => {
  const copyOf = (uid: string, more: object = {}) => {
    const values = { user: Buffer.from('copied').toString('base64') }
    const manifest = copyManifest(
      CUSTODY,
      { name: 'orders-database', uid },
      secret('team-a', { data: values, ...more }),
    )
    api.put(Secrets, { ...manifest, metadata: { ...manifest.metadata, uid: 'copy-uid', resourceVersion: '1' } })
  }
  const deletion = { ...inputs, type: 'delete_credentials', originTaskId: TASK_ID, credentialsId: 'role-0' } as const
  const gone = () => {
    api.drop(Secrets, secret().metadata)
  }

  it('is shown to a deletion once the Secret is gone', async () => {
    run(aTask({}, deletion))
    copyOf(CREDENTIAL_UID)
    await expect(read()).resolves.toMatchObject({ body: { data: { user: 'root' } } })
    gone()
    await expect(read()).resolves.toMatchObject({ status: 200, body: { id: ID, data: { user: 'copied' } } })
  })

  it('is shown in place of what is another tenant’s under the same names', async () => {
    run(aTask({}, deletion))
    copyOf(CREDENTIAL_UID)
    api.put(Namespaces, { metadata: { name: 'team-a', uid: 'made anew', resourceVersion: '2' } })
    await expect(read()).resolves.toMatchObject({ status: 200, body: { data: { user: 'copied' } } })
  })

  it('is shown to no creation', async () => {
    copyOf(CREDENTIAL_UID)
    gone()
    await expect(read()).resolves.toMatchObject(failure(404, 'secret_not_found'))
  })

  it('is not shown where it is of a login to the cluster itself', async () => {
    run(aTask({}, deletion))
    copyOf(CREDENTIAL_UID, { type: 'kubernetes.io/service-account-token' })
    gone()
    await expect(read()).resolves.toMatchObject(failure(404, 'secret_not_found'))
  })

  it('is not shown to a run of another credential', async () => {
    run(aTask({}, deletion))
    copyOf('0f6a7a52-0001-4a35-9b0e-3f4f5be2c001')
    gone()
    await expect(read()).resolves.toMatchObject(failure(404, 'secret_not_found'))
  })
})

describe('and nothing else', () => {
  const notNamed = failure(404, 'secret_not_found', 'the task has no input of this ID')
  it.each<[string, string, object]>([
    ['another Secret of the same credential', inputId(CREDENTIAL_UID, 'orders-database'), notNamed],
    ['that of another credential', inputId('0f6a7a52-0001-4a35-9b0e-3f4f5be2c001', 'ledger-admin'), notNamed],
    ['by its name', 'ledger-admin', notNamed],
    ['the credential itself', CREDENTIAL_UID, notNamed],
  ])('%s', async (_, id, refused) => {
    await expect(read(id)).resolves.toMatchObject(refused)
  })

  it.each<[string, () => unknown, object]>([
    ['a stranger', () => api.reviews.delete('good'), failure(401, 'invalid_token')],
    [
      'a run whose task is over',
      () => api.put(SecretTasks, aTask({ state: 'credentials_created' }, inputs)),
      failure(403, 'not_at_work'),
    ],
    [
      'a run whose task is being cancelled',
      () => {
        const task = aTask({}, inputs)
        api.put(SecretTasks, { ...task, metadata: { ...task.metadata, deletionTimestamp: '2026-01-01T00:00:02Z' } })
      },
      failure(403, 'not_at_work'),
    ],
    [
      'a run whose task is gone',
      () => {
        api.drop(SecretTasks, TASK_KEY)
      },
      failure(404, 'task_not_found'),
    ],
    [
      'a run whose namespace is another one by now, under the same name',
      () => api.put(Namespaces, { metadata: { name: 'team-a', uid: 'made anew', resourceVersion: '2' } }),
      failure(404, 'secret_not_found'),
    ],
    [
      'a Secret that says that it lies in custody',
      () => {
        const { metadata, ...rest } = secret()
        api.put(Secrets, { ...rest, metadata: { ...metadata, labels: { [label.custody]: 'version' } } })
      },
      failure(404, 'secret_not_found'),
    ],
    [
      'a login to the cluster itself',
      () => api.put(Secrets, secret('team-a', { type: 'kubernetes.io/service-account-token' })),
      failure(404, 'secret_not_found'),
    ],
  ])('%s is answered nothing', async (_, given, refused) => {
    given()
    await expect(read()).resolves.toMatchObject(refused)
  })

  it('a credential in the namespace of custody is answered nothing', async () => {
    run(aTask({}, { ...inputs, credential: { namespace: CUSTODY, name: 'orders-database', uid: CREDENTIAL_UID } }))
    await expect(read()).resolves.toMatchObject(failure(404, 'secret_not_found'))
  })

  it('a Secret that is gone: the task says which', async () => {
    api.drop(Secrets, secret().metadata)
    await expect(read()).resolves.toMatchObject(
      failure(404, 'secret_not_found', 'the input Secret "ledger-admin" is gone'),
    )
    expect(api.peek(SecretTasks, TASK_KEY)?.status.message).toBe(
      'The provider asked for a Secret: the input Secret "ledger-admin" is gone.',
    )
  })

  it('where nothing is certain, it is to ask again', async () => {
    api.meet('get secrets team-a', new ApiError('TooManyRequests', 'later', { code: 429, retryAfterSeconds: 7 }))
    await expect(read()).resolves.toMatchObject(failure(503, 'unavailable'))
  })
})
