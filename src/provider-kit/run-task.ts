import type { Clock, Random } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logger.ts'
import { create } from './create.ts'
import { readEnvironment, type Environment, type Variables } from './environment.ts'
import { ExitCode } from './exit-code.ts'
import type { Provider } from './provider.ts'
import { remove, removeFound } from './remove.ts'
import { readSecret } from './read-secret.ts'
import type { Session } from './session.ts'
import type { TaskClient, TaskEndpoint } from './task-client.ts'

/** A provider's time where the engine does not tell its deadline: the default `taskTimeout`. */
const DEFAULT_TIME_MS = 600_000
/** What a stopped run gets to finish the call under way; less than a pod's default grace period of 30 s. */
const STOP_GRACE_MS = 15_000

/** What a run takes from its process. */
export interface Host {
  readonly variables: Variables
  readonly clock: Clock
  readonly random: Random
  /** Aborted when the container is told to stop. */
  readonly signal: AbortSignal
  readonly log: Logger
  /** How the task gateway is reached. */
  readonly connect: (endpoint: TaskEndpoint) => TaskClient
}

/** Runs the task that the environment describes; resolves to the exit code and never rejects. */
export async function runTask(provider: Provider, host: Host): Promise<ExitCode> {
  const { clock, signal, log } = host
  let environment: Environment
  try {
    environment = readEnvironment(host.variables)
  } catch (error) {
    log.error({ reason: (error as Error).message }, 'not started by a task')
    return ExitCode.misconfigured
  }
  const stopped = Promise.withResolvers<ExitCode>()
  signal.addEventListener('abort', () =>
    clock.after(STOP_GRACE_MS, () => {
      stopped.resolve(ExitCode.undecided)
    }),
  )
  const code = await Promise.race([carryOut(sessionOf(provider, environment, host), environment), stopped.promise])
  return code === ExitCode.undecided && signal.aborted ? ExitCode.stopped : code
}

function carryOut(session: Session, { order }: Environment): Promise<ExitCode> {
  switch (order.action) {
    case 'create':
      return create(session)
    case 'delete':
      return remove(session, order)
    case 'find':
      return removeFound(session, order.originTaskId)
  }
}

function sessionOf(provider: Provider, environment: Environment, host: Host): Session {
  const { task, deadline } = environment
  const { clock, random, signal, log, connect } = host
  const time = deadline === undefined ? DEFAULT_TIME_MS : Date.parse(deadline) - clock.now()
  const client = connect({ ...environment, ...task })
  const patience = { clock, random, signal, log, deadline: clock.monotonic() + time }
  const reader = { client, patience, inputs: task.inputs }
  return {
    provider,
    run: { ...task, signal, log, readSecret: (input) => readSecret(reader, input) },
    client,
    patience,
  }
}
