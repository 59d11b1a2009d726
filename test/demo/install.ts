import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { checkout } from '../cluster/host/folders.ts'
import type { World } from './world.ts'

const file = (path: string): string => readFileSync(join(checkout, path), 'utf8')
/** Applies a manifest of this repository; `namespace` for one that names none. */
export async function apply(world: World, path: string, namespace?: string): Promise<void> {
  await applyText(world, file(path), namespace)
}

export async function applyText(world: World, manifest: string, namespace?: string): Promise<void> {
  const into = namespace === undefined ? [] : ['--namespace', namespace]
  await world.kubectl([...into, 'apply', '--filename=-'], world.withImages(manifest))
}

export const isRolledOut = (world: World, namespace: string, deployment: string): Promise<string> =>
  world.kubectl(['--namespace', namespace, 'rollout', 'status', `deployment/${deployment}`, '--timeout=180s'])

/** Installs the operator as users do, by deploy/base; back when all its replicas are ready. */
export async function installOperator(world: World): Promise<void> {
  const manifests = await world.kubectl(['kustomize', join(checkout, 'deploy/base')])
  await applyText(world, manifests)
  await world.kubectl(['wait', '--for=condition=Established', 'customresourcedefinitions', '--all', '--timeout=60s'])
  await isRolledOut(world, 'custom-credentials-system', 'custom-credentials-operator')
}

/** The namespace of the team that runs the database. */
const DATABASES = 'databases'

/** What the demos stand on: PostgreSQL in its own namespace. */
export async function installUpstream(world: World): Promise<Administrator> {
  await apply(world, 'deploy/demo/namespaces.yaml')
  return await installDatabase(world, DATABASES)
}

/** A provider for it in the namespace of a team, and one for all teams. */
export async function installProviders(world: World, namespace: string, administrator: Administrator): Promise<void> {
  await installProvider(world, namespace, administrator)
  await installSharedProvider(world, DATABASES, administrator)
}

/** The login with which providers work in a database: no superuser. */
export interface Administrator {
  readonly username: string
  readonly password: string
}

/** Starts PostgreSQL in a namespace and sets it up as deploy/demo/setup.sql has it. */
export async function installDatabase(world: World, namespace: string): Promise<Administrator> {
  await secret(world, namespace, { name: 'postgres', values: { password: newPassword() } })
  await apply(world, 'deploy/demo/postgres.yaml', namespace)
  await isRolledOut(world, namespace, 'postgres')
  const administrator = { username: 'credentials_admin', password: newPassword() }
  await sql(world, namespace, `\\set password '${administrator.password}'\n${file('deploy/demo/setup.sql')}`)
  return administrator
}

const newPassword = (): string => randomBytes(24).toString('base64url')

/** Runs statements in the database `orders` as superuser, in its pod; rows as lines, columns separated by `|`. */
export async function sql(world: World, namespace: string, statements: string): Promise<string[]> {
  const psql = [
    'psql',
    '--username=postgres',
    '--dbname=orders',
    '--no-psqlrc',
    '--quiet',
    '--tuples-only',
    '--no-align',
  ]
  const answer = await world.kubectl(
    ['--namespace', namespace, 'exec', '--stdin', 'deployment/postgres', '--', ...psql, '--set=ON_ERROR_STOP=1'],
    statements,
  )
  return answer.split('\n').filter((line) => line !== '')
}

/** The same for all namespaces: its Jobs run in `namespace`, and so does the login stay there. */
async function installSharedProvider(world: World, namespace: string, administrator: Administrator): Promise<void> {
  await secret(world, namespace, { name: 'postgres-admin', values: { ...administrator } })
  await applyText(world, sharedProvider(file('deploy/samples/postgres-provider.yaml'), namespace))
}

/** A provider of one namespace as a ClusterCredentialsProvider whose Jobs run in `jobNamespace`. */
export function sharedProvider(manifest: string, jobNamespace: string): string {
  const { spec, ...provider } = parse(manifest) as { readonly spec: object }
  const shared = { ...spec, jobNamespace, allowedNamespaces: { from: 'All' } }
  return stringify({ ...provider, kind: 'ClusterCredentialsProvider', spec: shared })
}

/** The provider of deploy/samples, and the administrator's login that it refers to. */
export async function installProvider(world: World, namespace: string, administrator: Administrator): Promise<void> {
  await secret(world, namespace, { name: 'postgres-admin', values: { ...administrator } })
  await apply(world, 'deploy/samples/postgres-provider.yaml', namespace)
}

/** Starts the demo's application; back when its pod runs. It logs in with each of the credentials, whose Secrets must be there. */
export async function installApplication(
  world: World,
  namespace: string,
  credentials: readonly string[],
): Promise<void> {
  const code = { 'application.ts': file('deploy/demo/application.ts') }
  await applyText(world, JSON.stringify(objectOf('ConfigMap', { name: 'application', values: code })), namespace)
  await applyText(world, applicationManifest(file('deploy/demo/application.yaml'), credentials), namespace)
  await isRolledOut(world, namespace, 'orders')
}

interface ApplicationDeployment {
  readonly spec: {
    readonly template: {
      readonly spec: { readonly volumes: object[]; readonly containers: readonly [{ readonly volumeMounts: object[] }] }
    }
  }
}

/** The application's Deployment with the logins of these credentials in place of that of `orders-db`. */
export function applicationManifest(manifest: string, credentials: readonly string[]): string {
  const deployment = parse(manifest) as ApplicationDeployment
  const { spec } = deployment.spec.template
  const [{ volumeMounts }] = spec.containers
  spec.volumes.splice(1, 1, ...credentials.map((name) => ({ name, secret: { secretName: name } })))
  volumeMounts.splice(1, 1, ...credentials.map((name) => ({ name, mountPath: `/var/run/logins/${name}` })))
  return stringify(deployment)
}

interface Entries {
  readonly name: string
  readonly values: Readonly<Record<string, string>>
}

/** By standard input: no password on a command line. */
async function secret(world: World, namespace: string, entries: Entries): Promise<void> {
  await applyText(world, JSON.stringify(objectOf('Secret', entries)), namespace)
}

const objectOf = (kind: 'Secret' | 'ConfigMap', { name, values }: Entries) => ({
  apiVersion: 'v1',
  kind,
  metadata: { name },
  ...(kind === 'Secret' ? { stringData: values } : { data: values }),
})
