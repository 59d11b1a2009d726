import { afterAll, beforeAll, expect, test } from 'vitest'
import { annotation } from '../../src/api/labels.ts'
import { ownCluster } from '../support/own-cluster.ts'
import { Stage } from '../support/stage.ts'
import type { Tenant } from '../support/tenant.ts'
import { passwordOf } from '../support/upstream.ts'
import { install, OPERATOR } from './crds-cluster.ts'

const cluster = ownCluster()
let stage: Stage
let tenant: Tenant

beforeAll(async () => {
  await install()
  stage = await Stage.open(cluster)
  tenant = await stage.tenant('rename')
})

afterAll(() => stage[Symbol.asyncDispose]())

const rename = (credential: string, name: string) => tenant.patch(credential, { spec: { target: { name } } })
const statusOf = async (name: string) => (await tenant.read(name))?.status
const versionIn = async (name: string) => (await tenant.secret(name))?.metadata.annotations?.[annotation.version]
const create = (body: object, as = {}) => stage.ask('POST', tenant.core('secrets'), { body, ...as })

/** The credential is at this version, the Secret has all of it, and the status is about that Secret. */
async function arrives(credential: string, version: number, secret: string): Promise<void> {
  await expect.poll(() => statusOf(credential)).toMatchObject({ currentVersion: version, target: { name: secret } })
  await tenant.condition(credential, 'Ready', { status: 'True', reason: 'Delivered' })
  const { credentialsId = '' } =
    (await statusOf(credential))?.versions?.find((entry) => entry.version === version) ?? {}
  const password = Buffer.from(passwordOf(credentialsId)).toString('base64')
  expect((await tenant.secret(secret))?.data).toEqual({ password })
}

test('a renamed Secret shows the same version under its new name, and the former one goes after the overlap', async () => {
  await tenant.credential('orders', { rotation: { minOverlap: '10s' } })
  await tenant.reaches('orders', 1)
  const former = await tenant.secret('orders')
  const { uid: _uid, resourceVersion: _version, managedFields: _fields, ...metadata } = former?.metadata ?? { name: '' }
  // Whom the policy of the operator's labels does not bind, as a backup.
  const copy = { ...former, metadata: { ...metadata, name: 'orders-copy' } }
  expect((await create(copy, { as: OPERATOR })).code).toBe(201)

  await rename('orders', 'login')
  await expect.poll(() => versionIn('login')).toBe('1')
  await expect
    .poll(async () => (await statusOf('orders'))?.formerTargets)
    .toMatchObject([{ name: 'orders', uid: former?.metadata.uid, removeAfter: expect.any(String) as string }])
  expect((await tenant.secret('orders'))?.metadata.resourceVersion).toBe(former?.metadata.resourceVersion)
  await arrives('orders', 1, 'login')
  await expect.poll(() => tenant.secret('orders')).toBeUndefined()
  await expect.poll(async () => (await statusOf('orders'))?.formerTargets).toBeUndefined()
  expect((await tenant.tasks('orders')).map(({ spec }) => spec.version)).toEqual([1])

  await tenant.rotate('orders', 'second')
  await expect.poll(() => versionIn('login')).toBe('2')
  await arrives('orders', 2, 'login')
  // It bears our labels, and somebody has made it.
  expect(await tenant.secret('orders-copy')).toBeDefined()
  await tenant.balances('orders')
})

test('a Secret is renamed there and back, and on, and none is left behind', async () => {
  await tenant.credential('invoices')
  await tenant.reaches('invoices', 1)
  for (const name of ['bills', 'invoices', 'bills', 'charges']) await rename('invoices', name)
  await arrives('invoices', 1, 'charges')
  await expect
    .poll(async () => [await tenant.secret('invoices'), await tenant.secret('bills')])
    .toEqual([undefined, undefined])
  await expect.poll(async () => (await statusOf('invoices'))?.formerTargets).toBeUndefined()
  await rename('invoices', 'fees')
  await tenant.remove('invoices')
  await tenant.vanishes('invoices')
  for (const name of ['invoices', 'bills', 'charges', 'fees']) expect(await tenant.secret(name)).toBeUndefined()
})

test('a Secret that is renamed onto a foreign one stays as it is until that is gone', async () => {
  await tenant.credential('returns')
  await tenant.reaches('returns', 1)
  expect((await create({ metadata: { name: 'taken' }, stringData: { mine: 'precious' } })).code).toBe(201)
  await rename('returns', 'taken')
  const { message } = await tenant.condition('returns', 'Stalled', { status: 'True', reason: 'TargetConflict' })
  expect(message).toContain('Until then Secret "returns" stays as it is.')
  expect(await versionIn('returns')).toBe('1')
  expect((await tenant.secret('taken'))?.data).toEqual({ mine: Buffer.from('precious').toString('base64') })

  await stage.ask('DELETE', `${tenant.core('secrets')}/taken`)
  await arrives('returns', 1, 'taken')
  await expect.poll(() => tenant.secret('returns')).toBeUndefined()
  await tenant.balances('orders', 'returns')
})

test('of two credentials that want the same Secret the first to come keeps it, until it goes', async () => {
  await tenant.credential('first', { target: { name: 'shared' } })
  await expect.poll(() => versionIn('shared')).toBe('1')
  const uid = (await tenant.secret('shared'))?.metadata.uid
  await tenant.credential('second', { target: { name: 'shared' } })
  await tenant.condition('second', 'Stalled', { status: 'True', reason: 'TargetConflict' })
  await tenant.rotate('first', 'again')
  await expect.poll(() => versionIn('shared')).toBe('2')
  await arrives('first', 2, 'shared')
  expect((await tenant.secret('shared'))?.metadata.uid).toBe(uid)
  await tenant.balances('orders', 'returns', 'first', 'second')

  await rename('first', 'own')
  await arrives('first', 2, 'own')
  await arrives('second', 1, 'shared')
  expect((await tenant.secret('shared'))?.metadata.uid).not.toBe(uid)
  await tenant.balances('orders', 'returns', 'first', 'second')
})
