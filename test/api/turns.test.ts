import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ownCluster } from '../support/own-cluster.ts'
import { Stage } from '../support/stage.ts'
import type { Tenant } from '../support/tenant.ts'
import { install } from './crds-cluster.ts'

const cluster = ownCluster()
let stage: Stage
let tenant: Tenant

beforeAll(async () => {
  await install()
  stage = await Stage.open(cluster)
  tenant = await stage.tenant('crowded', { concurrency: 1 })
})

afterAll(() => stage[Symbol.asyncDispose]())

test('tasks wait for their turn, say why, and keep it through a restart of the operator', async () => {
  const names = ['first', 'second', 'third']
  const { promise: released, resolve: release } = Promise.withResolvers<undefined>()
  let atWork = 0
  let most = 0
  tenant.play(async (run) => {
    most = Math.max(most, (atWork += 1))
    await Promise.race([released, once(run.killed, 'abort')])
    const code = await stage.upstream.honest(run)
    atWork -= 1
    return code
  })

  await tenant.credential('first')
  await tenant.taskIn('first', 'processing')
  for (const name of ['second', 'third']) await tenant.credential(name)
  const why = 'Waits for its turn. Provider "ledger" is at its limit of 1 at the same time (spec.concurrency).'
  for (const name of ['second', 'third']) {
    await expect.poll(async () => (await tenant.tasks(name))[0]?.status.message).toBe(why)
    await expect
      .poll(async () => (await tenant.condition(name, 'Ready', { status: 'False', reason: 'Creating' })).message)
      .toContain(` ${why}`)
  }

  await stage.operator.end('SIGKILL')
  stage.operator = await stage.start()
  await expect.poll(async () => (await tenant.taskIn('first', 'processing')).status.message).toBeUndefined()
  for (const name of ['second', 'third']) expect((await tenant.tasks(name))[0]?.status.state).toBe('queued')

  release(undefined)
  for (const name of names) await tenant.reaches(name, 1)
  expect(most).toBe(1)
  await tenant.balances(...names)
})
