import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inject, vi } from 'vitest'
import { parse } from 'yaml'
import { prepareImages } from '../../deploy/images/context.ts'
import { attachKindCluster, progressTo } from '../cluster/index.ts'
import { installOperator } from '../demo/install.ts'
import { buildImages, kindWorld, loadImages, type World } from '../demo/world.ts'
import { asker, type Ask } from '../support/ask.ts'
import { Tenant } from '../support/tenant.ts'
import { Ledgered } from '../support/upstream.ts'

export const cluster = attachKindCluster(inject('kindCluster'))
export const world: World = kindWorld(cluster)

export const OPERATOR_NAMESPACE = 'custom-credentials-system'
/** The pods of every tenant here have to be fit for it. */
export const RESTRICTED = { 'pod-security.kubernetes.io/enforce': 'restricted' }
export const PROVIDER_IMAGE = 'custom-credentials-provider-postgres:dev'

/** The operator at work in the cluster, as a Deployment: the same one for all test files of a run. */
export async function openStage(): Promise<Ask> {
  const installed = ['get', 'deployment', 'custom-credentials-operator', '--ignore-not-found', '--output=name']
  if ((await cluster.kubectl(['--namespace', OPERATOR_NAMESPACE, ...installed])) === '') {
    const progress = progressTo(process.stderr)
    await buildImages(cluster, prepareImages(), progress)
    await loadImages(cluster, progress)
    await progress.step('Installing the operator', () => installOperator(world))
    await cluster.waitForDns(progress)
  }
  return askAsTester()
}

/** A namespace that enforces Pod Security `restricted`. */
export const openTenant = (ask: Ask, prefix: string): Promise<Tenant> =>
  Tenant.open({ ask, upstream: new Ledgered() }, prefix, RESTRICTED)

/** Resolves once the first version of a credential is with its consumers. */
export async function delivered(tenant: Tenant, credential: string): Promise<void> {
  await vi.waitUntil(async () => (await tenant.read(credential))?.status.currentVersion === 1, { timeout: 120_000 })
}

/** What of a provider's container a test changes. */
interface ContainerChange {
  readonly image?: string
  readonly command?: readonly string[]
}

/** The container of the provider of deploy/samples, with the server's host changed. */
export function postgresContainer(host: string, change: ContainerChange = {}): object {
  const { spec } = parse(readFileSync('deploy/samples/postgres-provider.yaml', 'utf8')) as Sample
  const [container] = spec.template.spec.containers
  const env = (container?.env ?? []).map((variable) =>
    variable.name === 'PGHOST' ? { ...variable, value: host } : variable,
  )
  return { ...container, env, ...change }
}

interface Sample {
  readonly spec: {
    readonly template: {
      readonly spec: { readonly containers: readonly { readonly env: readonly { readonly name: string }[] }[] }
    }
  }
}

/** A provider's spec with any group role for a parameter. */
export const postgresSpec = (container: object): object => ({
  template: { spec: { containers: [container] } },
  schema: {
    parameters: ['database', 'role'].map((name) => ({ name, type: 'string', required: true })),
    credentials: ['username', 'password', 'host', 'port', 'database', 'uri'].map((name) => ({
      name,
      type: name === 'port' ? 'integer' : 'string',
      required: true,
    })),
  },
  taskTimeout: '1m',
})

/** Impersonation and all else by a token, as the support for the API tier has it; kind's administrator has a certificate. */
async function askAsTester(): Promise<Ask> {
  const account = ['tester', '--namespace=default']
  const quietly = (args: string[]) => world.kubectl(args).catch(() => undefined)
  await quietly(['create', 'serviceaccount', ...account])
  await quietly([
    'create',
    'clusterrolebinding',
    'tester',
    '--clusterrole=cluster-admin',
    '--serviceaccount=default:tester',
  ])
  const adminToken = (await world.kubectl(['create', 'token', ...account, '--duration=3h'])).trim()
  const jsonpath = '--output=jsonpath={.clusters[0].cluster.server} {.clusters[0].cluster.certificate-authority-data}'
  const [url = '', ca = ''] = (await world.kubectl(['config', 'view', '--raw', jsonpath])).split(' ')
  const caPath = join(cluster.folder, 'ca.crt')
  writeFileSync(caPath, Buffer.from(ca, 'base64'))
  return asker({ url, caPath, adminToken })
}
