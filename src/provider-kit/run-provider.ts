import { pino } from 'pino'
import { systemClock, systemRandom } from '../runtime/system-clock.ts'
import type { Provider } from './provider.ts'
import { runTask } from './run-task.ts'
import { taskClient } from './task-client.ts'

/** Entry point of a provider's container: runs the task, then ends the process with an `ExitCode`. */
export function runProvider(provider: Provider): void {
  const log = pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime })
  const stop = new AbortController()
  process.once('SIGTERM', () => {
    log.warn('told to stop')
    stop.abort()
  })
  const host = { clock: systemClock, random: systemRandom, signal: stop.signal, connect: taskClient }
  const fields = { task: process.env['SM_SECRET_TASK_ID'], action: process.env['SM_ACTION'] }
  void runTask(provider, { ...host, variables: process.env, log: log.child(fields) }).then((code) => {
    // Handles that the provider left open must not keep the container alive.
    process.exit(code)
  })
}
