import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Ask } from '../support/ask.ts'
import type { Tenant } from '../support/tenant.ts'
import { cluster, delivered, openStage, openTenant, OPERATOR_NAMESPACE, PROVIDER_IMAGE } from './stage.ts'

const OUTPUTS = [
  ...['user', 'capabilities', 'no_new_privileges', 'seccomp', 'writing', 'account_token'],
  ...['own_task', 'without_authority', 'without_token', 'other_task'],
]
let ask: Ask
let tenant: Tenant

beforeAll(async () => {
  ask = await openStage()
  tenant = await openTenant(ask, 'runs')
})

const probe = (): object => ({
  name: 'provider',
  image: PROVIDER_IMAGE,
  command: ['node', '--input-type=module-typescript', '--eval', readFileSync('test/kind/probe.ts', 'utf8')],
  securityContext: { readOnlyRootFilesystem: true },
})

describe('the run of a provider, as its container sees it', () => {
  let seen: Record<string, string>

  beforeAll(async () => {
    await tenant.provider('probe', {
      template: { spec: { containers: [probe()] } },
      schema: { credentials: OUTPUTS.map((name) => ({ name, type: 'string', required: true })) },
    })
    await tenant.credential('observed', { providerRef: { name: 'probe' } })
    await delivered(tenant, 'observed')
    const data = (await tenant.secret('observed'))?.data ?? {}
    seen = Object.fromEntries(
      Object.entries(data).map(([name, value]) => [name, Buffer.from(value, 'base64').toString()]),
    )
  })

  test('Pod Security restricted holds in the process: no root, no capability, no new privilege, seccomp', () => {
    expect(seen).toMatchObject({
      user: '65532',
      capabilities: '0000000000000000',
      no_new_privileges: '1',
      seccomp: '2',
    })
  })

  test('its root file system is read-only, and it has no token for the API server', () => {
    expect(seen).toMatchObject({ writing: 'EROFS', account_token: 'ENOENT' })
  })

  test('the gateway serves TLS by the authority that the pod was given, and by no other', () => {
    expect(seen).toMatchObject({ own_task: '200', without_authority: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' })
  })

  test('the token that the kubelet has mounted is good for the task of this pod alone', () => {
    expect(seen).toMatchObject({ without_token: '401', other_task: '403' })
  })
})

test('a pod that is no task gets nowhere, though the kubelet mounts a token with the audience into it', async () => {
  const [task] = await tenant.tasks('observed')
  const name = 'stranger'
  const { metadata, spec } = task ?? { metadata: { name: '' }, spec: { credential: { uid: '' } } }
  const url = `https://task-gateway.${OPERATOR_NAMESPACE}.svc/api/v2/secrets/${spec.credential.uid}/tasks/${metadata.name}`
  const script = `
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
    const authorization = 'Bearer ' + require('node:fs').readFileSync('/var/run/token/token', 'utf8')
    fetch('${url}', { headers: { authorization }, signal: AbortSignal.timeout(10000) })
      .then(async (answer) => console.log(answer.status, await answer.text()), (error) => console.log('no answer', error.name))`
  const created = await ask('POST', tenant.core('pods'), { body: strangersPod(name, script) })
  expect(created.message).toBe('')
  const phase = async () =>
    ((await ask('GET', `${tenant.core('pods')}/${name}`)).body['status'] as { phase: string }).phase
  await expect.poll(phase, { timeout: 60_000, interval: 300 }).toBe('Succeeded')
  // Where the network enforces policies, the request does not even arrive.
  const answer = await cluster.kubectl(['--namespace', tenant.name, 'logs', name])
  expect(answer).toMatch(/^403 .*not_your_task.*controlled by a Job|^no answer/)
})

const strangersPod = (name: string, script: string): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: {
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name: 'main',
        image: PROVIDER_IMAGE,
        command: ['node', '--no-warnings', '--eval', script],
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        volumeMounts: [{ name: 'token', mountPath: '/var/run/token' }],
      },
    ],
    volumes: [
      {
        name: 'token',
        projected: {
          sources: [{ serviceAccountToken: { path: 'token', audience: 'customcredentials.dev/task-gateway' } }],
        },
      },
    ],
  },
})
