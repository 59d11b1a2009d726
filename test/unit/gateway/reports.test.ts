import { beforeEach, describe, expect, it } from 'vitest'
import { annotation, CustodyKind, label } from '../../../src/api/labels.ts'
import { CustomCredentials, Secrets, SecretTasks, type Secret } from '../../../src/api/resources.ts'
import { versionManifest } from '../../../src/custody/versions.ts'
import type { Run } from '../../../src/gateway/identity.ts'
import type { Report } from '../../../src/gateway/report.ts'
import { takeReport } from '../../../src/gateway/reports.ts'
import { ApiError } from '../../../src/kube/errors.ts'
import { aCredential, aVersion, elsewhere } from '../../support/builders.ts'
import { FakeApi } from '../../support/fake-api.ts'
import { cacheOf, testPorts, type TestPorts } from '../../support/gateway-ports.ts'
import { aDeleteTask, aTask, CREDENTIAL_UID, CUSTODY, install, TASK_ID, TASK_KEY } from '../../support/task-run.ts'

let api: FakeApi
let ports: TestPorts

/** The task is processing, and this replica's cache knows it. */
beforeEach(() => {
  begin(aTask())
})

function begin(task: ReturnType<typeof aTask>): void {
  api = new FakeApi()
  ports = testPorts(api, { tasks: cacheOf(install(api, task).task) })
}

const runOf = (task = aTask()): Run => ({
  id: TASK_ID,
  namespace: 'team-a',
  taskUid: 'task-uid',
  jobUid: 'job-uid',
  spec: task.spec,
})
const made = (credentialsId = 'role-1', payload: unknown = { username: 'u', port: 5432 }): Report => ({
  status: 'credentials_created',
  credentialsId,
  payload,
})
const failed: Report = { status: 'failed', errors: [{ code: 'E1', description: 'no route' }] }
const report = (body: Report = made()) => takeReport(ports, runOf(), body)

const VERSION = { namespace: CUSTODY, name: TASK_ID }
const task = () => api.peek(SecretTasks, TASK_KEY)
const version = () => api.peek(Secrets, VERSION)
const refusedIds = () =>
  api
    .all(Secrets)
    .filter(({ metadata }) => metadata.labels?.[label.custody] === CustodyKind.refused)
    .map(({ metadata }) => metadata.annotations?.[annotation.credentialsId])
const unavailable = () => new ApiError('ServerError', 'etcd has no leader', { code: 500 })
const cancel = () => {
  api.drop(SecretTasks, TASK_KEY)
}
const timeOut = () => {
  api.put(
    SecretTasks,
    aTask({ state: 'failed', outcome: 'Unknown', errors: [{ code: 'Timeout', description: 'late' }] }),
  )
}
const keepFirst = (credentialsId = 'role-1', data: Record<string, string> = { username: 'u', port: '5432' }) =>
  api.put(Secrets, versionManifest(CUSTODY, { id: TASK_ID, spec: aTask().spec }, { credentialsId, data }) as Secret)

describe('new credentials', () => {
  it('are durable in custody before the task ends, with two writes and no read', async () => {
    await expect(report()).resolves.toMatchObject({ status: { state: 'credentials_created' } })
    expect(api.calls).toEqual([`create secrets ${CUSTODY}/${TASK_ID}`, `patch secrettasks team-a/${TASK_ID}`])
    expect(version()).toMatchObject({
      immutable: true,
      type: 'customcredentials.dev/version',
      metadata: {
        labels: { [label.custody]: 'version', [label.task]: TASK_ID, [label.credentialUid]: CREDENTIAL_UID },
        annotations: { [annotation.credentialsId]: 'role-1', [annotation.taskSpec]: JSON.stringify(aTask().spec) },
      },
      data: { username: 'dQ==', port: 'NTQzMg==' },
    })
    expect(task()?.status).toEqual({
      state: 'credentials_created',
      startedAt: '2026-01-01T00:00:01Z',
      finishedAt: '2026-01-01T00:00:00.000Z',
      outcome: 'Created',
      result: { credentialsId: 'role-1' },
      jobRef: { namespace: 'team-a', name: TASK_ID, uid: 'job-uid' },
    })
  })

  it('are handed to the leader in the process, and what has been written to its caches, without values', async () => {
    await report()
    expect(ports.handedOff).toEqual([[TASK_ID, { username: 'u', port: '5432' }]])
    expect(ports.tasks.remembered).toEqual([task()])
    expect(ports.custody.remembered).toEqual([{ metadata: version()?.metadata }])
  })

  it('are acknowledged again without a write', async () => {
    await report()
    const before = api.writes.length
    ports = testPorts(api)
    await expect(report()).resolves.toMatchObject({ status: { result: { credentialsId: 'role-1' } } })
    expect(api.writes).toHaveLength(before)
  })

  it('are acknowledged again without an effect by a replica whose cache is behind', async () => {
    await report()
    const before = [task(), ...api.all(Secrets)]
    await expect(report()).resolves.toMatchObject({ status: { result: { credentialsId: 'role-1' } } })
    expect([task(), ...api.all(Secrets)]).toEqual(before)
  })

  it('make the task suspect if they come again with another payload, and are not refused', async () => {
    await report()
    await expect(report(made('role-1', { username: 'other' }))).resolves.toMatchObject({
      status: { state: 'credentials_created', suspect: expect.stringContaining('twice') as string },
    })
    expect(version()?.data).toMatchObject({ username: 'dQ==' })
    expect(refusedIds()).toEqual([])
  })

  it('are refused with a record if the task has ended with others', async () => {
    await report()
    await expect(report(made('role-2'))).rejects.toMatchObject({ code: 'task_ended' })
    expect(refusedIds()).toEqual(['role-2'])
  })

  it('are judged by the task as it is, if it has ended meanwhile', async () => {
    timeOut()
    await expect(report()).rejects.toMatchObject({ code: 'task_ended' })
    expect(refusedIds()).toEqual(['role-1'])
  })

  it('are refused with a record if the task was cancelled', async () => {
    cancel()
    await expect(report()).rejects.toMatchObject({ code: 'task_not_found' })
    expect(refusedIds()).toEqual(['role-1'])
  })

  it('are acknowledged if the record of the task was deleted, and the version is in use', async () => {
    const known = aCredential().having(aVersion(1, { taskId: TASK_ID, credentialsId: 'role-1' })).object
    api.put(CustomCredentials, known)
    cancel()
    await expect(report()).resolves.toMatchObject({
      metadata: { name: TASK_ID },
      status: { state: 'credentials_created' },
    })
    expect(refusedIds()).toEqual([])
  })

  it('are acknowledged if another run’s version bears the same ID: the provider renews in place', async () => {
    api.put(CustomCredentials, aCredential().having(aVersion(2, { credentialsId: 'role-1' })).object)
    cancel()
    await expect(report()).resolves.toMatchObject({ status: { state: 'credentials_created' } })
    expect(refusedIds()).toEqual([])
  })

  it('are refused with a record if only another provider’s version bears the same ID', async () => {
    const theirs = aVersion(2, { credentialsId: 'role-1', provider: elsewhere })
    api.put(CustomCredentials, aCredential().having(theirs).object)
    cancel()
    await expect(report()).rejects.toMatchObject({ code: 'task_not_found' })
    expect(refusedIds()).toEqual(['role-1'])
  })

  it('are neither taken nor refused while nobody has accounted for a task that is gone', async () => {
    api.put(CustomCredentials, aCredential().object)
    cancel()
    await expect(report()).rejects.toMatchObject({ code: 'unavailable' })
    expect(refusedIds()).toEqual([])
  })

  it('are refused with a record if another task bears the name', async () => {
    const other = aTask()
    api.put(SecretTasks, { ...other, metadata: { ...other.metadata, uid: 'other' } })
    await expect(report()).rejects.toMatchObject({ code: 'task_not_found' })
    expect(task()?.status.state).toBe('processing')
    expect(refusedIds()).toEqual(['role-1'])
  })

  it('may follow, corrected, after a refusal that the task shows', async () => {
    await expect(report(made('role-1', { username: 7 }))).rejects.toMatchObject({
      code: 'invalid_report',
      message: 'credentials.payload: username: must be a string',
    })
    expect(refusedIds()).toEqual(['role-1'])
    expect(task()?.status).toMatchObject({
      state: 'processing',
      message: 'The report was refused: credentials.payload: username: must be a string',
    })
    await expect(report()).resolves.toMatchObject({ status: { state: 'credentials_created' } })
    expect(task()?.status.message).toBeUndefined()
  })

  it('are recorded once, however often they are refused', async () => {
    timeOut()
    await expect(report()).rejects.toMatchObject({ code: 'task_ended' })
    await expect(report()).rejects.toMatchObject({ code: 'task_ended' })
    expect(refusedIds()).toEqual(['role-1'])
  })

  it('are refused without a record if a version of another task bears their ID', async () => {
    const spec = aTask().spec
    const other = versionManifest(CUSTODY, { id: 'sm-task-before', spec }, { credentialsId: 'role-1', data: {} })
    api.put(Secrets, other as Secret)
    timeOut()
    await expect(report()).rejects.toMatchObject({ code: 'task_ended' })
    expect(refusedIds()).toEqual([])
  })

  it('are refused with a record if only a version of another provider bears their ID', async () => {
    const spec = { ...aTask().spec, provider: elsewhere }
    const other = versionManifest(CUSTODY, { id: 'sm-task-before', spec }, { credentialsId: 'role-1', data: {} })
    api.put(Secrets, other as Secret)
    timeOut()
    await expect(report()).rejects.toMatchObject({ code: 'task_ended' })
    expect(refusedIds()).toEqual(['role-1'])
  })

  it('are not refused any more once custody is full of refused ones: nothing could record them', async () => {
    timeOut()
    for (let i = 0; i < 20; i++) await expect(report(made(`role-${i}`))).rejects.toMatchObject({ code: 'task_ended' })
    await expect(report(made('role-20'))).rejects.not.toHaveProperty('code')
    expect(refusedIds()).toHaveLength(20)
  })
})

describe('a report that stopped half-way', () => {
  it('goes on from the version in custody', async () => {
    keepFirst()
    await expect(report()).resolves.toMatchObject({ status: { state: 'credentials_created' } })
    expect(task()?.status).not.toHaveProperty('suspect')
  })

  it('ends suspect if custody holds other values of the same credentials', async () => {
    keepFirst('role-1', { username: 'first' })
    await expect(report()).resolves.toMatchObject({
      status: { state: 'credentials_created', suspect: expect.any(String) as string },
    })
    expect(ports.handedOff).toEqual([[TASK_ID, { username: 'first' }]])
  })

  it('gives way to the credentials that were first in custody', async () => {
    keepFirst('role-0')
    await expect(report()).rejects.toMatchObject({ code: 'invalid_report' })
    expect(refusedIds()).toEqual(['role-1'])
    expect(task()?.status.state).toBe('processing')
  })

  it('trusts no Secret for its name', async () => {
    const foreign = keepFirst()
    api.put(Secrets, { ...foreign, metadata: { ...foreign.metadata, labels: {} } })
    await expect(report()).rejects.toThrow('somebody else made it')
    expect(task()?.status.state).toBe('processing')
  })
})

describe('a failure', () => {
  it('ends the task, made nothing', async () => {
    await expect(report(failed)).resolves.toMatchObject({ status: { state: 'failed', outcome: 'Nothing' } })
  })

  it('ends the task as unknown if another pod of the run has reported credentials', async () => {
    keepFirst()
    await expect(report(failed)).resolves.toMatchObject({ status: { state: 'failed', outcome: 'Unknown' } })
  })
})

it('a deletion ends its task with one write', async () => {
  begin(aDeleteTask())
  const deleted = takeReport(ports, runOf(aDeleteTask()), { status: 'credentials_deleted' })
  await expect(deleted).resolves.toMatchObject({ status: { state: 'credentials_deleted', outcome: 'Deleted' } })
  expect(api.calls).toEqual([`patch secrettasks team-a/${TASK_ID}`])
})

describe('races', () => {
  const beforeTheEnd = (event: () => void) => {
    api.meet('patch secrettasks', event)
  }

  it('a time-out that comes between custody and end wins, and the credentials are owed a deletion', async () => {
    beforeTheEnd(timeOut)
    await expect(report()).rejects.toMatchObject({ code: 'task_ended' })
    expect(refusedIds()).toEqual(['role-1'])
  })

  it('so does a cancellation', async () => {
    beforeTheEnd(cancel)
    await expect(report()).rejects.toMatchObject({ code: 'task_not_found' })
    expect(refusedIds()).toEqual(['role-1'])
  })

  it('a change that means nothing is read and passed', async () => {
    beforeTheEnd(() => api.put(SecretTasks, aTask({ message: 'pulling the image' })))
    await expect(report()).resolves.toMatchObject({ status: { state: 'credentials_created' } })
  })

  it('the same report through another replica is not a failure', async () => {
    beforeTheEnd(() => {
      const end = { state: 'credentials_created', outcome: 'Created', result: { credentialsId: 'role-1' } } as const
      api.put(SecretTasks, aTask(end))
    })
    await expect(report()).resolves.toMatchObject({ status: { state: 'credentials_created' } })
    expect(refusedIds()).toEqual([])
  })

  it('a task that changes all the time is given up for a while, and nobody is told to undo', async () => {
    for (let i = 0; i < 20; i++) beforeTheEnd(() => api.put(SecretTasks, aTask({ message: String(i) })))
    await expect(report()).rejects.toMatchObject({ code: 'unavailable' })
  })
})

describe('an API server in trouble', () => {
  it.each([`create secrets ${CUSTODY}/${TASK_ID}`, 'patch secrettasks'])(
    'loses the answer to: %s; the same report ends well',
    async (call) => {
      api.meet(call, 'lost')
      await report().catch(() => undefined)
      await expect(report()).resolves.toMatchObject({ status: { state: 'credentials_created' } })
      expect(refusedIds()).toEqual([])
      expect(task()?.status).not.toHaveProperty('suspect')
    },
  )

  it('that loses the answer to the end of the task is asked how it ended', async () => {
    api.meet('patch secrettasks', 'lost')
    await expect(report()).resolves.toMatchObject({ status: { state: 'credentials_created' } })
  })

  it.each(['get secrettasks', 'list secrets', 'create secrets'])(
    'makes no refusal where it fails at: %s',
    async (call) => {
      timeOut()
      api.meet(call, unavailable())
      await expect(report()).rejects.toBeInstanceOf(ApiError)
      expect(refusedIds()).toEqual([])
    },
  )

  it('refuses all the same where only the message on the task fails', async () => {
    api.meet('patch secrettasks', unavailable())
    await expect(report(made('role-1', {}))).rejects.toMatchObject({ code: 'invalid_report' })
  })
})

it('nothing is refused where the schema of the provider cannot be told', async () => {
  ports = { ...ports, outputSchema: () => Promise.reject(new Error('its kit is unreadable')) }
  await expect(report()).rejects.toThrow('its kit is unreadable')
  expect(api.writes).toEqual([])
})
