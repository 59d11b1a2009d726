/** One process of the client benchmark: imports a client, makes calls one after the other, prints what that cost. */
import { readFileSync } from 'node:fs'

export interface ClientFigures {
  readonly importMs: number
  readonly importMb: number
  readonly cpuMsPerCall: number
  readonly rssMb: number
}

interface Kubeconfig {
  readonly clusters: readonly [{ readonly cluster: { readonly 'certificate-authority-data': string } }]
}

const key = { namespace: 'ns', name: 'a' }
const megabytes = () => process.memoryUsage.rss() / 1024 / 1024

async function clientNode(_: string, kubeconfig: string): Promise<() => Promise<unknown>> {
  const { CoreV1Api, KubeConfig } = await import('@kubernetes/client-node')
  const config = new KubeConfig()
  config.loadFromFile(kubeconfig)
  const api = config.makeApiClient(CoreV1Api)
  return () => api.readNamespacedSecret(key)
}

async function srcKube(server: string, kubeconfig: string): Promise<() => Promise<unknown>> {
  const [{ createKubeApi }, { fixedAccess }, { systemClock }] = await Promise.all([
    import('../../src/kube/client.ts'),
    import('../support/fixed-access.ts'),
    import('../../src/runtime/system-clock.ts'),
  ])
  const { clusters } = JSON.parse(readFileSync(kubeconfig, 'utf8')) as Kubeconfig
  const ca = Buffer.from(clusters[0].cluster['certificate-authority-data'], 'base64')
  const api = createKubeApi({ access: fixedAccess({ server, ca, token: 'abc' }), clock: systemClock, version: 'bench' })
  const secrets = { group: '', version: 'v1', plural: 'secrets', kind: 'Secret', namespaced: true }
  return () => api.get(secrets, key)
}

const [client, server = '', kubeconfig = '', calls = '1'] = process.argv.slice(2)
const startedAt = performance.now()
const rssBefore = megabytes()
const call = await (client === 'client-node' ? clientNode : srcKube)(server, kubeconfig)
const importMs = performance.now() - startedAt
const importMb = megabytes() - rssBefore
const cpuBefore = process.cpuUsage()
for (let i = 0; i < Number(calls); i++) await call()
const { user, system } = process.cpuUsage(cpuBefore)
const figures: ClientFigures = {
  importMs,
  importMb,
  cpuMsPerCall: (user + system) / 1000 / Number(calls),
  rssMb: megabytes(),
}
process.stdout.write(JSON.stringify(figures), () => process.exit())
