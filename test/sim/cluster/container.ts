import { label } from '../../../src/api/labels.ts'
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

/** Images whose containers differ. Every other image is made with the kit, for an upstream of the class `named`. */
export const OPAQUE_IMAGE = 'provider-opaque:1'
export const TAGGED_IMAGE = 'provider-tagged:1'
/** Made without the kit, for an upstream of the class `opaque`. */
export const NAIVE_IMAGE = 'provider-naive:1'
/** As naive, and with more patience. */
export const RESTLESS_IMAGE = 'provider-restless:1'
/** Made with the kit, and curious. */
export const PRYING_IMAGE = 'provider-prying:1'

export const imageOf = ({ spec }: Pod): string => spec?.containers[0]?.image ?? ''

const CLASSES: Readonly<Record<string, UpstreamClass>> = {
  [OPAQUE_IMAGE]: 'opaque',
  [TAGGED_IMAGE]: 'tagged',
  [NAIVE_IMAGE]: 'opaque',
  [RESTLESS_IMAGE]: 'opaque',
}

export const classOf = (pod: Pod): UpstreamClass => CLASSES[imageOf(pod)] ?? 'named'

export const environmentOf = ({ spec }: Pod): Variables =>
  Object.fromEntries((spec?.containers[0]?.env ?? []).map(({ name, value }) => [name, value]))

/** The token of a pod for the task gateway, as the node mints it. */
export const tokenOf = (podUid: string): string => `token-${podUid}`

/** PUTs a report about the task. The container may come to grief before it is sent, and when its answer is there. */
export async function report(run: ContainerRun, endpoint: Task, body: Reported): Promise<GatewayAnswer> {
  const { world, life } = run
  const flaw = (await life.pass(world.place, 'container:before-report')) ?? ''
  const answer = await put(run, endpoint, flaw === 'unfit payload' ? withoutPayload(body) : body)
  const fault = (await life.pass(world.place, 'container:after-report')) ?? ''
  const more = answer.status === 200 ? MORE[fault]?.(body) : undefined
  if (more !== undefined) await put(run, endpoint, more).catch(() => undefined)
  return answer
}

/**
 * What a confused container reports after a report that was accepted, by the name of the fault. Before one was, it would be
 * a false word about what exists: nobody knows better than the provider.
 */
const MORE: Readonly<Record<string, (body: Reported) => Reported>> = {
  again: (body) => body,
  'another payload': ({ credentials, ...body }) => ({
    ...body,
    ...(credentials && { credentials: { ...credentials, payload: { password: `canary-other-${credentials.id}` } } }),
  }),
  'another credential': ({ credentials, ...body }) => ({
    ...body,
    ...(credentials && { credentials: { ...credentials, id: `${credentials.id}-other` } }),
  }),
  'a failure': () => ({ status: 'failed', errors: [{ code: 'Confused', description: 'It failed after all.' }] }),
}

/** What no provider's schema admits: it is refused, and the provider undoes its work if it can. */
const withoutPayload = ({ credentials, ...body }: Reported): Reported => ({
  ...body,
  ...(credentials && { credentials: { ...credentials, payload: {} } }),
})

async function put(run: ContainerRun, endpoint: Task, body: Reported): Promise<GatewayAnswer> {
  const answer = await ask(run, 'PUT', endpoint, JSON.stringify(body))
  const credentialsId = body.credentials?.id
  run.world.tell({
    kind: 'answered',
    taskId: endpoint.taskId,
    podUid: run.pod.metadata.uid,
    ...(credentialsId !== undefined && { credentialsId }),
    code: answer.status,
    body: answer.body,
  })
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

export function ask(run: ContainerRun, method: 'GET' | 'PUT', task: Task, body = ''): Promise<GatewayAnswer> {
  return send(run, method, `${task.secretId}/tasks/${task.taskId}`, body)
}

/** GETs a Secret, and tells what was shown. */
export async function readSecret(run: ContainerRun, id: string): Promise<GatewayAnswer> {
  const { world, pod } = run
  const askedAt = world.scheduler.now()
  const answer = await send(run, 'GET', id, '')
  const taskId = pod.metadata.labels?.[label.task] ?? ''
  world.tell({ kind: 'shown', taskId, podUid: pod.metadata.uid, id, askedAt, code: answer.status, body: answer.body })
  return answer
}

/** Sends a request as the container's own client would, and waits for its answer. */
function send(run: ContainerRun, method: 'GET' | 'PUT', resource: string, body: string): Promise<GatewayAnswer> {
  const token = tokenOf(run.pod.metadata.uid)
  return run.life.receive(run.gateway({ method, path: `/api/v2/secrets/${resource}`, token, body }))
}
