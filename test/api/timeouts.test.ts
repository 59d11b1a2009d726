import { afterAll, beforeAll, expect, it } from 'vitest'
import { MISSING_IMAGE } from '../support/kubelet.ts'
import { ownCluster } from '../support/own-cluster.ts'
import { Stage } from '../support/stage.ts'
import type { Tenant } from '../support/tenant.ts'
import { install, until } from './crds-cluster.ts'

const cluster = ownCluster()

/** The shortest that a provider may ask for. The runs of this file wait for it at the same time. */
const SHORTEST = { taskTimeout: '1m' }
const UNTIL_OVER = 240_000

let stage: Stage
let unpullable: Tenant
let unfit: Tenant
let silent: Tenant
let cancelled: Tenant

beforeAll(async () => {
  await install()
  stage = await Stage.open(cluster)
  const template = { spec: { containers: [{ name: 'provider', image: MISSING_IMAGE }] } }
  unpullable = await stage.tenant('unpullable', { ...SHORTEST, template })
  unfit = await stage.tenant('unfit', { ...SHORTEST, template: { spec: { ...hostile, containers } } })
  silent = await stage.tenant('silent', SHORTEST)
  cancelled = await stage.tenant('cancelled')
  for (const tenant of [silent, cancelled])
    tenant.play(async (run) => {
      if (run.env['SM_ACTION'] !== 'create_credentials') return stage.upstream.honest(run)
      stage.upstream.make(run)
      return new Promise((_, reject) => {
        run.killed.addEventListener('abort', reject)
      })
    })
  // Accepted as its namespace was then; the namespace has become stricter since.
  await unfit.verdict('ledger')
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' }
  await stage.ask('PATCH', `/api/v1/namespaces/${unfit.name}`, { body: { metadata: { labels } } })
  // Pod Security learns of it through a watch of its own.
  const body = { metadata: { name: 'unfit' }, spec: { ...hostile, containers } }
  await until(async () => (await stage.ask('POST', `${unfit.core('pods')}?dryRun=All`, { body })).code === 403)
  for (const tenant of [unpullable, unfit, silent]) await tenant.credential('orders')
})

afterAll(() => stage[Symbol.asyncDispose]())

const containers = [{ name: 'provider', image: 'provider:dev' }]
const hostile = { hostNetwork: true }

/** What the first task says while it is under way. */
const message = async (tenant: Tenant): Promise<string> => (await tenant.tasks('orders'))[0]?.status.message ?? ''

it('an image that cannot be pulled is named on the task within seconds', async () => {
  await expect
    .poll(() => message(unpullable))
    .toBe(`container provider: ErrImagePull: pull access denied for ${MISSING_IMAGE}`)
  expect((await unpullable.tasks('orders'))[0]?.status.state).toBe('processing')
})

it('a pod that Pod Security refuses is explained on the task within seconds', async () => {
  await expect.poll(() => message(unfit)).toContain('violates PodSecurity "restricted:latest"')
  expect((await unfit.tasks('orders'))[0]?.status.state).toBe('processing')
})

it.each([
  ['an image could not be pulled', () => unpullable, 'ErrImagePull'],
  ['Pod Security refused the pod', () => unfit, 'violates PodSecurity'],
])('when its time is over because %s, nothing is owed: nothing was made', async (_, tenantOf, why) => {
  const tenant = tenantOf()
  const { status } = await tenant.taskIn('orders', 'failed', UNTIL_OVER)
  expect(status).toMatchObject({ outcome: 'Nothing', errors: [{ code: 'TaskTimedOut' }] })
  expect(status.errors?.[0]?.description).toMatch(/^No report within 60 seconds. Last seen: /)
  expect(status.errors?.[0]?.description).toContain(why)
  await tenant.condition('orders', 'Ready', { status: 'False', reason: 'CreationFailed' })
  expect((await tenant.read('orders'))?.status.unresolved).toEqual([])
  expect((await tenant.tasks('orders')).filter(({ spec }) => spec.type === 'delete_credentials')).toEqual([])
})

it('a container that never reports is stopped when its time is over, and what it made is found and deleted', async () => {
  const { status, metadata } = await silent.taskIn('orders', 'failed', UNTIL_OVER)
  expect(status).toMatchObject({
    outcome: 'Unknown',
    errors: [{ code: 'TaskTimedOut', description: 'No report within 60 seconds.' }],
  })
  await expect.poll(() => stage.upstream.alive(silent.name)).not.toContain(`cred-${metadata.name}`)
  silent.play('honest')
  await silent.reaches('orders', 1)
  await silent.balances('orders')
})

it('a task that is deleted while it runs is cancelled: what it made goes, and nothing is made before somebody asks', async () => {
  await cancelled.credential('orders')
  const { metadata } = await cancelled.taskIn('orders', 'processing')
  await expect.poll(() => stage.upstream.alive(cancelled.name)).toEqual([`cred-${metadata.name}`])
  await stage.ask('DELETE', `${cancelled.ours('secrettasks')}/${metadata.name}`)
  await cancelled.condition('orders', 'Stalled', { status: 'True', reason: 'CreationCancelled' })
  await expect.poll(() => stage.upstream.alive(cancelled.name)).toEqual([])
  await expect.poll(async () => (await cancelled.read('orders'))?.status.unresolved).toEqual([])
  expect((await cancelled.tasks('orders')).map(({ spec }) => spec.type)).toEqual(['delete_credentials'])
  cancelled.play('honest')
  await cancelled.rotate('orders', 'now')
  await cancelled.reaches('orders', 1)
  await cancelled.balances('orders')
})
