import { keyOf } from '../../../src/api/meta.ts'
import { label } from '../../../src/api/labels.ts'
import { Pods, type Pod } from '../../../src/api/resources.ts'
import type { ContainerChange, ObjectChange } from '../observe/facts.ts'
import { ContainerLife } from './container-life.ts'
import type { ContainerProgram, Gateway } from './container.ts'
import { isTerminal } from './job-verdict.ts'
import { findSame } from './server.ts'
import type { Upstream } from './upstream.ts'
import { WorkQueue } from './work-queue.ts'
import type { World } from './world.ts'

const BY = { by: 'kubelet' }
const NODE = 'node-1'
const BIND_MS = 25
const START_MS = 25
const REACTION_MS = 10
/** What a container that is told to stop gets before it is killed: the default grace period. */
const GRACE_MS = 30_000

interface Node extends World {
  readonly upstream: Upstream
  readonly gateway: Gateway
  readonly program: ContainerProgram
}

/** The pod scheduler and the kubelet of the only node: runs the container of each pod, and says how it ends. */
export class Kubelet {
  readonly #node: Node
  readonly #queue: WorkQueue
  /** Every pod as it was last seen, until nothing of it is left. */
  readonly #pods = new Map<string, Pod>()
  /** What is at work, by UID of the pod: beyond the pod, where that was removed by force. */
  readonly #lives = new Map<string, ContainerLife>()

  constructor(node: Node) {
    this.#node = node
    this.#queue = new WorkQueue(node.scheduler, 'kubelet', (uid) => {
      const seen = this.#pods.get(uid)
      if (seen) this.#sync(uid, seen)
    })
    node.server.subscribe((change) => {
      this.#notice(change)
    })
  }

  /** Kills the container of a pod without warning, as a node that runs out of memory does. */
  kill(podUid: string): void {
    this.#lives.get(podUid)?.kill()
  }

  #notice({ resource, object, type }: ObjectChange): void {
    if (resource.plural !== Pods.plural) return
    const { uid, deletionTimestamp } = object.metadata
    this.#pods.set(uid, object)
    const isGoing = type === 'deleted' || deletionTimestamp !== undefined
    if (isGoing || type === 'added') this.#queue.add(uid, isGoing ? REACTION_MS : BIND_MS)
  }

  #sync(uid: string, seen: Pod): void {
    const pod = findSame(this.#node.server, Pods, seen)
    if (!pod || pod.metadata.deletionTimestamp !== undefined) this.#stop(uid, seen)
    else if (pod.spec?.nodeName === undefined) this.#bind(pod)
    else if (!isTerminal(pod) && !this.#lives.has(uid)) this.#start(pod)
  }

  #bind(pod: Pod): void {
    this.#node.server.patch(Pods, keyOf(pod), { merge: { spec: { nodeName: NODE } } }, BY)
    this.#queue.add(pod.metadata.uid, START_MS)
  }

  #start(pod: Pod): void {
    const { scheduler, tell, program } = this.#node
    const startedAt = new Date(scheduler.now()).toISOString()
    this.#report(pod, 'Running', { running: { startedAt } })
    const life = new ContainerLife(scheduler)
    this.#lives.set(pod.metadata.uid, life)
    tell(changeOf(pod, 'started'))
    void life.lived(program({ ...this.#node, world: this.#node, pod, life })).then((exitCode) => {
      scheduler.after(REACTION_MS, `container of ${pod.metadata.name} ended`, () => {
        this.#ended(pod, exitCode, startedAt)
      })
    })
  }

  #ended(pod: Pod, exitCode: number, startedAt: string): void {
    const { server, scheduler, tell } = this.#node
    const { uid } = pod.metadata
    this.#lives.delete(uid)
    tell(changeOf(pod, 'ended'))
    const reason = exitCode === 0 ? 'Completed' : 'Error'
    const terminated = { exitCode, reason, startedAt, finishedAt: new Date(scheduler.now()).toISOString() }
    if (findSame(server, Pods, pod)) this.#report(pod, exitCode === 0 ? 'Succeeded' : 'Failed', { terminated })
    const now = findSame(server, Pods, pod)
    if (!now || now.metadata.deletionTimestamp !== undefined) this.#queue.add(uid, REACTION_MS)
  }

  /** Tells the container to stop, kills it when its time is up, and lets the pod go once nothing of it is at work. */
  #stop(uid: string, seen: Pod): void {
    const life = this.#lives.get(uid)
    if (life) {
      if (life.stopping.aborted) return
      life.stop()
      this.#node.scheduler.after(GRACE_MS, `grace period of ${seen.metadata.name} over`, () => {
        life.kill()
      })
      return
    }
    this.#pods.delete(uid)
    const pod = findSame(this.#node.server, Pods, seen)
    if (pod) this.#node.server.remove(Pods, keyOf(pod), { ...BY, uid, force: true })
  }

  #report(pod: Pod, phase: string, state: object): void {
    const name = pod.spec?.containers[0]?.name ?? ''
    const containerStatuses = [{ name, image: '', imageID: '', ready: false, restartCount: 0, state }]
    this.#node.server.patch(
      Pods,
      keyOf(pod),
      { merge: { status: { phase, containerStatuses } }, subresource: 'status' },
      BY,
    )
  }
}

function changeOf({ metadata }: Pod, type: ContainerChange['type']): ContainerChange {
  const taskId = metadata.labels?.[label.task] ?? ''
  const jobUid = metadata.ownerReferences?.[0]?.uid ?? ''
  return { kind: 'container', type, taskId, jobUid, podUid: metadata.uid }
}
