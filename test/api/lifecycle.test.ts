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
let operator: OperatorProcess
let kubelet: Kubelet

beforeAll(async () => {
  await install()
  operator = await OperatorProcess.start(await operatorAccount(cluster, ask), { gatewayPort: await freePort() })
  kubelet = await new Kubelet(ask, upstream.container).start()
})

afterAll(async () => {
  await kubelet[Symbol.asyncDispose]()
  await operator.end('SIGTERM')
})

const NAMESPACE = 'lifecycle'

const credential = async (name: string): Promise<CustomCredential> =>
  (await ask('GET', `${ours('customcredentials', NAMESPACE)}/${name}`)).body as unknown as CustomCredential

test('a credential is created, delivered, rotated on request, and revoked when it is deleted', async () => {
  await ask('POST', '/api/v1/namespaces', { body: { metadata: { name: NAMESPACE } } })
  await ask('POST', ours('credentialsproviders', NAMESPACE), { body: aProvider() })
  await ask('POST', ours('customcredentials', NAMESPACE), { body: aCredential('orders') })

  await expect.poll(async () => (await credential('orders')).status.currentVersion).toBe(1)
  for (const request of ['one', 'two', 'three']) {
    const before = (await credential('orders')).status.currentVersion ?? 0
    await ask('PATCH', `${ours('customcredentials', NAMESPACE)}/orders`, {
      body: { metadata: { annotations: { 'customcredentials.dev/rotate-requested-at': request } } },
    })
    await expect.poll(async () => (await credential('orders')).status.currentVersion).toBe(before + 1)
  }
  await expect.poll(() => upstream.alive().length).toBe(2)
  await expect.poll(recorded).toEqual(upstream.alive().sort())

  expect(upstream.made).toHaveLength(4)
  await ask('DELETE', `${ours('customcredentials', NAMESPACE)}/orders`)
  await expect.poll(async () => (await ask('GET', `${ours('customcredentials', NAMESPACE)}/orders`)).code).toBe(404)
  expect(upstream.alive()).toEqual([])
  expect(kubelet.failures).toEqual([])
})

/** The credentials that the status stands for. */
const recorded = async (): Promise<string[]> =>
  ((await credential('orders')).status.versions ?? []).map(({ credentialsId }) => credentialsId).sort()

const aProvider = () => ({
  apiVersion: 'customcredentials.dev/v1alpha1',
  kind: 'CredentialsProvider',
  metadata: { name: 'ledger' },
  spec: {
    capabilities: ['find'],
    template: { spec: { containers: [{ name: 'provider', image: 'provider:dev' }] } },
    schema: { credentials: [{ name: 'password', type: 'string', required: true }] },
  },
})

const aCredential = (name: string) => ({
  apiVersion: 'customcredentials.dev/v1alpha1',
  kind: 'CustomCredential',
  metadata: { name },
  spec: { providerRef: { name: 'ledger' } },
})
