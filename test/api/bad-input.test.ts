import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTaskId } from '../../src/api/task-id.ts'
import { ownCluster } from '../support/own-cluster.ts'
import { Stage } from '../support/stage.ts'
import type { Tenant } from '../support/tenant.ts'
import { idOf } from '../support/upstream.ts'
import { aTask } from './crds-builders.ts'
import { install, OPERATOR } from './crds-cluster.ts'

const cluster = ownCluster()
let stage: Stage

beforeAll(async () => {
  await install()
  stage = await Stage.open(cluster)
})

afterAll(() => stage[Symbol.asyncDispose]())

const template = (container: object, pod: object = {}) => ({
  template: { spec: { ...pod, containers: [{ name: 'provider', image: 'provider:dev', ...container }] } },
})

describe('a credential whose provider', () => {
  it('is unknown says so, makes nothing, and goes on once there is one', async () => {
    const tenant = await stage.tenant('unknown-provider')
    await tenant.credential('orders', { providerRef: { name: 'later' } })
    const { message } = await tenant.condition('orders', 'Stalled', { status: 'True', reason: 'ProviderNotFound' })
    expect(message).toBe(
      `There is no CredentialsProvider "later" in namespace "${tenant.name}". Create it, or correct spec.providerRef.`,
    )
    expect(await tenant.tasks('orders')).toEqual([])

    await tenant.provider('later')
    await tenant.reaches('orders', 1)
    const { conditions } = (await tenant.read('orders'))?.status ?? {}
    expect(conditions?.map(({ type }) => type)).toEqual(['Ready'])
  })

  it.each([
    ['has a template with a wrong name', template({ env: [{ name: 'A=B', value: '' }] }), 'name', 'A=B'],
    [
      'has a template with a wrong quantity',
      template({ resources: { limits: { cpu: 'lots' } } }),
      'quantity',
      'quantities',
    ],
  ])('%s is told what the API server says', async (_, spec, name, says) => {
    const tenant = await stage.tenant(`rejected-${name}`, spec)
    await tenant.credential('orders')
    const { status, message } = await tenant.verdict('ledger')
    expect({ status, message }).toEqual({ status: 'False', message: expect.stringContaining(says) as string })
    const stalled = await tenant.condition('orders', 'Stalled', { status: 'True', reason: 'ProviderNotAccepted' })
    expect(stalled.message).toContain(message)
    expect(await tenant.tasks('orders')).toEqual([])
  })

  it('would be refused by Pod Security is told why before anything runs', async () => {
    const tenant = await stage.tenant('restricted', {}, { 'pod-security.kubernetes.io/enforce': 'restricted' })
    await tenant.provider('greedy', template({}, { hostNetwork: true }))
    await tenant.credential('orders', { providerRef: { name: 'greedy' } })
    const { message } = await tenant.condition('orders', 'Stalled', { status: 'True', reason: 'ProviderNotAccepted' })
    expect(message).toContain('violates PodSecurity "restricted:latest": host namespaces (hostNetwork=true)')
    expect((await tenant.verdict('ledger')).status).toBe('True')
  })
})

it('parameters that do not fit the schema are named, all at once, and a corrected spec leaves no scar', async () => {
  const tenant = await stage.tenant('parameters')
  await tenant.provider('typed', {
    schema: {
      parameters: [
        { name: 'database', type: 'string', required: true },
        { name: 'connections', type: 'integer', maximum: 10 },
      ],
      credentials: [{ name: 'password', type: 'string', required: true }],
    },
  })
  const spec = { providerRef: { name: 'typed' } }
  await tenant.credential('orders', { ...spec, parameters: { connections: 'many', colour: 'red' } })
  const { message } = await tenant.condition('orders', 'Stalled', { status: 'True', reason: 'ParametersInvalid' })
  expect(message).toContain("colour: is not in the provider's schema, which has database, connections")
  expect(message).toContain('database: is required, but missing')
  expect(message).toContain('connections: must be an integer')

  await tenant.patch('orders', { spec: { parameters: { database: 'orders', connections: 5, colour: null } } })
  await tenant.reaches('orders', 1)
  expect((await tenant.read('orders'))?.status.conditions?.map(({ type }) => type)).toEqual(['Ready'])
})

describe('an object made by hand under a predictable name', () => {
  /** A credential that cannot begin, and the ID that its first task will bear. */
  async function waiting(tenant: Tenant): Promise<{ uid: string; id: string }> {
    await tenant.credential('orders', { providerRef: { name: 'later' } })
    await tenant.condition('orders', 'Stalled', { status: 'True', reason: 'ProviderNotFound' })
    const uid = (await tenant.read('orders'))?.metadata.uid ?? ''
    return { uid, id: createTaskId(uid, { version: 1, attempt: 1 }) }
  }

  it('a task is never run, and the next ID is taken', async () => {
    const tenant = await stage.tenant('squatted-task')
    const { uid, id } = await waiting(tenant)
    const credential = { namespace: tenant.name, name: 'orders', uid }
    const { code } = await stage.ask('POST', tenant.ours('secrettasks'), {
      as: OPERATOR,
      body: aTask(tenant.name, id, { credential }),
    })
    expect(code).toBe(201)
    await tenant.provider('later')
    await tenant.reaches('orders', 1)
    const path = `${tenant.ours('secrettasks')}/${id}`
    const { status } = (await stage.ask('GET', path)).body as { status?: object }
    expect(status).toMatchObject({ state: 'failed', outcome: 'Nothing', errors: [{ code: 'NotOrdered' }] })
    expect(stage.kubelet.jobsRun.has(id)).toBe(false)
    expect((await tenant.read('orders'))?.status.versions).toMatchObject([
      { taskId: createTaskId(uid, { version: 1, attempt: 2 }) },
    ])
    await tenant.balances('orders')
  })

  it('a Job is not taken for the task’s own, and stays as it is', async () => {
    const tenant = await stage.tenant('squatted-job')
    const { id } = await waiting(tenant)
    const spec = {
      suspend: true,
      template: { spec: { restartPolicy: 'Never', containers: [{ name: 'x', image: 'x' }] } },
    }
    const job = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: id }, spec }
    expect((await stage.ask('POST', tenant.jobs(), { body: job })).code).toBe(201)
    await tenant.provider('later')
    const task = await tenant.taskIn('orders', 'failed')
    expect(task.status).toMatchObject({ outcome: 'Nothing', errors: [{ code: 'JobNameTaken' }] })
    expect(task.status.errors?.[0]?.description).toContain('Delete that Job.')
    await tenant.reaches('orders', 1)
    expect((await stage.ask('GET', `${tenant.jobs()}/${id}`)).body).toMatchObject({ spec: { suspend: true } })
    expect(stage.upstream.alive(tenant.name)).toEqual([
      idOf((await tenant.read('orders'))?.status.versions?.[0]?.taskId),
    ])
  })

  it('a Secret in the place of the target is not touched; once it is gone, the version that waited is delivered', async () => {
    const tenant = await stage.tenant('squatted-target')
    const secret = { metadata: { name: 'orders' }, stringData: { mine: 'precious' } }
    expect((await stage.ask('POST', tenant.core('secrets'), { body: secret })).code).toBe(201)
    await tenant.credential('orders')
    const { message } = await tenant.condition('orders', 'Stalled', { status: 'True', reason: 'TargetConflict' })
    expect(message).toBe(
      'Secret "orders" exists and does not belong to this credential. Delete it, or name another one in spec.target.name: then what was made is written.',
    )
    await tenant.rotate('orders', 'in vain')
    expect((await tenant.secret('orders'))?.data).toEqual({ mine: Buffer.from('precious').toString('base64') })
    await tenant.balances('orders')
    expect(stage.upstream.alive(tenant.name)).toHaveLength(1)

    await stage.ask('DELETE', `${tenant.core('secrets')}/orders`)
    await expect.poll(async () => (await tenant.read('orders'))?.status.versions?.[0]?.deliveredAt).toBeDefined()
    await tenant.balances('orders')
  })
})
