import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ownCluster } from '../support/own-cluster.ts'
import { Stage } from '../support/stage.ts'
import { repeated } from '../support/upstream.ts'
import { install } from './crds-cluster.ts'

const cluster = ownCluster()
let stage: Stage

beforeAll(async () => {
  await install()
  stage = await Stage.open(cluster)
})

afterAll(() => stage[Symbol.asyncDispose]())

describe('a provider that reports', () => {
  it.each([
    ['too-few', 'an output too few', {}, 'credentials.payload: password: is required, but missing'],
    ['wrong-type', 'an output of the wrong type', { password: 7 }, 'credentials.payload: password: must be a string'],
    [
      'too-much',
      'more than a Secret can hold',
      { password: 'x'.repeat(2 ** 20) },
      'a report may have 1048576 bytes at most',
    ],
  ])('(%s) %s and leaves what it made, has it deleted', async (name, _, payload, says) => {
    const tenant = await stage.tenant(`reports-${name}`)
    let answered = 0
    tenant.play(async (run) => {
      if (run.env['SM_ACTION'] !== 'create_credentials') return stage.upstream.honest(run)
      const { status, credentials } = stage.upstream.make(run)
      answered = await repeated(run, { status, credentials: { ...credentials, payload } })
      return 1
    })
    await tenant.credential('orders')
    const task = await tenant.taskIn('orders', 'failed')
    expect(answered).toBeGreaterThanOrEqual(400)
    expect(task.status).toMatchObject({ errors: [{ code: 'NoReport' }], outcome: 'Unknown' })
    expect(task.status.errors?.[0]?.description).toContain(says)
    await tenant.condition('orders', 'Ready', { status: 'False', reason: 'CreationFailed' })

    tenant.play('honest')
    await tenant.reaches('orders', 1)
    await tenant.balances('orders')
    expect(stage.upstream.alive(tenant.name)).toHaveLength(1)
  })

  it('without a token is sent away, and may still report with it', async () => {
    const tenant = await stage.tenant('no-token')
    const codes: number[] = []
    tenant.play(async (run) => {
      codes.push((await run.report({ status: 'credentials_deleted' }, '')).code)
      return stage.upstream.honest(run)
    })
    await tenant.credential('orders')
    await tenant.reaches('orders', 1)
    expect(codes).toEqual([401])
  })

  it('the same twice is acknowledged twice; with another payload, its version is replaced, once', async () => {
    const tenant = await stage.tenant('twice')
    const codes: number[] = []
    tenant.play(async (run) => {
      if (run.env['SM_ACTION'] !== 'create_credentials') return stage.upstream.honest(run)
      const report = stage.upstream.make(run)
      for (const payload of [report.credentials.payload, report.credentials.payload, { password: 'another' }]) {
        codes.push(await repeated(run, { ...report, credentials: { ...report.credentials, payload } }))
      }
      return 0
    })
    await tenant.credential('orders')
    await tenant.reaches('orders', 2)
    await expect.poll(() => codes).toEqual([200, 200, 200, 200, 200, 200])
    const suspicions = async () => {
      const { versions = [] } = (await tenant.read('orders'))?.status ?? {}
      return versions.map(({ suspect }) => suspect?.slice(0, 45))
    }
    const twice = 'The provider reported these credentials twice'
    await expect.poll(suspicions).toEqual([twice, twice])
    await tenant.balances('orders')
    expect(stage.upstream.made.filter((id) => stage.upstream.alive(tenant.name).includes(id))).toHaveLength(2)
  })

  it('another ID after its report has that one deleted, and never the first', async () => {
    const tenant = await stage.tenant('another-id')
    const codes: number[] = []
    tenant.play(async (run) => {
      if (run.env['SM_ACTION'] !== 'create_credentials') return stage.upstream.honest(run)
      codes.push(await repeated(run, stage.upstream.make(run)))
      codes.push(await repeated(run, stage.upstream.make(run, `other-${run.env['SM_SECRET_TASK_ID'] ?? ''}`)))
      return 0
    })
    await tenant.credential('orders')
    await tenant.reaches('orders', 1)
    const [version] = (await tenant.read('orders'))?.status.versions ?? []
    await expect.poll(() => codes).toEqual([200, 400])
    await expect.poll(() => stage.upstream.alive(tenant.name)).toEqual([version?.credentialsId])
    await tenant.balances('orders')
  })

  it('success and then exits badly is suspected of having undone it: the version is replaced and stays as previous', async () => {
    const tenant = await stage.tenant('exits-badly')
    let runs = 0
    tenant.play(async (run) => {
      const code = await stage.upstream.honest(run)
      return run.env['SM_ACTION'] === 'create_credentials' && (runs += 1) === 1 ? 1 : code
    })
    await tenant.credential('orders')
    await tenant.reaches('orders', 2)
    expect((await tenant.read('orders'))?.status).toMatchObject({
      previousVersion: 1,
      versions: [{ suspect: 'The container failed after its report was accepted.' }, { version: 2 }],
    })
    await tenant.balances('orders')
  })
})
