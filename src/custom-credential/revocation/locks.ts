import type { CredentialVersion, Lock, LockRequest } from '../../api/generated.ts'
import { isTerminal } from '../../secret-task/end.ts'
import { isCondemned } from './condemned.ts'
import type { Ledger } from '../ledger.ts'
import { isLocked } from '../obligations.ts'
import { inUse } from './retire.ts'
import type { Snapshot } from '../snapshot.ts'

/** The versions that a lock can name: those that consumers have. */
const named = (ledger: Ledger): Partial<Record<LockRequest['version'], CredentialVersion>> => {
  const delivered = inUse(ledger).filter(({ deliveredAt }) => deliveredAt !== undefined)
  const [current, previous] = [delivered.at(-1), delivered.at(-2)]
  return { ...(current && { current }), ...(previous && { previous }) }
}

/**
 * Binds the locks that the spec names for the first time to a version's number, with which they stay, and drops those that
 * it names no more. As at IBM Secrets Manager a version can be locked only while no task is open.
 */
export function withLocks(ledger: Ledger, s: Pick<Snapshot, 'credential' | 'tasks' | 'trouble'>): Ledger {
  const { credential, tasks } = s
  const { locks: requests = [] } = credential.spec
  if (requests.length === 0) return ledger.locks.length === 0 ? ledger : { ...ledger, locks: [] }
  const versions = tasks.every(isTerminal) ? named(ledger) : {}
  const locks = requests.flatMap(({ name, version }): Lock[] => {
    const bound = ledger.locks.find((lock) => lock.name === name)
    const number = bound?.version ?? (lacksPayload(versions[version], s) ? undefined : versions[version]?.version)
    return number === undefined ? [] : [{ name, version: number }]
  })
  return { ...ledger, locks }
}

/** There is nothing to keep: it can be delivered no more, and is replaced. */
const lacksPayload = (version: CredentialVersion | undefined, { trouble }: Pick<Snapshot, 'trouble'>): boolean =>
  version !== undefined && version.taskId === trouble.delivery?.lost

/** A rotation would take the place of the previous version. */
export function barsRotation(ledger: Ledger): readonly Lock[] {
  const { previous } = named(ledger)
  return ledger.locks.filter(({ version }) => version === previous?.version)
}

/** A locked version holds up the deletion of its credential, unless its namespace goes, and the consumers' Secret with it. */
export const holdsDeletion = (ledger: Ledger, s: Snapshot): boolean =>
  inUse(ledger).some((version) => isLocked(ledger, version) && !isCondemned(version, s)) &&
  s.namespace?.metadata.deletionTimestamp === undefined &&
  s.trouble.namespaceTerminating !== true

export const namesOf = (locks: readonly Lock[]): string => locks.map(({ name }) => `"${name}"`).join(', ')

/** What locks there are, and what those wait for that are not bound. */
export function lockStory(ledger: Ledger, s: Snapshot): { bound: string[]; waiting: string[] } {
  const { credential, tasks } = s
  const isThere = (lock: Lock): boolean => inUse(ledger).some(({ version }) => version === lock.version)
  const numbers = [...new Set(ledger.locks.filter(isThere).map(({ version }) => version))].sort((a, b) => a - b)
  const bound = numbers.map((number) => {
    const by = namesOf(ledger.locks.filter(({ version }) => version === number))
    return `Version ${number} is locked by ${by}.`
  })
  const waiting = (credential.spec.locks ?? [])
    .filter(({ name }) => !ledger.locks.some((lock) => lock.name === name))
    .map(({ name, version }) => {
      const why = lacksPayload(named(ledger)[version], s)
        ? `the payload of the ${version} version is lost`
        : `there is no ${version} version`
      return `Lock "${name}" waits: ${tasks.every(isTerminal) ? why : 'a task is not over'}.`
    })
  const spent = ledger.locks
    .filter((lock) => !isThere(lock))
    .map(({ name }) => `Lock "${name}" has outlived its version: remove it.`)
  return { bound, waiting: [...waiting, ...spent] }
}
