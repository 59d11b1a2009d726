import { afterAll, beforeAll, test } from 'vitest'
import { CREATION_TRIES } from '../../src/custom-credential/schedule.ts'
import { ownCluster } from '../support/own-cluster.ts'
import { creates, deletes, hesitant, refusing, stuck } from '../support/scripts.ts'
import { Stage } from '../support/stage.ts'
import type { Tenant } from '../support/tenant.ts'
import { install, kubectl, OPERATOR } from './crds-cluster.ts'

const cluster = ownCluster()
let stage: Stage

beforeAll(async () => {
  await install()
  stage = await Stage.open(cluster)
})

afterAll(() => stage[Symbol.asyncDispose]())

/** A namespace whose credential `orders` has its first version. */
async function begun(name: string): Promise<Tenant> {
  const tenant = await stage.tenant(name)
  // Seen before its provider, a credential would tell that there is none.
  await tenant.verdict('ledger')
  await tenant.credential('orders')
  await tenant.reaches('orders', 1)
  return tenant
}

const alive = (tenant: Tenant): string[] => stage.upstream.alive(tenant.name)

const cancel = (tenant: Tenant, task: string) => kubectl('delete', 'stask', task, '--namespace', tenant.name)

test.concurrent(
  'a rotation that fails leaves consumers what they have, and is tried again by itself',
  async ({ expect }) => {
    const tenant = await begun('failing')
    tenant.play(refusing(stage.upstream, creates))
    await tenant.rotate('orders', 'now')
    const { message } = await tenant.condition('orders', 'RotationFailed', { status: 'True', reason: 'TaskFailed' })
    expect(message).toMatch(/^Attempt 1 at version 2 failed: Locked: .* The current version stays\. Next try: 2\d{3}-/)
    expect(await tenant.conditions('orders')).toContain('Ready=True Delivered')
    await tenant.reaches('orders', 1)

    tenant.play('honest')
    await tenant.reaches('orders', 2)
    const tries = (await tenant.tasks('orders')).filter(({ spec }) => spec.version === 2)
    expect(tries.map(({ spec, status }) => [spec.attempt, spec.trigger, status.state])).toEqual([
      [1, 'manual_secret_rotation', 'failed'],
      [2, 'manual_secret_rotation', 'credentials_created'],
    ])
    expect(await tenant.conditions('orders')).toEqual(['Ready=True Delivered'])
    await tenant.balances('orders')
  },
)

test.concurrent(
  'a rotation whose task is deleted by hand is cancelled: what it made goes, and another comes on request',
  async ({ expect }) => {
    const tenant = await begun('cancelled')
    const kept = alive(tenant)
    tenant.play(hesitant(stage.upstream))
    await tenant.rotate('orders', 'first')
    const { metadata } = await tenant.taskIn('orders', 'processing')
    await expect.poll(() => alive(tenant)).toHaveLength(2)
    await cancel(tenant, metadata.name)
    const { message } = await tenant.condition('orders', 'RotationFailed', { status: 'True', reason: 'TaskCancelled' })
    expect(message).toMatch(/was deleted before it was over\. .* Next try: none before somebody asks for one\.$/)
    await expect.poll(() => alive(tenant)).toEqual(kept)
    await expect.poll(async () => (await tenant.read('orders'))?.status.unresolved).toEqual([])
    expect(await tenant.conditions('orders')).toContain('Ready=True Delivered')
    await tenant.reaches('orders', 1)

    tenant.play('honest')
    await tenant.rotate('orders', 'second')
    await tenant.reaches('orders', 2)
    expect(await tenant.conditions('orders')).toEqual(['Ready=True Delivered'])
    await tenant.balances('orders')
  },
)

test.concurrent(
  'a rotation that waits for its turn is cancelled by deleting its task, and another comes on request',
  async ({ expect }) => {
    const tenant = await stage.tenant('cancelled-in-line', { concurrency: 1 })
    for (const name of ['first', 'orders']) {
      await tenant.credential(name)
      await tenant.reaches(name, 1)
    }
    const { promise, resolve } = Promise.withResolvers<undefined>()
    tenant.play(hesitant(stage.upstream, promise))
    await tenant.rotate('first', 'now')
    await tenant.taskIn('first', 'processing')
    await tenant.rotate('orders', 'first')
    await tenant.condition('orders', 'Rotating', { status: 'True', reason: 'Waiting' })
    const { metadata } = await tenant.taskIn('orders', 'queued')
    await cancel(tenant, metadata.name)
    await tenant.condition('orders', 'RotationFailed', { status: 'True', reason: 'TaskCancelled' })

    tenant.play('honest')
    resolve(undefined)
    await tenant.reaches('first', 2)
    expect((await tenant.tasks('orders')).map(({ spec }) => spec.version)).toEqual([1])
    await tenant.rotate('orders', 'second')
    await tenant.reaches('orders', 2)
    await tenant.balances('first', 'orders')
  },
)

test.concurrent(
  'a deletion whose task is deleted by hand stays owed, and is tried again by itself',
  async ({ expect }) => {
    const tenant = await begun('owed')
    tenant.play(stuck(stage.upstream))
    await tenant.remove('orders')
    const { metadata } = await tenant.taskIn('orders', 'processing')
    await cancel(tenant, metadata.name)
    const owed = async () => (await tenant.read('orders'))?.status.unresolved
    await expect.poll(owed).toMatchObject([{ attempts: 1, lastError: { code: 'TaskDeleted' } }])
    expect(alive(tenant)).toHaveLength(1)

    tenant.play('honest')
    await tenant.vanishes('orders')
    expect(alive(tenant)).toEqual([])
    expect(await tenant.orphans()).toEqual([])
  },
)

test.concurrent('a deletion that fails says why, and is tried again until nothing is left', async ({ expect }) => {
  const tenant = await begun('stubborn')
  tenant.play(refusing(stage.upstream, deletes))
  await tenant.remove('orders')
  const status = async () => (await tenant.read('orders'))?.status
  await expect
    .poll(async () => (await status())?.unresolved)
    .toMatchObject([{ attempts: 1, reason: 'CredentialDeleted' }])
  const { message } = await tenant.condition('orders', 'Ready', { status: 'False', reason: 'Deleting' })
  expect(message).toContain(
    'Revoking what exists upstream: 1 left. Last error: Locked: The upstream is locked. Next try: ',
  )
  expect(await tenant.secret('orders')).toBeDefined()

  tenant.play('honest')
  await tenant.vanishes('orders')
  expect(alive(tenant)).toEqual([])
  expect(await tenant.orphans()).toEqual([])
  expect(await tenant.secret('orders')).toBeUndefined()
})

test.concurrent(
  'tasks and rotations are told of in events, by the names and severities of IBM Secrets Manager',
  async ({ expect }) => {
    const tenant = await begun('told')
    const told = (kind: string) => expect.poll(() => tenant.events(kind))
    await told('SecretTask').toEqual(
      expect.arrayContaining(['Normal secret_task_created', 'Normal secret_task_succeeded']),
    )
    await told('CustomCredential').toEqual(['Normal Activated'])

    tenant.play(refusing(stage.upstream, creates))
    await tenant.rotate('orders', 'first')
    await told('SecretTask').toContain('Warning secret_task_failed')
    await told('CustomCredential').toContain('Warning RotationFailed')

    tenant.play('honest')
    await tenant.rotate('orders', 'second')
    await told('CustomCredential').toContain('Normal Rotated')
    await tenant.remove('orders')
    await tenant.vanishes('orders')
    await told('SecretTask').toContain('Normal secret_task_deleted')
  },
)

test('a rotation that is cancelled while the operator is down is cancelled when it is back', async ({ expect }) => {
  const tenant = await begun('cancelled-meanwhile')
  const kept = alive(tenant)
  tenant.play(hesitant(stage.upstream))
  await tenant.rotate('orders', 'first')
  const { metadata } = await tenant.taskIn('orders', 'processing')
  await expect.poll(() => alive(tenant)).toHaveLength(2)
  await stage.operator.end('SIGKILL')
  await cancel(tenant, metadata.name)
  stage.operator = await stage.start()
  await tenant.condition('orders', 'RotationFailed', { status: 'True', reason: 'TaskCancelled' })
  await expect.poll(() => alive(tenant)).toEqual(kept)

  tenant.play('honest')
  await tenant.rotate('orders', 'second')
  await tenant.reaches('orders', 2)
  await tenant.balances('orders')
})

test('a creation is given up after its last try, and begins anew when somebody asks', async ({ expect }) => {
  const tenant = await stage.tenant('hopeless')
  tenant.play(refusing(stage.upstream, creates))
  await tenant.credential('orders')
  await tenant.condition('orders', 'Ready', { status: 'False', reason: 'CreationFailed' })
  await stage.operator.end('SIGKILL')
  // Ten days of failures, which no calendar makes short: each try is a run.
  const nextVersion = { attempts: CREATION_TRIES - 1, failures: CREATION_TRIES - 1, nextAttemptTime: null }
  const path = `${tenant.ours('customcredentials')}/orders/status`
  const { message } = await stage.ask('PATCH', path, { as: OPERATOR, body: { status: { nextVersion } } })
  expect(message).toBe('')
  stage.operator = await stage.start()
  const stalled = await tenant.condition('orders', 'Stalled', { status: 'True', reason: 'CreationGivenUp' })
  expect(stalled.message).toContain(`Attempt ${CREATION_TRIES} at version 1 failed: Locked:`)
  expect(await tenant.conditions('orders')).toContain('Ready=False CreationGivenUp')
  await expect.poll(() => tenant.events('CustomCredential')).toContain('Warning CreationGivenUp')

  await tenant.rotate('orders', 'again')
  await expect.poll(async () => (await tenant.read('orders'))?.status.nextVersion?.failures).toBe(1)
  await tenant.condition('orders', 'Ready', { status: 'False', reason: 'CreationFailed' })
  tenant.play('honest')
  await tenant.rotate('orders', 'once more')
  await tenant.reaches('orders', 1)
  expect(await tenant.conditions('orders')).toEqual(['Ready=True Delivered'])
  await tenant.balances('orders')
})
