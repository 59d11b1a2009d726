import { afterAll, beforeAll, expect, test } from 'vitest'
import { aCredential, anOrphan, aTask, taskId } from './crds-builders.ts'
import { ask, install, kubectl, OPERATOR, ours, until } from './crds-cluster.ts'

const NAMESPACE = 'crds-columns'
const tasks = ours('secrettasks', NAMESPACE)
const credentials = ours('customcredentials', NAMESPACE)
const orphans = ours('orphanedcredentials')
const asOperator = (body: unknown) => ({ as: OPERATOR, body })

beforeAll(async () => {
  await install()
  await ask('POST', '/api/v1/namespaces', { body: { metadata: { name: NAMESPACE } } })
})

afterAll(async () => {
  await ask('DELETE', `${orphans}/${NAMESPACE}`)
  await ask('DELETE', `/api/v1/namespaces/${NAMESPACE}`)
  await until(async () => (await ask('GET', `/api/v1/namespaces/${NAMESPACE}`)).code === 404)
})

/** A row of the table. Columns begin where their header does; a cell may be empty. */
async function table(kind: string, name: string, ...options: string[]): Promise<unknown> {
  const { stdout } = await kubectl('get', kind, name, '--namespace', NAMESPACE, ...options)
  const [header = '', row = ''] = stdout.split('\n')
  const columns = [...header.matchAll(/\S+(?: \S+)*/g)]
  return Object.fromEntries(
    columns.map(({ 0: column, index }, i) => [column, row.slice(index, columns[i + 1]?.index).trim()]),
  )
}

const lastTransitionTime = '2026-01-02T03:04:05Z'

test('kubectl get says of a credential whether it works, and what comes next', async () => {
  await ask('POST', credentials, { body: aCredential(NAMESPACE, 'shown') })
  const status = {
    state: 'active',
    currentVersion: 3,
    nextRotationTime: '2126-01-02T03:04:05Z',
    lastFailure: { taskId: taskId(0), time: lastTransitionTime, code: 'timeout', description: 'No report in time.' },
    conditions: [
      { type: 'Ready', status: 'True', reason: 'Delivered', message: 'As it should be.', lastTransitionTime },
    ],
  }
  expect(await ask('PATCH', `${credentials}/shown/status`, asOperator({ status }))).toMatchObject({ code: 200 })
  expect(await table('ccred', 'shown')).toMatchObject({
    READY: 'True',
    REASON: 'Delivered',
    STATE: 'active',
    VERSION: '3',
    PROVIDER: 'postgres',
    'NEXT ROTATION': '2126-01-02T03:04:05Z',
    'LAST FAILURE': 'timeout',
  })
})

test('kubectl get -o wide says of a credential what else holds: stalled, suspended, locked, revoking', async () => {
  const locks = [{ name: 'audit', version: 'current' }]
  await ask('POST', credentials, { body: aCredential(NAMESPACE, 'held', { suspend: true, locks }) })
  const conditions = Object.entries({
    Stalled: 'InvalidParameters',
    Locked: 'VersionLocked',
    Revoking: 'IssuedBefore',
  }).map(([type, reason]) => ({ type, status: 'True', reason, message: 'As it is.', lastTransitionTime }))
  await ask('PATCH', `${credentials}/held/status`, asOperator({ status: { conditions } }))
  expect(await table('ccred', 'held', '--output=wide')).toMatchObject({
    STALLED: 'InvalidParameters',
    SUSPENDED: 'true',
    LOCKED: 'True',
    REVOKING: 'True',
  })
})

test('kubectl get says of a task what it does for whom, and why it failed', async () => {
  await ask('POST', tasks, asOperator(aTask(NAMESPACE, taskId(3))))
  const errors = [{ code: 'quota_exceeded', description: 'No pod could be made.' }]
  const status = { state: 'failed', outcome: 'Nothing', errors }
  expect(await ask('PATCH', `${tasks}/${taskId(3)}/status`, asOperator({ status }))).toMatchObject({ code: 200 })
  expect(await table('stask', taskId(3))).toMatchObject({
    TYPE: 'create_credentials',
    STATE: 'failed',
    CREDENTIAL: 'orders-database',
    VERSION: '1',
    TRIGGER: 'secret_creation',
    ERROR: 'quota_exceeded',
  })
})

test('kubectl get says of an orphan what is owed, and when it is tried next', async () => {
  await ask('POST', orphans, asOperator(anOrphan(NAMESPACE)))
  const status = { attempts: 2, nextAttemptTime: '2126-01-02T03:04:05Z' }
  await ask('PATCH', `${orphans}/${NAMESPACE}/status`, asOperator({ status }))
  expect(await table('orphan', NAMESPACE)).toMatchObject({
    'CREDENTIAL NAMESPACE': 'gone',
    REASON: 'CredentialDeleted',
    STATE: 'Owed',
    ATTEMPTS: '2',
    'NEXT ATTEMPT': '2126-01-02T03:04:05Z',
  })
})
