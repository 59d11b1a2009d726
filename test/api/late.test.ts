import { expect, it } from 'vitest'
import { ownCluster } from '../support/own-cluster.ts'
import { Stage } from '../support/stage.ts'
import { idOf } from '../support/upstream.ts'
import { WriteProxy } from '../support/write-proxy.ts'
import { install } from './crds-cluster.ts'

const cluster = ownCluster()

it('a Job that a dead operator had sent comes long after its task was given up: it is stopped, and what it made is found', async () => {
  await install()
  await using proxy = await WriteProxy.open(cluster)
  await using stage = await Stage.open(cluster, proxy)
  const tenant = await stage.tenant('late')
  await tenant.verdict('ledger')
  let sent = 0
  proxy.delays = ({ method, path }) => method === 'POST' && path === tenant.jobs() && (sent += 1) === 1
  proxy.cut = () => process.kill(stage.operator.pid, 'SIGKILL')

  await tenant.credential('orders')
  await expect.poll(() => stage.operator.exited).toBe(true)
  stage.operator = await stage.start()
  const lost = await tenant.taskIn('orders', 'failed')
  expect(lost.status).toMatchObject({ outcome: 'Unknown', errors: [{ code: 'Interrupted' }] })
  await tenant.reaches('orders', 1)
  await tenant.balances('orders')
  await expect.poll(async () => (await tenant.read('orders'))?.status.unresolved).toEqual([])

  tenant.play((run) => {
    if (run.env['SM_ACTION'] !== 'create_credentials') return stage.upstream.honest(run)
    stage.upstream.make(run)
    return new Promise((_, reject) => {
      run.killed.addEventListener('abort', reject)
    })
  })
  // The Job that kept its name from it is taken away by the garbage collector.
  const path = `${tenant.jobs()}/${lost.metadata.name}`
  const code = async () => (await stage.ask('GET', path)).code
  await expect.poll(code).toBe(404)
  // The operator looks away until the container has begun.
  process.kill(stage.operator.pid, 'SIGSTOP')
  expect(await proxy.deliverLate()).toEqual([201])
  await expect.poll(() => stage.upstream.alive(tenant.name)).toContain(idOf(lost.metadata.name))
  process.kill(stage.operator.pid, 'SIGCONT')
  await expect.poll(code).toBe(404)
  await tenant.balances('orders')
  await expect.poll(() => stage.upstream.alive(tenant.name)).not.toContain(idOf(lost.metadata.name))
  expect([...stage.kubelet.jobsRun].filter(([, jobs]) => jobs.size > 1)).toEqual([])
})

it('a Secret that a dead operator had sent comes after its credential is gone: it goes again', async () => {
  await install()
  await using proxy = await WriteProxy.open(cluster)
  await using stage = await Stage.open(cluster, proxy)
  const tenant = await stage.tenant('leftover')
  await tenant.verdict('ledger')
  let sent = 0
  const secrets = tenant.core('secrets')
  proxy.delays = ({ method, path }) => method === 'POST' && path === secrets && (sent += 1) === 1
  proxy.cut = () => process.kill(stage.operator.pid, 'SIGKILL')

  await tenant.credential('orders')
  await expect.poll(() => stage.operator.exited).toBe(true)
  stage.operator = await stage.start()
  await tenant.reaches('orders', 1)
  await tenant.remove('orders')
  await tenant.vanishes('orders')
  await expect.poll(() => tenant.secret('orders')).toBeUndefined()

  expect(await proxy.deliverLate()).toEqual([201])
  await expect.poll(() => tenant.secret('orders')).toBeUndefined()
  await tenant.balances('orders')
})
