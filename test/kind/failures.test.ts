import { beforeAll, expect, test } from 'vitest'
import { installDatabase, installProvider } from '../demo/install.ts'
import type { Ask } from '../support/ask.ts'
import type { Tenant } from '../support/tenant.ts'
import { openStage, openTenant, postgresContainer, postgresSpec, world } from './stage.ts'

/** A port where no registry answers. */
const ABSENT_IMAGE = '127.0.0.1:1/nowhere/provider:1'
let ask: Ask
let tenant: Tenant

beforeAll(async () => {
  ask = await openStage()
  tenant = await openTenant(ask, 'refusals')
  await installProvider(world, tenant.name, await installDatabase(world, tenant.name))
  await tenant.provider('postgres-here', postgresSpec(postgresContainer(`postgres.${tenant.name}.svc`)))
})

test('an image that cannot be pulled: the task says so within seconds', async () => {
  await tenant.provider('absent', postgresSpec({ name: 'provider', image: ABSENT_IMAGE }))
  const parameters = { database: 'orders', role: 'orders_readonly' }
  await tenant.credential('no-image', { providerRef: { name: 'absent' }, parameters })
  const message = async () => (await tenant.tasks('no-image'))[0]?.status.message
  await expect
    .poll(message, { timeout: 60_000 })
    .toMatch(/container provider: (ErrImagePull|ImagePullBackOff): .*127\.0\.0\.1:1\/nowhere/)
})

test.each([
  ['a role that does not exist', 'nobody', 'RoleNotFound', 'The group role nobody does not exist.'],
  ['a role that must not be had', 'pg_monitor', 'RoleNotGrantable', 'pg_monitor is a predefined role.'],
])('%s: the task fails with the provider’s words, and so does the credential', async (_, role, code, words) => {
  const name = role.replace('_', '-')
  const parameters = { database: 'orders', role }
  await tenant.credential(name, { providerRef: { name: 'postgres-here' }, parameters })
  const { status } = await tenant.taskIn(name, 'failed')
  expect(status).toMatchObject({ outcome: 'Nothing', errors: [{ code }] })
  expect(status.errors?.[0]?.description).toContain(words)
  const ready = await tenant.condition(name, 'Ready', { status: 'False', reason: 'CreationFailed' })
  expect(ready.message).toContain(`${code}: ${words}`)
})
