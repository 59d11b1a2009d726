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
  tenant = await stage.tenant('locks')
})

afterAll(() => stage[Symbol.asyncDispose]())

test('a locked version is neither displaced nor revoked, until its lock is gone', async () => {
  await tenant.credential('locked')
  await tenant.reaches('locked', 1)
  await tenant.patch('locked', { spec: { locks: [{ name: 'audit', version: 'current' }] } })
  await tenant.condition('locked', 'Locked', { status: 'True', reason: 'VersionLocked' })

  // The lock stays with version 1, which becomes the previous one.
  await tenant.rotate('locked', 'second')
  await tenant.reaches('locked', 2)
  expect((await tenant.read('locked'))?.status.locks).toEqual([{ name: 'audit', version: 1 }])

  await tenant.rotate('locked', 'third')
  const { message } = await tenant.condition('locked', 'RotationBlocked', {
    status: 'True',
    reason: 'PreviousVersionLocked',
  })
  expect(message).toContain('The previous version, 1, is locked by "audit"')

  await tenant.remove('locked')
  await tenant.condition('locked', 'DeletionBlocked', { status: 'True', reason: 'VersionLocked' })
  expect(stage.upstream.alive(tenant.name)).toHaveLength(2)
  expect(await tenant.secret('locked')).toBeDefined()

  await tenant.patch('locked', { spec: { locks: null } })
  await tenant.vanishes('locked')
  expect(stage.upstream.alive(tenant.name)).toEqual([])
})
