import { setTimeout as sleep } from 'node:timers/promises'
import { annotation, label } from '../../../src/api/labels.ts'
import type { Clock } from '../../../src/runtime/clock.ts'
import { systemClock } from '../../../src/runtime/system-clock.ts'
import type { Provider } from '../../../src/provider-kit/provider.ts'
import { runTask } from '../../../src/provider-kit/run-task.ts'
import type { Answer, Report, TaskClient, TaskEndpoint } from '../../../src/provider-kit/task-client.ts'
import { call } from '../../support/https.ts'
import type { Container, ContainerRun } from '../../support/kubelet.ts'
import type { Fact } from '../observe/facts.ts'
import { passwordOf } from '../cluster/upstream.ts'
import type { Upstream } from './upstream.ts'

interface Ports {
  readonly upstream: Upstream
  readonly meet: (place: string) => string | undefined
  /** Resolves when the fact has its place among the others. */
  readonly tell: (fact: Fact) => Promise<void>
  /** The task gateway, wherever its replicas are. */
  readonly gatewayPort: number
}

/** What a container waits for an answer of the gateway, and at most between two attempts. */
const ANSWER_MS = 5_000
const LONGEST_WAIT_MS = 1_500
const LATE_MS = 3_000

const silent = () => undefined
const LOG = { debug: silent, info: silent, warn: silent, error: silent }

/** A provider made with the production kit. Once its container is killed, nothing that it waits for ever comes. */
export const kitContainer =
  (ports: Ports): Container =>
  async (run) => {
    const { tell } = ports
    const podUid = run.pod.metadata.uid
    const taskId = run.pod.metadata.labels?.[label.task] ?? ''
    const jobUid = run.pod.metadata.ownerReferences?.[0]?.uid ?? ''
    const change = (type: 'started' | 'ended') => tell({ kind: 'container', type, taskId, jobUid, podUid })
    await change('started')
    try {
      return await Promise.race([work(ports, run), untilKilled(run)])
    } finally {
      await change('ended')
    }
  }

const untilKilled = ({ killed }: ContainerRun): Promise<never> =>
  new Promise((_, reject) => {
    const end = () => {
      reject(new Error('killed'))
    }
    if (killed.aborted) end()
    else killed.addEventListener('abort', end, { once: true })
  })

const work = (ports: Ports, run: ContainerRun): Promise<number> =>
  runTask(providerOf(ports, run), {
    variables: run.env,
    clock: clockOf(run),
    random: () => 0.5,
    signal: new AbortController().signal,
    log: LOG,
    connect: (endpoint) => clientOf(ports, run, endpoint),
  })

/** Never comes where the container is dead by then. */
async function received<T>({ killed }: ContainerRun, answer: Promise<T>): Promise<T> {
  await Promise.allSettled([answer])
  return killed.aborted ? new Promise(() => undefined) : answer
}

function providerOf({ upstream }: Ports, run: ContainerRun): Provider {
  const by = run.pod.metadata.name
  return {
    async createCredentials({ taskId }) {
      const id = await received(run, upstream.create(taskId, by))
      return { id, payload: { password: passwordOf(id) } }
    },
    deleteCredentials: ({ credentialsId }) => received(run, upstream.delete(credentialsId, by)),
    find: ({ originTaskId }) => received(run, upstream.find(originTaskId)),
  }
}

/** Waits are cut short, so that a campaign need not bear with the patience of a container. */
const clockOf = ({ killed }: ContainerRun): Clock => ({
  ...systemClock,
  after: (ms, callback) =>
    systemClock.after(Math.min(ms, LONGEST_WAIT_MS), () => {
      if (!killed.aborted) callback()
    }),
})

function clientOf({ meet, tell, gatewayPort }: Ports, run: ContainerRun, endpoint: TaskEndpoint): TaskClient {
  const { taskId, secretId } = endpoint
  const task = `${secretId}/tasks/${taskId}`
  const send = async (method: 'GET' | 'PUT', resource: string, body?: string): Promise<Answer> => {
    const exchange = () =>
      call({
        port: gatewayPort,
        ca: run.pod.metadata.annotations?.[annotation.gatewayCa] ?? '',
        method,
        path: `/api/v2/secrets/${resource}`,
        headers: { authorization: `Bearer ${run.token}`, 'content-type': 'application/json' },
        ...(body !== undefined && { body }),
      })
    const fault = meet(`gateway ${method}`)
    if (fault === 'unreachable') throw new Error('connect ECONNREFUSED')
    // A request that was held up in the network arrives even where its sender is dead by then.
    if (fault === 'late') await sleep(LATE_MS)
    if (fault === 'twice') void exchange().catch(silent)
    const { status, headers, body: answer } = await Promise.race([exchange(), tooLate()])
    if (fault === 'lost') throw new Error('socket hang up')
    if (fault === 'bad gateway') return { status: 502, retryAfterMs: 0, body: '<html>Bad Gateway</html>' }
    return { status, retryAfterMs: Number(headers['retry-after'] ?? 0) * 1000, body: JSON.stringify(answer) }
  }
  const report = async (body: Report): Promise<Answer> => {
    const answer = await received(run, send('PUT', task, JSON.stringify(body)))
    const created = body.status === 'credentials_created' ? { credentialsId: body.credentials.id } : {}
    await received(
      run,
      tell({
        kind: 'answered',
        taskId,
        podUid: run.pod.metadata.uid,
        ...created,
        code: answer.status,
        body: answer.body,
      }),
    )
    return answer
  }
  return { read: () => received(run, send('GET', task)), secret: (id) => received(run, send('GET', id)), report }
}

const tooLate = (): Promise<never> =>
  new Promise((_, reject) =>
    systemClock.after(ANSWER_MS, () => {
      reject(new Error('no answer'))
    }),
  )
