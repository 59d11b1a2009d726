import type { CredentialVersion, PastVersion } from '../../api/generated.ts'
import { isGoneBy } from '../revocation/deleted.ts'
import type { Ledger } from '../ledger.ts'
import { isSameLogin } from '../obligations.ts'
import type { Snapshot } from '../snapshot.ts'

const VERSION_HISTORY_LIMIT = 10

/**
 * What is kept of versions that are gone, oldest first: IBM Secrets Manager lists them in the same way, without payload.
 * Whatever the status has named as a version and the ledger names no more is gone.
 */
export function historyOf(s: Pick<Snapshot, 'credential' | 'tasks' | 'now'>, ledger: Ledger): PastVersion[] {
  const { versionHistoryLimit = VERSION_HISTORY_LIMIT } = s.credential.spec
  const { versions = [], history = [] } = s.credential.status
  const known = new Set([...ledger.versions, ...history].map(({ version }) => version))
  const past = [
    ...history,
    ...versions.filter(({ version }) => !known.has(version)).map((version) => pastOf(version, s, ledger)),
  ]
  return past.slice(Math.max(0, past.length - versionHistoryLimit))
}

const pastOf = (
  gone: CredentialVersion,
  { tasks, now }: Pick<Snapshot, 'tasks' | 'now'>,
  ledger: Ledger,
): PastVersion => ({
  version: gone.version,
  taskId: gone.taskId,
  credentialsId: gone.credentialsId,
  trigger: gone.trigger,
  createdAt: gone.createdAt,
  goneAt: new Date(now).toISOString(),
  end: endOf(gone, tasks, ledger),
})

function endOf(gone: CredentialVersion, tasks: Snapshot['tasks'], { versions }: Ledger): PastVersion['end'] {
  if (tasks.some((task) => isGoneBy(task, gone))) return 'Revoked'
  return versions.some((version) => isSameLogin(version, gone)) ? 'Renewed' : 'Orphaned'
}
