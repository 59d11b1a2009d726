import { type Key, keyOf, type KubeObject } from '../../../src/api/meta.ts'
import { Deployments, type Workload } from '../../../src/api/resources.ts'
import { keyText, parseKey } from '../../../src/kube/key.ts'
import { WorkQueue } from './work-queue.ts'
import type { World } from './world.ts'

const BY = { by: 'deployment-controller' }
const REACTION_MS = 10
/** Its watch may be behind for longer than the first look at a rollout waits. */
const BEHIND_MS = 60_000
/** From the start of a new pod to its being ready. */
const READY_MS = 20_000
/** So long a pod takes that comes up late: longer than several looks at it. */
const LATE_MS = 600_000

/** `minReadySeconds`: so long its pod is to be ready before it is available. */
interface Deployment extends Workload {
  readonly spec?: Workload['spec'] & { readonly minReadySeconds?: number }
}

interface Rollout {
  readonly generation: number
  /** When its pod was started. */
  readonly startedAt: number
  /** When its pod is available, and the one before it stopped; Infinity for never. */
  readonly doneAt: number
  /** There is a pod of an earlier template until then. */
  readonly hasOld: boolean
}

type OnRolledOut = (workload: Key, startedAt: number) => void

/**
 * The Deployment controller, and the one pod that each Deployment runs: of its pods there are no objects. A new one is started
 * for each template, and the old one runs on beside it until the new one is available.
 */
export class DeploymentController {
  readonly #world: World
  readonly #queue: WorkQueue
  /** By UID of the Deployment. */
  readonly #rollouts = new Map<string, Rollout>()
  /** By UID: the generation that the last notice was about, and until when it sees none of it. */
  readonly #noticed = new Map<string, number>()
  readonly #blindUntil = new Map<string, number>()
  readonly #listeners: OnRolledOut[] = []

  constructor(world: World) {
    this.#world = world
    this.#queue = new WorkQueue(world.scheduler, 'deployment-controller', (key) => {
      const deployment = world.server.find(Deployments, parseKey(key))
      if (deployment) this.#sync(key, deployment)
    })
    world.server.subscribe(({ resource, object, type }) => {
      if (resource.plural === Deployments.plural && type !== 'deleted') this.#notice(object)
    })
  }

  /** Told of each Deployment that runs no pod any more but one that was started then; perhaps again and again. */
  onRolledOut(listener: OnRolledOut): void {
    this.#listeners.push(listener)
  }

  #notice(object: KubeObject): void {
    const { uid, generation = 0 } = object.metadata
    const { place, scheduler } = this.#world
    if (this.#noticed.get(uid) !== generation && place('deployment:notice') === 'behind')
      this.#blindUntil.set(uid, scheduler.now() + BEHIND_MS)
    this.#noticed.set(uid, generation)
    this.#queue.add(keyText(keyOf(object)), REACTION_MS)
  }

  #sync(key: string, deployment: Deployment): void {
    const { server, scheduler } = this.#world
    const blindMs = (this.#blindUntil.get(deployment.metadata.uid) ?? 0) - scheduler.now()
    if (blindMs > 0) {
      this.#queue.add(key, blindMs)
      return
    }
    const rollout = this.#rolloutOf(deployment)
    const leftMs = rollout.doneAt - scheduler.now()
    const isDone = leftMs <= 0
    if (isDone) for (const listener of this.#listeners) listener(keyOf(deployment), rollout.startedAt)
    else if (leftMs < Infinity) this.#queue.add(key, leftMs)
    server.patch(
      Deployments,
      parseKey(key),
      { merge: { status: statusOf(rollout, isDone) }, subresource: 'status' },
      BY,
    )
  }

  #rolloutOf({ metadata: { uid, generation = 0 }, spec }: Deployment): Rollout {
    const before = this.#rollouts.get(uid)
    if (before?.generation === generation) return before
    const startedAt = this.#world.scheduler.now()
    const fault = this.#world.place('deployment:start')
    const upMs = fault === 'never' ? Infinity : fault === 'late' ? LATE_MS : READY_MS
    const doneAt = startedAt + upMs + (spec?.minReadySeconds ?? 0) * 1000
    const rollout = { generation, startedAt, doneAt, hasOld: before !== undefined }
    this.#rollouts.set(uid, rollout)
    return rollout
  }
}

/** While it is not done, an old pod is ready, and the new one is not. */
function statusOf({ generation, hasOld }: Rollout, isDone: boolean): Workload['status'] {
  const available = isDone || hasOld ? 1 : 0
  return {
    observedGeneration: generation,
    replicas: !isDone && hasOld ? 2 : 1,
    updatedReplicas: 1,
    readyReplicas: available,
    availableReplicas: available,
  }
}
