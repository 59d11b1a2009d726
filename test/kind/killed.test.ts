import { beforeAll, expect, test } from 'vitest'
import { installDatabase, installProvider, sql } from '../demo/install.ts'
import type { Ask } from '../support/ask.ts'
import type { Tenant } from '../support/tenant.ts'
import {
  cluster,
  delivered,
  openStage,
  openTenant,
  OPERATOR_NAMESPACE,
  postgresContainer,
  postgresSpec,
  world,
} from './stage.ts'

const WAIT = { timeout: 120_000, interval: 300 }
let tenant: Tenant

beforeAll(async () => {
  const ask: Ask = await openStage()
  tenant = await openTenant(ask, 'killed')
  await installProvider(world, tenant.name, await installDatabase(world, tenant.name))
  await tenant.provider('postgres-slow', { ...postgresSpec(slow()), capabilities: ['find'] })
  await tenant.credential('orders', {
    providerRef: { name: 'postgres-slow' },
    parameters: { database: 'orders', role: 'orders_readonly' },
  })
  await delivered(tenant, 'orders')
})

/** The provider, after a while in which things can happen to the operator. */
const slow = (): object =>
  postgresContainer(`postgres.${tenant.name}.svc`, {
    command: ['node', '--eval', "setTimeout(() => import('/app/dist/providers/postgres/main.js'), 2000)"],
  })

const leader = (): Promise<string> =>
  inOperatorNamespace(['get', 'lease', 'custom-credentials-operator', '--output=jsonpath={.spec.holderIdentity}'])

const inOperatorNamespace = (args: readonly string[]): Promise<string> =>
  cluster.kubectl(['--namespace', OPERATOR_NAMESPACE, ...args])

/**
 * Kills the operator's processes in the pods whose name begins so, from the node, by SIGKILL: deleting a pod, even by force,
 * would let it end in good order. Resolves with how many there were.
 */
async function kill(pods: string): Promise<number> {
  const script = `
    for process in /proc/[0-9]*; do
      tr '\\0' '\\n' <$process/environ 2>/dev/null | grep -q "^POD_NAME=$1" || continue
      kill -9 "\${process#/proc/}" && echo killed
    done`
  return (await cluster.exec('sh', ['-c', script, 'sh', pods])).split('\n').filter((line) => line === 'killed').length
}

test.each<[string, number, () => Promise<string>]>([
  ['the leader', 1, leader],
  ['every replica', 2, () => Promise.resolve('custom-credentials-operator-')],
])(
  '%s of the operator is killed while a provider works: the rotation comes about, and no role is lost',
  async (_, count, pods) => {
    const version = ((await tenant.read('orders'))?.status.currentVersion ?? 0) + 1
    await tenant.rotate('orders', `for version ${version}`)
    await tenant.taskIn('orders', 'processing')
    expect(await kill(await pods())).toBe(count)

    await expect.poll(async () => (await tenant.read('orders'))?.status.currentVersion, WAIT).toBe(version)
    await expect.poll(async () => (await tenant.read('orders'))?.status.unresolved ?? [], WAIT).toEqual([])
    const recorded = ((await tenant.read('orders'))?.status.versions ?? []).map(({ credentialsId }) => credentialsId)
    const alive = await sql(world, tenant.name, String.raw`SELECT rolname FROM pg_roles WHERE rolname LIKE 'cc\_%'`)
    expect(alive.toSorted()).toEqual(recorded.toSorted())
    expect(alive).toHaveLength(2)
    await inOperatorNamespace(['rollout', 'status', 'deployment/custom-credentials-operator', '--timeout=120s'])
  },
)
