import { afterAll, beforeAll, expect, test } from 'vitest'
import { annotation, label } from '../../src/api/labels.ts'
import { ownCluster } from '../support/own-cluster.ts'
import { Stage } from '../support/stage.ts'
import type { Tenant } from '../support/tenant.ts'
import { passwordOf } from '../support/upstream.ts'
import { install } from './crds-cluster.ts'

const cluster = ownCluster()
let stage: Stage
let tenant: Tenant

beforeAll(async () => {
  await install()
  stage = await Stage.open(cluster)
  tenant = await stage.tenant('legacies')
  await tenant.editProvider('ledger', { capabilities: ['find', 'adopt'] })
})

afterAll(() => stage[Symbol.asyncDispose]())

const alive = () => stage.upstream.alive(tenant.name)

/** A login that people have made, with a Secret of their own for it. */
async function byHand(id: string): Promise<void> {
  stage.upstream.make({ env: { SM_SECRET_GROUP_ID: tenant.name } }, id)
  const data = { password: Buffer.from(passwordOf(id)).toString('base64') }
  const { code } = await stage.ask('POST', tenant.core('secrets'), { body: { metadata: { name: id }, data } })
  expect(code).toBe(201)
}

test('a login that exists becomes version 1 without a task, is rotated, and is revoked in its turn', async () => {
  await byHand('legacy')
  await tenant.credential('orders', { adopt: { secretName: 'legacy', credentialsId: 'legacy' } })
  await tenant.reaches('orders', 1)
  expect(await tenant.tasks('orders')).toEqual([])
  expect((await tenant.read('orders'))?.status.versions).toMatchObject([{ credentialsId: 'legacy', adopted: true }])
  expect(alive()).toEqual(['legacy'])

  await tenant.credential('rival', { adopt: { secretName: 'legacy', credentialsId: 'legacy' } })
  const refused = await tenant.condition('rival', 'Ready', { status: 'False', reason: 'AdoptionFailed' })
  expect(refused.message).toContain('are a version of another CustomCredential')
  await tenant.remove('rival')
  await tenant.vanishes('rival')

  for (const version of [2, 3]) {
    await tenant.rotate('orders', `to-${version}`)
    await tenant.reaches('orders', version)
  }
  await expect.poll(alive).not.toContain('legacy')
  await tenant.balances('orders')
})

test('what is retained stays with its Secret, and another credential of the same name goes on with it', async () => {
  await tenant.patch('orders', { spec: { revocationPolicy: 'Retain' } })
  const current = (await tenant.read('orders'))?.status.versions?.find(({ version }) => version === 3)
  await tenant.remove('orders')
  await tenant.vanishes('orders')
  expect(alive()).toEqual([current?.credentialsId])
  const { metadata, data } = (await tenant.secret('orders')) ?? {}
  expect(metadata?.labels?.[label.credentialUid]).toBeUndefined()
  expect(metadata?.annotations).toMatchObject({
    [annotation.credentialsId]: current?.credentialsId,
    [annotation.provider]: 'CredentialsProvider/ledger',
  })
  expect(await tenant.orphans(), 'the Secret is the record').toEqual([])

  await tenant.credential('orders', { adopt: { secretName: 'orders', credentialsId: current?.credentialsId } })
  await tenant.reaches('orders', 1)
  expect((await tenant.secret('orders'))?.data).toEqual(data)
  await tenant.balances('orders')
})

test('nothing is adopted without leave, and nothing once there is a version', async () => {
  await tenant.editProvider('ledger', { capabilities: ['find'] })
  await tenant.credential('unwelcome', { adopt: { secretName: 'orders', credentialsId: 'any' } })
  await tenant.condition('unwelcome', 'Ready', { status: 'False', reason: 'AdoptionNotAllowed' })
  await tenant.patch('unwelcome', { spec: { adopt: null } })
  await tenant.reaches('unwelcome', 1)
  const late = tenant.patch('unwelcome', { spec: { adopt: { secretName: 'orders', credentialsId: 'any' } } })
  await expect(late).rejects.toThrow(/spec.adopt names what becomes the first version/)
})

test('where the namespace goes, an orphan remembers what is retained, and revokes it when it is asked to', async () => {
  await tenant.remove('orders')
  await tenant.vanishes('orders')
  await tenant.patch('unwelcome', { spec: { revocationPolicy: 'Retain' } })
  const [kept] = alive()
  await stage.ask('DELETE', `/api/v1/namespaces/${tenant.name}`)
  await expect
    .poll(async () => (await tenant.orphans()).map(({ spec, status }) => [spec.reason, status.state]))
    .toEqual([['Retained', 'Blocked']])
  expect(alive()).toEqual([kept])
  const [orphan] = await tenant.orphans()
  await stage.ask('PATCH', `/apis/customcredentials.dev/v1alpha1/orphanedcredentials/${orphan?.metadata.name ?? ''}`, {
    body: { metadata: { annotations: { [annotation.retryRequestedAt]: 'now' } } },
  })
  await expect.poll(alive).toEqual([])
  await expect.poll(() => tenant.orphans()).toEqual([])
})
