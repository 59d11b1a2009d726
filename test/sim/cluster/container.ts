import type { Pod } from '../../../src/api/resources.ts'
import type { TaskEndpoint } from '../../../src/provider-kit/task-client.ts'
import type { Variables } from '../../../src/provider-kit/environment.ts'
import type { ContainerLife } from './container-life.ts'
import type { Upstream, UpstreamClass } from './upstream.ts'
import type { World } from './world.ts'

/** A request of a container to the task gateway; `body` is JSON text, '' where there is none. */
export interface GatewayRequest {
  readonly method: 'GET' | 'PUT'
  readonly path: string
  readonly token: string
  readonly body: string
}

export interface GatewayAnswer {
  readonly status: number
  readonly body: string
  readonly retryAfterMs: number
}

/** Rejects where no answer comes, which says nothing about the effect. */
export type Gateway = (request: GatewayRequest) => Promise<GatewayAnswer>

/** What a container's program has at its disposal. */
export interface ContainerRun {
  readonly world: World
  readonly upstream: Upstream
  readonly gateway: Gateway
  readonly pod: Pod
  readonly life: ContainerLife
}

/** What a provider's container does; resolves to its exit code. */
export type ContainerProgram = (run: ContainerRun) => Promise<number>

/** The image of a provider whose upstream invents names. Every other image stands for the class `named`. */
export const OPAQUE_IMAGE = 'provider-opaque:1'

export const classOf = ({ spec }: Pod): UpstreamClass =>
  spec?.containers[0]?.image === OPAQUE_IMAGE ? 'opaque' : 'named'

export const environmentOf = ({ spec }: Pod): Variables =>
  Object.fromEntries((spec?.containers[0]?.env ?? []).map(({ name, value }) => [name, value]))

/** The token of a pod for the task gateway, as the node mints it. */
export const tokenOf = (podUid: string): string => `token-${podUid}`

/** PUTs a report about the task. The container may be killed before it is sent, and when its answer is there. */
export async function report(run: ContainerRun, endpoint: Task, body: Reported): Promise<GatewayAnswer> {
  const { world, life } = run
  await life.pass(world.place, 'container:before-report')
  const answer = await ask(run, 'PUT', endpoint, JSON.stringify(body))
  const credentialsId = body.credentials?.id
  world.tell({
    kind: 'answered',
    taskId: endpoint.taskId,
    ...(credentialsId !== undefined && { credentialsId }),
    code: answer.status,
  })
  await life.pass(world.place, 'container:after-report')
  return answer
}

/** Names a task in the path of its resource. */
export type Task = Pick<TaskEndpoint, 'taskId' | 'secretId'>
/** As far as it is looked at; all of it is sent. */
export interface Reported {
  readonly status: string
  readonly credentials?: { readonly id: string; readonly payload: object }
  readonly errors?: readonly object[]
}

/** Sends a request as the container's own client would, and waits for its answer. */
export function ask(run: ContainerRun, method: 'GET' | 'PUT', task: Task, body = ''): Promise<GatewayAnswer> {
  const path = `/api/v2/secrets/${task.secretId}/tasks/${task.taskId}`
  const token = tokenOf(run.pod.metadata.uid)
  return run.life.receive(run.gateway({ method, path, token, body }))
}
