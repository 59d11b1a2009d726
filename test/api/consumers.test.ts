import { afterAll, beforeAll, expect, test } from 'vitest'
import { ownCluster } from '../support/own-cluster.ts'
import { Stage } from '../support/stage.ts'
import type { Tenant } from '../support/tenant.ts'
import { install, kubectl } from './crds-cluster.ts'

const cluster = ownCluster()
const RIGHTS = ['role/role.yaml', 'binding.yaml'].flatMap((file) => [
  '-f',
  `${import.meta.dirname}/../../deploy/components/restart-targets/${file}`,
])
let stage: Stage
let tenant: Tenant

beforeAll(async () => {
  await install()
  stage = await Stage.open(cluster)
  tenant = await stage.tenant('consumers')
})

afterAll(async () => {
  await kubectl('delete', '--ignore-not-found', ...RIGHTS)
  await stage[Symbol.asyncDispose]()
})

const textOf = async (secret: string): Promise<Readonly<Record<string, string>>> => {
  const data = Object.entries((await tenant.secret(secret))?.data ?? {})
  return Object.fromEntries(data.map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]))
}
const current = (name: string) => expect.poll(async () => (await tenant.read(name))?.status.currentVersion)

test('the target Secret looks as the spec says, and an edit of that makes no credential', async () => {
  const template = { 'url.txt': 'https://{{ password | url_encode }}@host' }
  const target = { type: 'example.com/login', labels: { app: 'orders' }, template, previousKeys: { prefix: 'old_' } }
  await tenant.credential('rendered', { target })
  await current('rendered').toBe(1)
  const [first = ''] = stage.upstream.made
  expect(await textOf('rendered')).toEqual({ 'url.txt': `https://secret-${first}@host` })
  expect(await tenant.secret('rendered')).toMatchObject({
    type: 'example.com/login',
    metadata: { labels: { app: 'orders' } },
  })

  await tenant.rotate('rendered', 'now')
  await current('rendered').toBe(2)
  const [, second = ''] = stage.upstream.made
  expect(await textOf('rendered')).toEqual({
    'url.txt': `https://secret-${second}@host`,
    old_password: `secret-${first}`,
  })

  await tenant.patch('rendered', {
    spec: { target: { labels: { app: null, team: 'a' }, template: { login: '{{ password }}' } } },
  })
  await expect.poll(async () => Object.keys(await textOf('rendered'))).toContain('login')
  const labels = (await tenant.secret('rendered'))?.metadata.labels
  expect([labels?.['team'], labels?.['app']]).toEqual(['a', undefined])
  expect(stage.upstream.made).toHaveLength(2)

  await tenant.patch('rendered', { spec: { target: { template: { login: '{{ pasword }}' } } } })
  await tenant.condition('rendered', 'Stalled', { status: 'True', reason: 'TemplateInvalid' })
  expect((await textOf('rendered'))['login']).toBe(`secret-${second}`)
})

test('workloads are rolled out once for each new version, where the operator may do so', async () => {
  const labels = { app: 'web' }
  const containers = [{ name: 'web', image: 'web:1' }]
  const path = `/apis/apps/v1/namespaces/${tenant.name}/deployments`
  const body = {
    metadata: { name: 'web' },
    spec: { replicas: 0, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
  }
  expect((await stage.ask('POST', path, { body })).code).toBe(201)
  const deployment = async () => {
    const { metadata, spec } = (await stage.ask('GET', `${path}/web`)).body as {
      metadata: { generation: number }
      spec: { template: { metadata: { annotations?: Record<string, string> } } }
    }
    return [spec.template.metadata.annotations?.['version.customcredentials.dev/restarted'], metadata.generation]
  }

  await tenant.credential('restarted', { restartTargets: [{ kind: 'Deployment', name: 'web' }] })
  await tenant.reaches('restarted', 1)
  await tenant.rotate('restarted', 'second')
  await tenant.reaches('restarted', 2)
  const { message } = await tenant.condition('restarted', 'RestartFailed', {
    status: 'True',
    reason: 'RestartForbidden',
  })
  expect(message).toContain('deploy/components/restart-targets')
  expect(await deployment()).toEqual([undefined, 1])

  await kubectl('apply', '--server-side', ...RIGHTS)
  await expect.poll(deployment).toEqual(['2', 2])
  await expect
    .poll(async () => (await tenant.read('restarted'))?.status.restarts)
    .toMatchObject([{ name: 'web', version: 2 }])

  await tenant.rotate('restarted', 'third')
  await tenant.reaches('restarted', 3)
  await expect.poll(deployment).toEqual(['3', 3])
  await tenant.balances('rendered', 'restarted')
})

test('a target Secret that somebody has edited is written again, and what others have added stays', async () => {
  const path = tenant.core('secrets')
  const edit = (body: object) => stage.ask('PATCH', `${path}/edited`, { body })
  await tenant.credential('edited')
  await tenant.reaches('edited', 1)
  const password = `secret-${stage.upstream.made.at(-1) ?? ''}`

  await edit({ data: { theirs: 'YQ==' }, metadata: { labels: { team: 'a' } } })
  await edit({ data: { password: 'ZWRpdGVk' } })
  await expect.poll(() => textOf('edited')).toEqual({ password })
  expect((await tenant.secret('edited'))?.metadata.labels?.['team']).toBe('a')

  // The next one waits a little, lest two that disagree race each other.
  await edit({ data: { password: null } })
  await expect.poll(() => textOf('edited')).toEqual({ password })
})

test('a target Secret that is to outlive its credential stays with what is revoked, and bears nothing of ours', async () => {
  await tenant.credential('left', { target: { deletionPolicy: 'Retain', labels: { app: 'orders' } } })
  await tenant.reaches('left', 1)
  const before = await tenant.secret('left')
  const [id = ''] = (await tenant.read('left'))?.status.versions?.map(({ credentialsId }) => credentialsId) ?? []
  await tenant.remove('left')
  await tenant.vanishes('left')
  expect(stage.upstream.alive(tenant.name)).not.toContain(id)
  const { metadata, data } = (await tenant.secret('left')) ?? {}
  expect([data, metadata?.uid]).toEqual([before?.data, before?.metadata.uid])
  expect([metadata?.labels, metadata?.annotations]).toEqual([{ app: 'orders' }, undefined])
})
