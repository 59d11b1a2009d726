import { ProviderError } from '../../../src/provider-kit/provider.ts'
import {
  environmentOf,
  report,
  type ContainerProgram,
  type ContainerRun,
  type Reported,
  type Task,
} from './container.ts'
import { passwordOf } from './upstream.ts'

/**
 * A provider as IBM's samples have it: the upstream invents the name, one report is sent, and whatever comes back but 200
 * makes it undo its work, even where the report may have been accepted. Where the upstream does not answer, it just ends.
 */
export const naive: ContainerProgram = (run) => provide(run, 1)

/** One that begins anew where its report was not taken: it makes others, which it reports for the same task. */
export const restless: ContainerProgram = (run) => provide(run, 3)

/** Longer than a process of the operator takes to be there again. */
const PAUSE_MS = 5_000

async function provide(run: ContainerRun, goes: number): Promise<number> {
  const env = environmentOf(run.pod)
  const task = { taskId: env['SM_SECRET_TASK_ID'] ?? '', secretId: env['SM_SECRET_ID'] ?? '' }
  const credentialsId = env['SM_CREDENTIALS_ID']
  const isCreate = env['SM_ACTION'] === 'create_credentials'
  return isCreate ? create(run, task, goes) : remove(run, task, credentialsId ?? '')
}

async function create(run: ContainerRun, task: Task, goes: number): Promise<number> {
  const { upstream, life, pod } = run
  const by = pod.metadata.name
  let id: string
  try {
    id = await life.receive(upstream.create('opaque', task.taskId, by))
  } catch (error) {
    return error instanceof ProviderError ? fail(run, task, 'CreateFailed') : 1
  }
  const credentials = { id, payload: { password: passwordOf(id) } }
  if (await isTaken(run, task, { status: 'credentials_created', credentials })) return 0
  await life.receive(upstream.delete(id, by)).catch(() => false)
  if (goes === 1) return 1
  await life.receive(pause(run))
  return create(run, task, goes - 1)
}

const pause = ({ world }: ContainerRun): Promise<void> =>
  new Promise((resolve) => {
    world.scheduler.after(PAUSE_MS, 'pause of a provider', resolve)
  })

/** What is not there (404) is taken for a failure. */
async function remove(run: ContainerRun, task: Task, credentialsId: string): Promise<number> {
  const { upstream, life, pod } = run
  const gone = await life.receive(upstream.delete(credentialsId, pod.metadata.name)).catch(() => false)
  if (!gone) return fail(run, task, 'DeleteFailed')
  return (await isTaken(run, task, { status: 'credentials_deleted' })) ? 0 : 1
}

async function fail(run: ContainerRun, task: Task, code: string): Promise<number> {
  await isTaken(run, task, { status: 'failed', errors: [{ code, description: 'The upstream call failed.' }] })
  return 1
}

async function isTaken(run: ContainerRun, task: Task, body: Reported): Promise<boolean> {
  try {
    return (await report(run, task, body)).status === 200
  } catch {
    return false
  }
}
