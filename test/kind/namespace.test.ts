import { beforeAll, expect, test } from 'vitest'
import { annotation } from '../../src/api/labels.ts'
import { installDatabase, installProvider, sql } from '../demo/install.ts'
import type { Ask } from '../support/ask.ts'
import { delivered, openStage, openTenant, postgresContainer, postgresSpec, world } from './stage.ts'

const WAIT = { timeout: 120_000, interval: 300 }
const PARAMETERS = { database: 'orders', role: 'orders_readonly' }
const ROLES = String.raw`SELECT rolname FROM pg_roles WHERE rolname LIKE 'cc\_%'`
let ask: Ask

beforeAll(async () => {
  ask = await openStage()
})

const namespace = async (name: string): Promise<number> => (await ask('GET', `/api/v1/namespaces/${name}`)).code

const deleteNamespace = async (name: string): Promise<void> => {
  await ask('DELETE', `/api/v1/namespaces/${name}`)
  await expect.poll(() => namespace(name), WAIT).toBe(404)
}

test('a namespace goes with the database in it; what cannot be revoked any more is told, until a person lets go', async () => {
  const tenant = await openTenant(ask, 'going')
  await installProvider(world, tenant.name, await installDatabase(world, tenant.name))
  await tenant.provider('postgres-here', postgresSpec(postgresContainer(`postgres.${tenant.name}.svc`)))
  await tenant.credential('orders', { providerRef: { name: 'postgres-here' }, parameters: PARAMETERS })
  await delivered(tenant, 'orders')
  const [role = ''] = await sql(world, tenant.name, ROLES)
  expect(role).toMatch(/^cc_/)

  await deleteNamespace(tenant.name)
  const [orphan] = await tenant.orphans()
  expect(await tenant.orphans()).toHaveLength(1)
  expect(orphan?.spec).toMatchObject({
    credentialsId: role,
    reason: 'CredentialDeleted',
    credential: { name: 'orders' },
  })
  const status = async () => (await tenant.orphans())[0]?.status
  await expect.poll(async () => (await status())?.state, WAIT).toBe('Blocked')
  expect((await status())?.message).toMatch(
    /^Namespace going-\S+ is gone, and with it .*secretKeyRef.* Then: kubectl annotate orphan/,
  )

  const path = `/apis/customcredentials.dev/v1alpha1/orphanedcredentials/${orphan?.metadata.name ?? ''}`
  await ask('PATCH', path, { body: { metadata: { annotations: { [annotation.forget]: 'true' } } } })
  await expect.poll(() => tenant.orphans(), WAIT).toEqual([])
})

test('a namespace goes while the database stays elsewhere: its role is revoked all the same', async () => {
  const databases = await openTenant(ask, 'staying')
  await installProvider(world, databases.name, await installDatabase(world, databases.name))
  const body = {
    apiVersion: 'customcredentials.dev/v1alpha1',
    kind: 'ClusterCredentialsProvider',
    metadata: { name: 'postgres-staying' },
    spec: {
      ...postgresSpec(postgresContainer(`postgres.${databases.name}.svc`)),
      jobNamespace: databases.name,
      allowedNamespaces: { from: 'All' },
    },
  }
  const path = '/apis/customcredentials.dev/v1alpha1/clustercredentialsproviders'
  expect((await ask('POST', path, { body })).message).toBe('')
  const tenant = await openTenant(ask, 'leaving')
  const providerRef = { kind: 'ClusterCredentialsProvider', name: 'postgres-staying' }
  await tenant.credential('orders', { providerRef, parameters: PARAMETERS })
  await delivered(tenant, 'orders')
  expect(await sql(world, databases.name, ROLES)).toHaveLength(1)

  await deleteNamespace(tenant.name)
  await expect.poll(() => sql(world, databases.name, ROLES), WAIT).toEqual([])
  await expect.poll(() => tenant.orphans(), WAIT).toEqual([])
})
