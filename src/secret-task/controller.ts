import type { SecretTask } from '../api/generated.ts'
import { label } from '../api/labels.ts'
import { type Key, keyOf, type KubeObject } from '../api/meta.ts'
import { cut } from '../api/text.ts'
import type { Caches } from '../caches.ts'
import type { EventRecorder } from '../kube/events.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Outcome } from '../runtime/controller.ts'
import { act, type Finding, jobKey, type Ports as ActPorts } from './act.ts'
import { decide, type TaskDecision, type TaskSnapshot } from './decide.ts'
import { isTerminal } from './end.ts'
import { hindranceTo, isOfTheCluster } from './hindrance.ts'
import { isOrdered } from './ordered.ts'
import type { Throttle } from './throttle.ts'

interface Ports extends ActPorts {
  readonly clock: Clock
  readonly events: EventRecorder
  readonly throttle: Pick<Throttle, 'of'>
}

/** Reconciles one task: observe, decide, act. */
export function createReconciler(ports: Ports): (key: Key) => Promise<Outcome> {
  const findings = new Map<string, Finding>()
  ports.caches.tasks.subscribe(({ type, object: { metadata } }) => {
    if (type !== 'deleted') return
    findings.delete(metadata.uid)
    ports.memory.forget(metadata)
  })

  return async (key) => {
    const task = ports.caches.tasks.get(key)
    if (task === undefined) return {}
    const { uid, name } = task.metadata
    const snapshot = observe(ports, task, findings.get(uid) ?? {})
    const decision = decide(snapshot)
    const found = await act(ports, snapshot, decision)
    tell(ports, snapshot, decision)
    if (isTerminal(task)) {
      findings.delete(uid)
      ports.memory.forget({ name, uid })
    } else if (found) {
      findings.set(uid, { ...findings.get(uid), ...found })
      return { requeueAfterMs: 0 }
    }
    if (decision.kind !== 'wait') return { requeueAfterMs: decision.kind === 'stopJob' ? 1000 : 0 }
    return decision.wakeInMs === Infinity ? {} : { requeueAfterMs: decision.wakeInMs }
  }
}

function observe(
  { caches, clock, memory, throttle, ...namespaces }: Ports,
  task: SecretTask,
  finding: Finding,
): TaskSnapshot {
  const { name, uid } = task.metadata
  const job = caches.jobs.get(jobKey(task))
  // Before the moment: by that its claim is dated, and no turn begins before it is given.
  const turn = throttle.of(task)
  return {
    now: clock.now(),
    task,
    ordered: task.status.state === 'queued' && isOrdered(caches, namespaces, task),
    turn,
    job,
    pods: caches.pods.by('byTask', name),
    claimedHere: memory.isClaimedHere(uid),
    jobCreated: memory.isCreated(uid),
    elapsedMs: task.status.state === 'processing' ? memory.elapsedMs(uid) : 0,
    neverStarted: job !== undefined && memory.neverStarted({ name, uid }, job),
    podRefusal: finding.podRefusal,
    jobRefusal: finding.jobRefusal,
    foreignJob: finding.foreignJob,
  }
}

function tell({ events }: Ports, s: TaskSnapshot, decision: TaskDecision): void {
  const { metadata, spec } = s.task
  const { namespace = '', name, uid } = metadata
  const waiting = { type: 'Warning', reason: 'Waiting', action: 'Run' } as const
  if (decision.kind === 'explain') {
    const regarding = { apiVersion, kind: 'SecretTask', namespace, name, uid }
    events.record({ ...waiting, regarding, note: decision.status.message ?? '' })
  }
  const hindrance = decision.kind === 'explain' || decision.kind === 'end' ? hindranceTo(s) : undefined
  if (hindrance === undefined || !isOfTheCluster(spec)) return
  // What tenants are not told.
  const regarding = { apiVersion, kind: 'ClusterCredentialsProvider', name: spec.provider.name, uid: spec.provider.uid }
  events.record({ ...waiting, regarding, note: cut(`${namespace}/${name}: ${hindrance.text}`, 1000) })
}

const apiVersion = 'customcredentials.dev/v1alpha1'

/** Whatever may change a decision about a task queues it. */
export function watchTasks(caches: Caches, enqueue: (key: Key) => void): void {
  const queueTask = (object: KubeObject) => {
    for (const task of caches.tasks.by('byId', object.metadata.labels?.[label.task] ?? '')) enqueue(keyOf(task))
  }
  caches.tasks.subscribe(({ object }) => {
    enqueue(keyOf(object))
  })
  caches.jobs.subscribe(({ object }) => {
    queueTask(object)
  })
  caches.pods.subscribe(({ object }) => {
    queueTask(object)
  })
}
