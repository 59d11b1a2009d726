import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { inputId } from '../../src/api/input-id.ts'
import { annotation } from '../../src/api/labels.ts'
import { call, type Reply } from '../support/https.ts'
import type { ContainerRun } from '../support/kubelet.ts'
import { ownCluster } from '../support/own-cluster.ts'
import { Stage } from '../support/stage.ts'
import type { Tenant } from '../support/tenant.ts'
import { install } from './crds-cluster.ts'

const cluster = ownCluster()
let stage: Stage
let tenant: Tenant

const schema = {
  parameters: [{ name: 'admin', type: 'secret_id', required: true }],
  credentials: [{ name: 'password', type: 'string', required: true }],
}

beforeAll(async () => {
  await install()
  stage = await Stage.open(cluster)
  tenant = await stage.tenant('secret-inputs', { schema })
})

afterAll(() => stage[Symbol.asyncDispose]())

const createSecret = (name: string, password: string) =>
  stage.ask('POST', tenant.core('secrets'), { body: { metadata: { name }, stringData: { password } } })

/** What the gateway shows to the container of a run under an ID. */
const read = ({ env, pod, token }: ContainerRun, id: string): Promise<Reply> =>
  call({
    port: Number(new URL(env['SM_INSTANCE_URL'] ?? '').port),
    ca: pod.metadata.annotations?.[annotation.gatewayCa] ?? '',
    path: `/api/v2/secrets/${id}`,
    headers: { authorization: `Bearer ${token}` },
  })
const codeOf = ({ status, body }: Reply) => [status, (body['errors'] as { code: string }[] | undefined)?.[0]?.code]

test('a Secret that does not exist is a condition, and what waits for it begins when it is there', async () => {
  tenant.play('honest')
  await tenant.credential('early', { secretParameters: { admin: { name: 'late-admin' } } })
  const { message } = await tenant.condition('early', 'Ready', { status: 'False', reason: 'InputSecretNotFound' })
  expect(message).toContain(`there is no Secret "late-admin" (for admin) in namespace "${tenant.name}"`)
  expect(await tenant.tasks('early')).toEqual([])
  await createSecret('late-admin', 'p')
  await tenant.reaches('early', 1)
})

test('a container reads the Secret of its own task while that is at work, and nothing else', async () => {
  await createSecret('ledger-admin', 'canary-first')
  await createSecret('other-admin', 'canary-other')
  await tenant.credential('other', { secretParameters: { admin: { name: 'other-admin' } } })
  await tenant.reaches('other', 1)
  const ofOther = inputId((await tenant.read('other'))?.metadata.uid ?? '', 'other-admin')

  const runs: ContainerRun[] = []
  const replies: Reply[] = []
  tenant.play(async (run) => {
    runs.push(run)
    const own = run.env['SMIN_ADMIN_VALUE'] ?? ''
    for (const id of [own, ofOther, 'ledger-admin', run.env['SM_SECRET_ID'] ?? '']) replies.push(await read(run, id))
    const code = await stage.upstream.honest(run)
    replies.push(await read(run, own))
    return code
  })
  await tenant.credential('reader', { secretParameters: { admin: { name: 'ledger-admin' } } })
  await tenant.reaches('reader', 1)
  const [run] = runs
  const id = run?.env['SM_ADMIN_VALUE']
  expect(id).toBe(inputId((await tenant.read('reader'))?.metadata.uid ?? '', 'ledger-admin'))
  await expect.poll(() => replies.length).toBe(5)
  expect(replies[0]).toMatchObject({
    status: 200,
    headers: { 'cache-control': 'no-store' },
    body: { id, name: 'ledger-admin', secret_type: 'kv', data: { password: 'canary-first' } },
  })
  expect(replies.slice(1).map(codeOf)).toEqual([
    [404, 'secret_not_found'],
    [404, 'secret_not_found'],
    [404, 'secret_not_found'],
    [403, 'not_at_work'],
  ])
  expect(JSON.stringify([run?.pod, await tenant.read('reader'), await tenant.tasks('reader')])).not.toContain('canary')
  expect(readFileSync(stage.operator.logPath, 'utf8')).not.toContain('canary')
})

test('another Secret waits for the next version, which reads it as it is then', async () => {
  const seen: unknown[] = []
  tenant.play(async (run) => {
    if (run.env['SM_ACTION'] === 'create_credentials')
      seen.push((await read(run, run.env['SMIN_ADMIN_VALUE'] ?? '')).body['data'])
    return stage.upstream.honest(run)
  })
  await tenant.patch('reader', { spec: { secretParameters: { admin: { name: 'other-admin' } } } })
  const { message } = await tenant.condition('reader', 'UpToDate', { status: 'False', reason: 'ChangesWaiting' })
  expect(message).toContain('spec.parameters')
  await tenant.rotate('reader', 'now')
  await tenant.reaches('reader', 2)
  expect(seen).toEqual([{ password: 'canary-other' }])
  await tenant.remove('reader')
  await tenant.vanishes('reader')
})
