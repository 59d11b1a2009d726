import type { SecretTaskSpec } from '../../../src/api/generated.ts'
import { annotation, label } from '../../../src/api/labels.ts'
import type { Pod } from '../../../src/api/resources.ts'
import type { Report } from '../../../src/gateway/report.ts'
import { isAlive } from '../../../src/secret-task/runs.ts'
import { keeps, takeReport } from './gateway.ts'
import type { World } from './world.ts'

const taskOf = (pod: Pod): string => pod.metadata.labels?.[label.task] ?? ''

/** What a container knows of its run from its environment. */
const specOf = (world: World, pod: Pod): SecretTaskSpec | undefined => {
  const text = world.jobOf(pod)?.metadata.annotations?.[annotation.taskSpec]
  return text === undefined ? undefined : (JSON.parse(text) as SecretTaskSpec)
}

const creates = (spec: SecretTaskSpec): boolean => spec.type === 'create_credentials'

const creationOf = (credentialsId: string): Report => ({
  status: 'credentials_created',
  credentialsId,
  payload: { username: 'u' },
})

/** The container does its work upstream, without a word about it yet. Names derive from the task: twice is once. */
export function work(world: World, pod: Pod): void {
  const spec = specOf(world, pod)
  if (spec === undefined || !isAlive(pod)) return
  if (creates(spec)) {
    const id = world.options.renews ? 'shared' : `cred-of-${taskOf(pod)}`
    world.alive.set(id, taskOf(pod))
    world.made.set(pod.metadata.uid, id)
    return
  }
  for (const [id, origin] of world.alive) {
    if (spec.credentialsId === undefined ? origin !== spec.originTaskId : id !== spec.credentialsId) continue
    world.onDelete(id)
    world.alive.delete(id)
  }
  world.made.set(pod.metadata.uid, '')
}

/** The container reports what it did, and ends. Where it is refused, it undoes its work, if it is honest. */
export function report(world: World, pod: Pod, { honest = true } = {}): void {
  const spec = specOf(world, pod)
  const made = world.made.get(pod.metadata.uid)
  if (spec === undefined || made === undefined || !isAlive(pod)) return
  const accepted = takeReport(world, pod, creates(spec) ? creationOf(made) : { status: 'credentials_deleted' })
  if (!accepted && honest) world.alive.delete(made)
  world.endPod(pod, accepted ? 'Succeeded' : 'Failed')
}

/** The gateway dies between keeping the version and ending the task; the container waits for an answer. */
export function reportInVain(world: World, pod: Pod): void {
  const made = world.made.get(pod.metadata.uid)
  if (made && isAlive(pod)) takeReport(world, pod, creationOf(made), { dies: true })
}

/** The container says that it failed, having made nothing; and no other pod of its Job has. */
export function reportFailure(world: World, pod: Pod): void {
  const job = world.jobOf(pod)
  if (!isAlive(pod) || world.made.has(pod.metadata.uid) || (job && world.podsOf(job).length > 1)) return
  takeReport(world, pod, { status: 'failed', errors: [{ code: 'UpstreamDown', description: 'no route' }] })
  world.endPod(pod, 'Failed')
}

/**
 * A container that does not derive names from its task makes other credentials than those that its run has reported, and
 * reports them. (Were it to die without a word instead, nobody could know of them: hence the contract's names.)
 */
export function workBesides(world: World, pod: Pod, honest: boolean): void {
  const spec = specOf(world, pod)
  if (spec === undefined || !creates(spec) || !isAlive(pod) || !keeps(world, taskOf(pod))) return
  const other = `other-of-${taskOf(pod)}`
  world.alive.set(other, taskOf(pod))
  takeReport(world, pod, creationOf(other))
  if (honest) world.alive.delete(other)
}

/** The container does what is left to be done. One whose Job is being stopped is killed. */
export function finish(world: World, pod: Pod): void {
  const job = world.jobOf(pod)
  if (job === undefined || job.metadata.deletionTimestamp !== undefined) {
    world.endPod(pod, 'Failed')
    return
  }
  work(world, pod)
  report(world, pod)
}
