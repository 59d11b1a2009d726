import { afterAll, beforeAll, expect, it } from 'vitest'
import { freePort } from '../cluster/host/ports.ts'
import { ownCluster } from '../support/own-cluster.ts'
import { Stage } from '../support/stage.ts'
import { install } from './crds-cluster.ts'

const cluster = ownCluster()
/** Short, and yet long enough for an operator that shares its cores with other tests to renew it in time. */
const QUICK = { LEASE_SECONDS: '6' }
const NAMES = ['orders', 'invoices', 'parcels', 'returns']
let stage: Stage

beforeAll(async () => {
  await install()
  stage = await Stage.open(cluster, cluster, { env: QUICK })
})

afterAll(() => stage[Symbol.asyncDispose]())

const holder = async (): Promise<string | undefined> => {
  const path = '/apis/coordination.k8s.io/v1/namespaces/custom-credentials-system/leases/custom-credentials-operator'
  return ((await stage.ask('GET', path)).body['spec'] as { holderIdentity?: string } | undefined)?.holderIdentity
}

it('a leader that is frozen is replaced, and does no harm when it wakes up in the midst of its work', async () => {
  const tenant = await stage.tenant('leaders')
  await expect.poll(holder).toBe('operator-1')
  const second = await stage.start({ name: 'operator-2', gatewayPort: await freePort(), env: QUICK })
  for (const name of NAMES) await tenant.credential(name)
  for (const name of NAMES) await tenant.reaches(name, 1)

  // In the midst of all that a rotation is about.
  for (const name of NAMES) await tenant.rotate(name, 'now')
  await expect
    .poll(async () => (await Promise.all(NAMES.map((name) => tenant.tasks(name)))).flat().length)
    .toBeGreaterThan(4)
  process.kill(stage.operator.pid, 'SIGSTOP')
  await expect.poll(holder).toBe('operator-2')
  for (const name of NAMES) await tenant.rotate(name, 'again')
  process.kill(stage.operator.pid, 'SIGCONT')
  await expect.poll(() => stage.operator.exited).toBe(true)
  expect(stage.operator.log()).toContain('leadership was lost')

  for (const name of NAMES) {
    await expect.poll(async () => (await tenant.read(name))?.status.lastHandledRotateRequest).toBe('again')
    expect((await tenant.read(name))?.status.conditions).toMatchObject([{ type: 'Ready', status: 'True' }])
  }
  await tenant.balances(...NAMES)
  expect([...stage.kubelet.jobsRun].filter(([, jobs]) => jobs.size > 1)).toEqual([])
  expect(second.exited).toBe(false)
})
