import type { SecretTask } from '../../src/api/generated.ts'
import type { AuditLog } from '../cluster/index.ts'
import { sql } from './install.ts'
import { IN_SHOP } from './scene.ts'
import type { Summary } from './summary.ts'
import type { World } from './world.ts'
import { meanWrites, writesByTask } from './writes.ts'

const OPERATOR = 'system:serviceaccount:custom-credentials-system:custom-credentials-operator'

/** The logins that the provider has made, as PostgreSQL has them; sorted. */
export const rolesIn = (world: World): Promise<string[]> =>
  sql(world, 'databases', String.raw`SELECT rolname FROM pg_roles WHERE rolname LIKE 'cc\_%' ORDER BY 1`)

export async function countOrphans(world: World): Promise<number> {
  const names = await world.kubectl(['get', 'orphanedcredentials', '--output=name'])
  return names.split('\n').filter((line) => line !== '').length
}

/** Then the last write of every task is done. */
export async function areJobsReleased(world: World): Promise<boolean> {
  const finalizers = await world.kubectl([IN_SHOP, 'get', 'jobs', '--output=jsonpath={.items[*].metadata.finalizers}'])
  return finalizers === ''
}

export function countStates(tasks: readonly SecretTask[]): Summary['tasks'] {
  const counts: Partial<Record<SecretTask['status']['state'], number>> = {}
  for (const { status } of tasks) counts[status.state] = (counts[status.state] ?? 0) + 1
  return counts
}

/** Of credentials whose target Secret bears their own name. */
export function writesPerTask(tasks: readonly SecretTask[], audit: AuditLog | undefined): Summary['writesPerTask'] {
  if (audit === undefined) return { create: null, delete: null }
  const writes = audit.writes(OPERATOR)
  const counts = new Map<string, number>()
  for (const [credential, own = []] of Map.groupBy(tasks, ({ spec }) => spec.credential.name))
    for (const [task, count] of writesByTask(writes, { tasks: own, credential, target: credential }))
      counts.set(task, count)
  return {
    create: meanWrites(counts, tasks, 'create_credentials'),
    delete: meanWrites(counts, tasks, 'delete_credentials'),
  }
}
