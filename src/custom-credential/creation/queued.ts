import type { CustomCredential, SecretTask } from '../../api/generated.ts'
import { taskDeleted } from '../../secret-task/error-codes.ts'
import type { RunFacts } from '../../secret-task/run-facts.ts'
import type { Ledger } from '../ledger.ts'
import { rotateRequestOf } from './rotate-request.ts'
import { withFailedTry } from './creations.ts'

interface Seen {
  readonly tasks: readonly SecretTask[]
  readonly runs: readonly Pick<RunFacts, 'name'>[]
  readonly credential?: Pick<CustomCredential, 'metadata'>
}

/**
 * A creation that has waited for its turn for so long that the status tells of it is noted there: whoever deletes its record
 * after that has cancelled it, also while no operator runs. Its number stays free for another try: where the record is only
 * not seen yet, it goes on as if nothing had been said.
 */
export function withQueued(ledger: Ledger, { tasks, runs, credential }: Seen, now: number): Ledger {
  const { queued, ...nextVersion } = ledger.nextVersion
  const waiting = tasks.find(isWaiting)
  if (waiting !== undefined) return { ...ledger, nextVersion: { ...nextVersion, queued: noteOf(waiting) } }
  if (queued === undefined) return ledger
  const settled = { ...ledger, nextVersion }
  const isThere = tasks.some(({ metadata }) => metadata.name === queued.taskId)
  if (isThere || runs.some(({ name }) => name === queued.taskId)) return settled
  // What has not begun is called off then, by the operator itself.
  if (credential?.metadata.deletionTimestamp !== undefined) return settled
  const error = taskDeleted('The task was deleted before its turn came.')
  return withFailedTry(settled, queued.taskId, {
    version: nextVersion.number,
    attempt: nextVersion.attempts,
    at: new Date(now).toISOString(),
    error,
    rotateRequest: queued.rotateRequest,
    cancelled: true,
  })
}

const isWaiting = ({ spec, status }: SecretTask): boolean =>
  spec.type === 'create_credentials' && status.state === 'queued' && status.message !== undefined

function noteOf(task: SecretTask): NonNullable<Ledger['nextVersion']['queued']> {
  const rotateRequest = rotateRequestOf(task)
  return { taskId: task.metadata.name, ...(rotateRequest !== undefined && { rotateRequest }) }
}
