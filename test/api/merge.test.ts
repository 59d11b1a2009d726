import { afterAll, beforeAll, expect, test } from 'vitest'
import { ownCluster } from '../support/own-cluster.ts'
import { Stage } from '../support/stage.ts'
import type { Tenant } from '../support/tenant.ts'
import { passwordOf } from '../support/upstream.ts'
import { install } from './crds-cluster.ts'

const cluster = ownCluster()
const MERGE = { creationPolicy: 'Merge' }
let stage: Stage
let tenant: Tenant

beforeAll(async () => {
  await install()
  stage = await Stage.open(cluster)
  tenant = await stage.tenant('merge')
})

afterAll(() => stage[Symbol.asyncDispose]())

/** A Secret that the team's chart has made. */
async function chart(name: string, stringData: object): Promise<void> {
  const metadata = { name, labels: { 'app.kubernetes.io/managed-by': 'Helm' } }
  const { code, message } = await stage.ask('POST', tenant.core('secrets'), { body: { metadata, stringData } })
  if (code !== 201) throw new Error(message)
}

const textsOf = async (name: string) =>
  Object.fromEntries(
    Object.entries((await tenant.secret(name))?.data ?? {}).map(([key, value]) => [
      key,
      Buffer.from(value, 'base64').toString(),
    ]),
  )

/** What the credential's version is logged in with. */
async function passwordFor(credential: string, version: number): Promise<string> {
  await expect.poll(async () => (await tenant.read(credential))?.status.currentVersion).toBe(version)
  const { versions = [] } = (await tenant.read(credential))?.status ?? {}
  return passwordOf(versions.find((one) => one.version === version)?.credentialsId ?? '')
}

const marksOf = async (name: string) => {
  const { labels, annotations } = (await tenant.secret(name))?.metadata ?? {}
  return { labels, annotations }
}

test('a Secret of a chart gets the keys of each version, keeps its own, and is left as it was', async () => {
  await tenant.credential('orders', { target: { ...MERGE, name: 'app' } })
  const { message } = await tenant.condition('orders', 'Stalled', { status: 'True', reason: 'TargetMissing' })
  expect(message).toMatch(/^There is no Secret "app" .* Create it/)

  await chart('app', { host: 'db' })
  await expect.poll(() => textsOf('app')).toEqual({ host: 'db', password: await passwordFor('orders', 1) })
  await stage.ask('PATCH', `${tenant.core('secrets')}/app`, { body: { stringData: { host: 'db-2', port: '5432' } } })
  await tenant.rotate('orders', 'second')
  const password = await passwordFor('orders', 2)
  await expect.poll(() => textsOf('app')).toEqual({ host: 'db-2', port: '5432', password })
  expect((await tenant.secret('app'))?.metadata.labels?.['app.kubernetes.io/managed-by']).toBe('Helm')

  // Somebody edits what is ours.
  await stage.ask('PATCH', `${tenant.core('secrets')}/app`, { body: { stringData: { password: 'guessed' } } })
  await expect.poll(() => textsOf('app')).toEqual({ host: 'db-2', port: '5432', password })

  await tenant.remove('orders')
  await tenant.vanishes('orders')
  expect(await textsOf('app')).toEqual({ host: 'db-2', port: '5432' })
  expect(await marksOf('app')).toEqual({ labels: { 'app.kubernetes.io/managed-by': 'Helm' } })
  await tenant.balances('orders')
})

test('a key that the Secret has already is not written over, and another name for ours is found', async () => {
  await chart('settings', { password: 'their own' })
  await tenant.credential('invoices', { target: { ...MERGE, name: 'settings' } })
  const { message } = await tenant.condition('invoices', 'Stalled', { status: 'True', reason: 'TargetConflict' })
  expect(message).toContain('"password"')
  await tenant.patch('invoices', { spec: { target: { template: { login: '{{ password }}' } } } })
  await expect
    .poll(() => textsOf('settings'))
    .toEqual({ password: 'their own', login: await passwordFor('invoices', 1) })

  // Nobody but the operator says whose keys they are.
  const body = { metadata: { annotations: { 'customcredentials.dev/keys': 'password' } } }
  expect((await stage.ask('PATCH', `${tenant.core('secrets')}/settings`, { body })).code).toBe(403)

  await chart('entry', { host: 'db' })
  await tenant.patch('invoices', { spec: { target: { name: 'entry' } } })
  await expect.poll(() => textsOf('entry')).toEqual({ host: 'db', login: await passwordFor('invoices', 1) })
  await expect.poll(() => textsOf('settings')).toEqual({ password: 'their own' })
  expect((await tenant.tasks('invoices')).map(({ spec }) => spec.version)).toEqual([1])
  await tenant.balances('orders', 'invoices')
})

test.each([{ type: 'kubernetes.io/basic-auth' }, { labels: { app: 'orders' } }, { annotations: { owner: 'team-a' } }])(
  '%j is refused, for the Secret has its own',
  async (more) => {
    const spec = { target: { ...MERGE, ...more } }
    await expect(tenant.credential('typed', spec)).rejects.toThrow('take these out of spec.target')
  },
)
