import type { SecretTask } from '../api/generated.ts'
import { annotation, finalizer, label } from '../api/labels.ts'
import type { KubeObject } from '../api/meta.ts'
import type { Job, Pod } from '../api/resources.ts'
import { cut } from '../api/text.ts'
import type { Caches } from '../caches.ts'
import { hasEnded, hasFailed, hasStartedTwice, lingers } from './runs.ts'
import type { Stranded, StrandedRuns } from './stranded-runs.ts'

/** What a Job tells about its run without its task: the labels and the copy of the task's spec that it bears. */
export interface RunFacts {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly taskUid: string
  /** When the Job was made, by the API server's clock. */
  readonly createdAt?: string | undefined
  readonly spec: SecretTask['spec']
  /** The request for a rotation that it was to answer. */
  readonly rotateRequest?: string | undefined
  /** No pod of it can run any more, or its node has not answered for so long that it is not waited for. */
  readonly ended: boolean
  /** It goes on though its work is done, and has to be stopped. */
  readonly lingers?: boolean
  /** A run that is stranded counts as ended from then on, whatever its node says; milliseconds since the epoch. */
  readonly endsBy?: number
  /** It ended, and not well: the container exited non-zero, or was stopped. */
  readonly failed: boolean
  /** The Job controller started more than one pod, which it may: the end of one says nothing of the other. */
  readonly startedTwice?: boolean
  /** The Job still bears our finalizer: what it did is perhaps not yet recorded. */
  readonly held: boolean
}

/** The runs of these Jobs, by all that this process knows of them. */
export const runsOf = (
  jobs: readonly Job[],
  { caches, stranded, now }: { caches: Pick<Caches, 'pods'>; stranded: StrandedRuns; now: number },
): RunFacts[] =>
  jobs.flatMap((job) => runOf(job, caches.pods.by('byTask', job.metadata.name), { now, ...stranded.of(job) }))

/** A Job tells of its run by labels and by the task's spec that it bears; what bears neither was not made by us. */
export function runOf(
  job: Job,
  pods: readonly Pod[],
  { now, lostPod, leftMs }: Stranded & { now: number },
): RunFacts[] {
  const { namespace = '', name, uid, labels, creationTimestamp: createdAt } = job.metadata
  const spec = specIn(job.metadata.annotations?.[annotation.taskSpec])
  const taskUid = labels?.[label.taskUid]
  const request = job.metadata.annotations?.[annotation.rotateRequestedAt]
  if (spec === undefined || taskUid === undefined) return []
  const held = isHeld(job)
  return [
    {
      namespace,
      name,
      uid,
      taskUid,
      createdAt,
      spec,
      // Anybody who may edit the Job may write there: no more than a status has room for.
      ...(request !== undefined && { rotateRequest: cut(request, 1024) }),
      held,
      ended: (hasEnded(job, pods) && !lostPod) || leftMs === 0,
      ...(leftMs < Infinity && { endsBy: now + leftMs }),
      failed: hasFailed(job, pods),
      lingers: lingers(job, pods),
      startedTwice: hasStartedTwice(job, pods),
    },
  ]
}

/** The task's spec as a Job or a Secret in custody bears it. A hand-made annotation that does not parse says nothing. */
export function specIn(text: string | undefined): SecretTask['spec'] | undefined {
  if (text === undefined) return undefined
  try {
    return JSON.parse(text) as SecretTask['spec']
  } catch {
    return undefined
  }
}

/** The Job's outcome is still to be recorded, for which the revocation kit may be needed. */
export const isHeld = ({ metadata }: KubeObject): boolean =>
  metadata.finalizers?.includes(finalizer.jobRelease) === true

/** When the first of these runs is no longer waited for whose end nothing may ever tell. */
export const strandedWake = (runs: readonly RunFacts[], now: number): number =>
  Math.min(...runs.map(({ ended, endsBy = Infinity }) => (ended || endsBy <= now ? Infinity : endsBy)))
