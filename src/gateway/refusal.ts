import type { SecretTask } from '../api/generated.ts'
import { keyOf } from '../api/meta.ts'
import { SecretTasks } from '../api/resources.ts'
import { cut } from '../api/text.ts'
import { recordRefusal } from '../custody/refused-reports.ts'
import type { Failure } from './errors.ts'
import type { Run } from './identity.ts'
import { custodyOf, type GatewayPorts } from './ports.ts'

interface Refused {
  readonly run: Run
  /** As a quorum read found it; undefined: gone. */
  readonly task: SecretTask | undefined
  /** What the refused report named; absent where it named nothing. */
  readonly credentialsId?: string | undefined
}

/**
 * Throws `failure`, the refusal of a report, once it is durable which credential it concerns: the provider may undo its
 * work, or may not. Any other error is thrown before that: then the refusal must not reach the provider.
 */
export async function refuse(
  ports: GatewayPorts,
  { run, task, credentialsId }: Refused,
  failure: Failure,
): Promise<never> {
  // What the task has ended with is in use, however a later report of it is addressed.
  if (credentialsId !== undefined && credentialsId !== task?.status.result?.credentialsId) {
    await recordRefusal(custodyOf(ports), { id: run.id, spec: task?.spec ?? run.spec }, credentialsId)
  }
  if (task?.status.state === 'processing') await explain(ports, task, `The report was refused: ${failure.message}`)
  throw failure
}

/**
 * Shows on a task that goes on why something was refused, so that a person need not search the provider's log. Worth a
 * try and no more: it is refused all the same.
 */
export async function explain(
  ports: Pick<GatewayPorts, 'api' | 'tasks' | 'logger'>,
  task: SecretTask,
  why: string,
): Promise<void> {
  const message = cut(why, 2048)
  if (task.status.message === message) return
  const operations = [
    { op: 'replace', path: '/metadata/resourceVersion', value: task.metadata.resourceVersion },
    { op: 'add', path: '/status/message', value: message },
  ] as const
  try {
    ports.tasks.remember(await ports.api.patch(SecretTasks, keyOf(task), { subresource: 'status', operations }))
  } catch (error) {
    ports.logger.warn({ task: task.metadata.name, err: error }, 'could not show on its task why it was refused')
  }
}
