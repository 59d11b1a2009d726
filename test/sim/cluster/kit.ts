import type { Provider, Run } from '../../../src/provider-kit/provider.ts'
import { runTask } from '../../../src/provider-kit/run-task.ts'
import { sleep } from '../../../src/runtime/clock.ts'
import {
  ask,
  classOf,
  environmentOf,
  readSecret,
  report,
  type ContainerProgram,
  type ContainerRun,
} from './container.ts'
import { LIST_LAG_MS, passwordOf } from './upstream.ts'

/** With the Secret that the credential names, where it names one. What the Secret holds, the upstream does not ask. */
async function logIn({ inputs, readSecret }: Pick<Run, 'inputs' | 'readSecret'>): Promise<void> {
  if (inputs['admin'] !== undefined) await readSecret('admin')
}

const silent = () => undefined
const LOG = { debug: silent, info: silent, warn: silent, error: silent }

/** A provider made with the production kit, as it is. */
export const kit: ContainerProgram = (run) =>
  runTask(providerOf(run), {
    variables: environmentOf(run.pod),
    clock: run.life.clock,
    // Jitter would change nothing here: what a run meets is varied elsewhere.
    random: () => 0.5,
    signal: run.life.stopping,
    log: LOG,
    connect: (endpoint) => ({
      read: () => ask(run, 'GET', endpoint),
      secret: (id) => readSecret(run, id),
      report: (body) => report(run, endpoint, body),
    }),
  })

function providerOf({ upstream, life, pod }: ContainerRun): Provider {
  const kind = classOf(pod)
  const by = pod.metadata.name
  return {
    async createCredentials({ taskId, ...task }) {
      await logIn(task)
      const id = await life.receive(upstream.create(kind, taskId, by))
      return { id, payload: { password: passwordOf(id) } }
    },
    async deleteCredentials({ credentialsId, ...task }) {
      await logIn(task)
      await life.receive(upstream.delete(credentialsId, by))
    },
    ...(kind !== 'opaque' && {
      async find({ originTaskId }: { readonly originTaskId: string }) {
        // Who knows that the list is behind waits before it is believed.
        if (kind === 'tagged') await sleep(life.clock, LIST_LAG_MS, life.stopping)
        return life.receive(upstream.find(kind, originTaskId))
      },
    }),
  }
}
