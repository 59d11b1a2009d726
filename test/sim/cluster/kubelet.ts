import { keyOf } from '../../../src/api/meta.ts'
import { label } from '../../../src/api/labels.ts'
import { Pods, type Pod } from '../../../src/api/resources.ts'
import type { ContainerChange, ObjectChange } from '../observe/facts.ts'
import { ContainerLife, KILLED } from './container-life.ts'
import { type ContainerProgram, type Gateway, imageOf, NAIVE_IMAGE, PRYING_IMAGE, RESTLESS_IMAGE } from './container.ts'
import { isTerminal } from './job-verdict.ts'
import { kit } from './kit.ts'
import { naive, restless } from './naive.ts'
import { prying } from './prying.ts'
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
/** A node that is cut off from the API server starts its container after the first time, and is back after the second. */
const CUT_OFF_START_MS = 13 * 60_000
const CUT_OFF_MS = 15 * 60_000

/** By image. Every other is made with the kit. */
const PROGRAMS: Readonly<Record<string, ContainerProgram>> = {
  [NAIVE_IMAGE]: naive,
  [RESTLESS_IMAGE]: restless,
  [PRYING_IMAGE]: prying,
}

interface Node extends World {
  readonly upstream: Upstream
  readonly gateway: Gateway
}

/** The pod scheduler and the kubelet of the only node: runs the container of each pod, and says how it ends. */
export class Kubelet {
  readonly #node: Node
  readonly #queue: WorkQueue
  /** Every pod as it was last seen, until nothing of it is left. */
  readonly #pods = new Map<string, Pod>()
  /** What is at work, by UID of the pod: beyond the pod, where that was removed by force. */
  readonly #lives = new Map<string, ContainerLife>()
  /** Pods whose container has been at work: none begins twice. */
  readonly #begun = new Set<string>()
  /** Until when the node of a pod neither hears nor says anything. */
  readonly #cutOffUntil = new Map<string, number>()

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

  /** Kills all containers without warning, as a node that runs out of memory does. */
  killAll(): void {
    for (const life of this.#lives.values()) life.kill()
  }

  #notice({ resource, object, type }: ObjectChange): void {
    if (resource.plural !== Pods.plural) return
    const { uid, deletionTimestamp } = object.metadata
    this.#pods.set(uid, object)
    const isGoing = type === 'deleted' || deletionTimestamp !== undefined
    if (isGoing || type === 'added') this.#queue.add(uid, isGoing ? REACTION_MS : BIND_MS)
  }

  #sync(uid: string, seen: Pod): void {
    const cutOffMs = this.#cutOffMs(uid)
    const pod = findSame(this.#node.server, Pods, seen)
    if (cutOffMs > 0) this.#queue.add(uid, cutOffMs)
    else if (!pod || pod.metadata.deletionTimestamp !== undefined) this.#stop(uid, seen)
    else if (pod.spec?.nodeName === undefined) this.#bind(pod)
    else if (!isTerminal(pod) && !this.#begun.has(uid)) this.#start(pod)
  }

  #cutOffMs(uid: string): number {
    return Math.max(0, (this.#cutOffUntil.get(uid) ?? 0) - this.#node.scheduler.now())
  }

  #bind(pod: Pod): void {
    if (this.#node.place('pod:bind') === 'unschedulable') {
      const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/1 nodes' }
      this.#write(pod, { phase: 'Pending', conditions: [condition] })
      return
    }
    this.#node.server.patch(Pods, keyOf(pod), { merge: { spec: { nodeName: NODE } } }, BY)
    this.#queue.add(pod.metadata.uid, START_MS)
  }

  #start(pod: Pod): void {
    const { scheduler, place } = this.#node
    const { uid } = pod.metadata
    const fault = place('pod:start')
    if (fault === 'no image') {
      this.#report(pod, 'Pending', { waiting: { reason: 'ErrImagePull', message: 'manifest unknown' } })
    } else if (fault === 'cut off') {
      this.#cutOffUntil.set(uid, scheduler.now() + CUT_OFF_MS)
      scheduler.after(CUT_OFF_START_MS, 'a node that is cut off starts its container', () => {
        this.#run(pod)
      })
    } else {
      this.#report(pod, 'Running', { running: { startedAt: new Date(scheduler.now()).toISOString() } })
      this.#run(pod)
    }
  }

  #run(pod: Pod): void {
    const { scheduler, tell, place } = this.#node
    const { uid } = pod.metadata
    const startedAt = new Date(scheduler.now()).toISOString()
    const life = new ContainerLife(scheduler)
    this.#lives.set(uid, life)
    this.#begun.add(uid)
    tell(changeOf(pod, 'started'))
    const program = PROGRAMS[imageOf(pod)] ?? kit
    const work = life
      .pass(place, 'container:begin')
      .then(() => program({ ...this.#node, world: this.#node, pod, life }))
    void life.lived(work).then((exitCode) => {
      scheduler.after(REACTION_MS, `container of ${pod.metadata.name} ended`, () => {
        this.#ended(pod, exitCode, startedAt)
      })
    })
  }

  #ended(pod: Pod, exitCode: number, startedAt: string): void {
    const { scheduler, tell } = this.#node
    this.#lives.delete(pod.metadata.uid)
    tell(changeOf(pod, 'ended'))
    const reason = ENDS[exitCode] ?? 'Error'
    const terminated = { exitCode, reason, startedAt, finishedAt: new Date(scheduler.now()).toISOString() }
    const cutOffMs = this.#cutOffMs(pod.metadata.uid)
    if (cutOffMs === 0) this.#reportEnd(pod, terminated)
    else {
      scheduler.after(cutOffMs, `the node of ${pod.metadata.name} is back`, () => {
        this.#reportEnd(pod, terminated)
      })
    }
  }

  #reportEnd(pod: Pod, terminated: { readonly exitCode: number }): void {
    const { server } = this.#node
    const phase = terminated.exitCode === 0 ? 'Succeeded' : 'Failed'
    if (findSame(server, Pods, pod)) this.#report(pod, phase, { terminated })
    const now = findSame(server, Pods, pod)
    if (!now || now.metadata.deletionTimestamp !== undefined) this.#queue.add(pod.metadata.uid, REACTION_MS)
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
    if (pod === undefined) return
    // What was told to go before it began has failed.
    if (pod.spec?.nodeName !== undefined && !isTerminal(pod)) this.#write(pod, { phase: 'Failed' })
    this.#node.server.remove(Pods, keyOf(pod), { ...BY, uid, force: true })
  }

  #report(pod: Pod, phase: string, state: object): void {
    const name = pod.spec?.containers[0]?.name ?? ''
    const containerStatuses = [{ name, image: '', imageID: '', ready: false, restartCount: 0, state }]
    this.#write(pod, { phase, containerStatuses })
  }

  #write(pod: Pod, status: object): void {
    this.#node.server.patch(Pods, keyOf(pod), { merge: { status }, subresource: 'status' }, BY)
  }
}

/** What the node says of a container, by its exit code. */
const ENDS: Readonly<Record<number, string>> = { 0: 'Completed', [KILLED]: 'OOMKilled' }

function changeOf({ metadata }: Pod, type: ContainerChange['type']): ContainerChange {
  const taskId = metadata.labels?.[label.task] ?? ''
  const jobUid = metadata.ownerReferences?.[0]?.uid ?? ''
  return { kind: 'container', type, taskId, jobUid, podUid: metadata.uid }
}
