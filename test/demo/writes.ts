import type { SecretTask, TaskType } from '../../src/api/generated.ts'
import type { AuditEvent } from '../cluster/index.ts'

/** A credential and what is needed to tell whose writes are whose. */
export interface Ledger {
  readonly tasks: readonly SecretTask[]
  readonly credential: string
  /** Name of the Secret that consumers read. */
  readonly target: string
}

/**
 * How many of the operator's writes each task of a credential has cost, by task ID. `writes` are in the order in which they
 * were answered. Of the writes to the credential's status the first one after a write to a task is that task's; what comes
 * beside (finalizer, revocation kit, a changed spec that is observed) is nobody's.
 */
export function writesByTask(
  writes: readonly AuditEvent[],
  { tasks, credential, target }: Ledger,
): Map<string, number> {
  const counts = new Map(tasks.map(({ metadata }) => [metadata.name, 0]))
  const deleterOf = new Map(tasks.map(({ metadata, spec }) => [spec.originTaskId, metadata.name]))
  /** The task under way or last ended: at most one of a credential is open at any time. */
  let latest: string | undefined
  let settled = true

  const owners: Record<string, (verb: string, ref: Reference) => string | undefined> = {
    secrettasks: (_, { name }) => name,
    jobs: (_, { name }) => name,
    // In custody a payload bears the name of the task that made it; it goes with the task that deletes the credential.
    secrets: (verb, { name }) => (name === target ? latest : verb === 'delete' ? deleterOf.get(name) : name),
    customcredentials: (_, { name, subresource }) => {
      if (settled || name !== credential || subresource !== 'status') return undefined
      settled = true
      return latest
    },
  }

  for (const { verb, objectRef } of writes) {
    const { resource = '', subresource, name = '' } = objectRef ?? {}
    if (resource === 'secrettasks' && counts.has(name)) [latest, settled] = [name, false]
    const owner = owners[resource]?.(verb, { name, subresource }) ?? ''
    const count = counts.get(owner)
    if (count !== undefined) counts.set(owner, count + 1)
  }
  return counts
}

interface Reference {
  readonly name: string
  readonly subresource: string | undefined
}

/** The mean over the tasks of one type; null where there is none. */
export function meanWrites(counts: ReadonlyMap<string, number>, tasks: readonly SecretTask[], type: TaskType) {
  const of = tasks.filter(({ spec }) => spec.type === type).map(({ metadata }) => counts.get(metadata.name) ?? 0)
  if (of.length === 0) return null
  return Math.round((of.reduce((sum, count) => sum + count, 0) / of.length) * 100) / 100
}
