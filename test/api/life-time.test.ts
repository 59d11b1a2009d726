import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CustomCredential } from '../../src/api/generated.ts'
import { freePort } from '../cluster/host/ports.ts'
import { asker } from '../support/ask.ts'
import { Kubelet } from '../support/kubelet.ts'
import { operatorAccount, OperatorProcess } from '../support/operator-process.ts'
import { ownCluster } from '../support/own-cluster.ts'
import { Ledgered } from '../support/upstream.ts'
import { install, ours } from './crds-cluster.ts'

const cluster = ownCluster()
const ask = asker(cluster)
const upstream = new Ledgered()
const NAMESPACE = 'life-time'
let operator: OperatorProcess
let kubelet: Kubelet

beforeAll(async () => {
  await install()
  operator = await OperatorProcess.start(await operatorAccount(cluster, ask), { gatewayPort: await freePort() })
  kubelet = await new Kubelet(ask, upstream.container).start()
  await ask('POST', '/api/v1/namespaces', { body: { metadata: { name: NAMESPACE } } })
  await ask('POST', ours('credentialsproviders', NAMESPACE), { body: aProvider })
})

afterAll(async () => {
  await kubelet[Symbol.asyncDispose]()
  await operator.end('SIGTERM')
})

const path = (name: string): string => `${ours('customcredentials', NAMESPACE)}/${name}`
const credential = async (name: string) => (await ask('GET', path(name))).body as unknown as CustomCredential
const create = async (name: string, spec: object) =>
  ask('POST', ours('customcredentials', NAMESPACE), {
    body: { ...kind, metadata: { name }, spec: { ...spec, ...byLedger } },
  })
const change = (name: string, body: object) => ask('PATCH', path(name), { body })
const reasons = async (name: string): Promise<string[]> =>
  ((await credential(name)).status.conditions ?? []).map(({ type, status, reason }) => `${type}=${status} ${reason}`)

/** The shortest time to live is a minute: this one waits for it. */
test('a version that nothing replaces is revoked when its time is over, and another is made on request', async () => {
  await create('lasting', { ttl: '1m' })
  await expect.poll(async () => (await credential('lasting')).status.currentVersion).toBe(1)
  const { versions, expirationTime } = (await credential('lasting')).status
  expect(expirationTime).toBe(versions?.[0]?.expiresAt)
  expect(Date.parse(expirationTime ?? '') - Date.parse(versions?.[0]?.createdAt ?? '')).toBe(60_000)

  await expect.poll(() => reasons('lasting'), { timeout: 120_000 }).toContain('AtRisk=True ExpiresSoon')
  expect(upstream.alive()).toHaveLength(1)
  await expect.poll(() => upstream.alive(), { timeout: 120_000 }).toEqual([])
  await expect.poll(async () => (await credential('lasting')).status.unresolved).toEqual([])
  const { state, stateNumber } = (await credential('lasting')).status
  expect([state, stateNumber]).toEqual(['destroyed', 5])
  expect(await reasons('lasting')).toEqual(['Ready=False Expired', 'Stalled=True Expired'])

  await change('lasting', {
    spec: { ttl: null },
    metadata: { annotations: { 'customcredentials.dev/rotate-requested-at': 'now' } },
  })
  await expect.poll(async () => (await credential('lasting')).status.state).toBe('active')
  expect(await reasons('lasting')).toEqual(['Ready=True Delivered'])
})

test('a credential that is suspended begins when it is resumed', async () => {
  await create('suspended', { suspend: true })
  await expect.poll(() => reasons('suspended')).toContain('Suspended=True SuspendedBySpec')
  expect((await credential('suspended')).status.nextVersion?.attempts ?? 0).toBe(0)
  await change('suspended', { spec: { suspend: null } })
  await expect.poll(() => reasons('suspended')).toEqual(['Ready=True Delivered'])
})

test('a window tells when the next rotation is, and one that never opens what is wrong', async () => {
  const rotation = { interval: '1d', window: { schedule: '0 2 * * 6', timeZone: 'Europe/Berlin', duration: '4h' } }
  await create('windowed', { rotation })
  await expect.poll(async () => (await credential('windowed')).status.nextRotationTime).toMatch(/T0[01]:00:00\.000Z$/)
  await change('windowed', { spec: { rotation: { window: { schedule: '0 0 30 2 *' } } } })
  await expect.poll(() => reasons('windowed')).toEqual(['Ready=True Delivered', 'Stalled=True WindowInvalid'])
})

const byLedger = { providerRef: { name: 'ledger' } }
const kind = { apiVersion: 'customcredentials.dev/v1alpha1', kind: 'CustomCredential' }

const aProvider = {
  ...kind,
  kind: 'CredentialsProvider',
  metadata: { name: 'ledger' },
  spec: {
    capabilities: ['find'],
    template: { spec: { containers: [{ name: 'provider', image: 'provider:dev' }] } },
    schema: { credentials: [{ name: 'password', type: 'string', required: true }] },
  },
}
