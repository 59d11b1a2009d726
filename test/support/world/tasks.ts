import type { SecretTask } from '../../../src/api/generated.ts'
import { label } from '../../../src/api/labels.ts'
import { decide, type TaskSnapshot } from '../../../src/secret-task/decide.ts'
import { jobManifest } from '../../../src/secret-task/job.ts'
import { aProvider } from '../builders.ts'
import type { World } from './world.ts'

/**
 * The operator decides about a task and acts; with `createJob: false` its process dies between the claim and the Job.
 * Returns whether anything changed.
 */
export function stepTask(world: World, task: SecretTask, { createJob = true } = {}): boolean {
  const decision = decide(observe(world, task))
  if (decision.kind === 'wait' || decision.kind === 'probePod') return false
  if (decision.kind === 'stopJob') {
    const job = world.jobNamed(task.metadata.name)
    if (job) world.stopJob(job.metadata.uid)
    return false
  }
  const written = 'status' in decision ? world.writeTask(task, decision.status) : task
  if (decision.kind === 'end' || decision.kind === 'explain') return true
  if (decision.kind === 'claim' && !createJob) world.restart()
  else makeJob(world, written, decision.kind === 'fence')
  return true
}

/** When the operator wants to look at a task again, in milliseconds since the epoch. */
export function nextTaskTime(world: World): number {
  const times = world.tasks.map((task) => {
    const decision = decide(observe(world, task))
    if (decision.kind === 'stopJob') return world.now
    return decision.kind === 'wait' ? world.now + decision.wakeInMs : Infinity
  })
  return Math.min(Infinity, ...times)
}

function observe(world: World, task: SecretTask): TaskSnapshot {
  const { uid, name } = task.metadata
  const job = world.jobNamed(name)
  const memory = world.memory.get(uid)
  return {
    now: world.now,
    task,
    ordered: true,
    turn: { given: true },
    job,
    pods: job ? world.podsOf(job) : [],
    claimedHere: memory?.claimed ?? false,
    jobCreated: memory?.created ?? false,
    elapsedMs: world.now - (memory?.since ?? world.now),
    neverStarted:
      memory?.created === true && !world.pods.some(({ metadata }) => metadata.labels?.[label.task] === name),
    podRefusal: undefined,
    jobRefusal: undefined,
  }
}

function makeJob(world: World, task: SecretTask, suspend: boolean): void {
  const { uid, name } = task.metadata
  const since = world.memory.get(uid)?.since ?? world.now
  world.memory.set(uid, { claimed: !suspend, created: !suspend, since })
  if (world.jobNamed(name)) return
  const gateway = { url: 'https://gateway', ca: '' }
  const manifest = jobManifest({ task, template: aProvider().spec.template, gateway, suspend })
  world.jobs.push({ ...manifest, metadata: { ...manifest.metadata, uid: world.uid(), resourceVersion: '1' } })
}
