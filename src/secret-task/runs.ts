import { annotation } from '../api/labels.ts'
import type { Job, Pod } from '../api/resources.ts'
import { containerOf } from './job.ts'

type ContainerStatus = NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number]

const isTrue = (job: Job, ...types: string[]): boolean =>
  job.status?.conditions?.some(({ type, status }) => types.includes(type) && status === 'True') ?? false

/**
 * A pod that may still do something. One that is over by its phase while a container is at work has lost its node: that was
 * written by the pod garbage collector, never by a kubelet.
 */
export const isAlive = ({ status }: Pod): boolean =>
  (status?.phase !== 'Succeeded' && status?.phase !== 'Failed') ||
  (status.containerStatuses ?? []).some(({ state }) => state?.running !== undefined)

/**
 * No pod of the Job can run any more. Since Kubernetes 1.31 `Complete` and `Failed` appear only once all pods are terminal,
 * but for those that an orphaning deletion has cut loose. A Job that is being deleted proves nothing, since a background
 * deletion leaves its pods at work behind our finalizer: the proof is that we have asked for a foreground deletion, the
 * garbage collector is done with it, and the Job controller counts no pod at work - whoever deletes the Job once more, in
 * the background, calls the collector off, and the pod that goes on may be one that was not seen yet.
 */
export const hasEnded = (job: Job, pods: readonly Pod[]): boolean =>
  (isOver(job) || (isStopped(job) && !isCollecting(job) && !countsPods(job))) && !pods.some(isAlive)

/** By the word of the Job controller. */
export const isOver = (job: Job): boolean => isTrue(job, 'Complete', 'Failed')

/** The Job controller has given it up, and waits for its pods to go. */
const isFailing = (job: Job): boolean => isTrue(job, 'FailureTarget')

/** Suspended, though not as a fence: by a queue such as Kueue, by a webhook, or by hand. */
export const isHeldBack = ({ spec, metadata }: Job): boolean =>
  spec?.suspend === true && metadata.annotations?.[annotation.fence] === undefined

/** By its deletion as well: the annotation alone may have been written by anybody who may edit the Job. */
export const isStopped = ({ metadata }: Job): boolean =>
  metadata.deletionTimestamp !== undefined && metadata.annotations?.[annotation.stopped] !== undefined

const isCollecting = ({ metadata }: Job): boolean => metadata.finalizers?.includes('foregroundDeletion') ?? false

/** It ended, and not well: the provider exited non-zero, or nobody knows how, since the Job was stopped before. */
export const hasFailed = (job: Job, pods: readonly Pod[]): boolean =>
  hasEnded(job, pods) &&
  !isTrue(job, 'Complete') &&
  job.metadata.annotations?.[annotation.stopped] !== STOPPED_WHEN_DONE

/** What the annotation `stopped` says where the provider had exited 0, and only containers beside it went on. */
export const STOPPED_WHEN_DONE = 'done'

/** The provider has exited 0, and a container beside it, such as a proxy that a service mesh has added, goes on. */
export const isDone = (job: Job, pods: readonly Pod[]): boolean =>
  !hasStartedTwice(job, pods) &&
  pods.some(
    (pod) => providerIn(job, pod)?.state?.terminated?.exitCode === 0 && pod.status?.containerStatuses?.some(isAtWork),
  )

const isAtWork = ({ state }: ContainerStatus): boolean => state?.running !== undefined

/**
 * A run that has reported, and does not come to its end by itself. Of a Job that is over, only news of its pod is on its way,
 * unless a deletion has cut that pod loose. One that the Job controller has given up may wait for ever for a node that is
 * gone: a stop of our own is not. A suspended one may have no pod at all, and would begin once more when it is resumed.
 */
export function lingers(job: Job, pods: readonly Pod[]): boolean {
  if (hasEnded(job, pods)) return false
  if (isOver(job)) return job.metadata.deletionTimestamp !== undefined
  return (isFailing(job) && pods.some(isAlive)) || isDone(job, pods) || (job.spec?.suspend === true && !isStopped(job))
}

/** By the Job controller's last word a pod is at work, or about to go: counted even where the pod itself was not seen yet. */
const countsPods = ({ status }: Job): boolean => (status?.active ?? 0) + (status?.terminating ?? 0) > 0

/** The Job controller has written a word on it: where it has not, its count of pods tells nothing. */
export const isSpokenOf = ({ status }: Job): boolean =>
  status?.startTime !== undefined || (status?.conditions ?? []).length > 0

/** Pods that the Job controller has counted. */
export const countedPods = ({ status }: Job): number =>
  (status?.active ?? 0) + (status?.failed ?? 0) + (status?.succeeded ?? 0)

/** More than one pod was made, by what is there, by the Job controller's count, or since the Job was suspended in its midst. */
export const hasStartedTwice = (job: Job, pods: readonly Pod[]): boolean =>
  Math.max(pods.length, countedPods(job)) > 1 || wasInterrupted(job)

/**
 * Suspended and resumed after it had begun: a pod that goes for that is not counted. One that a queue has created suspended
 * is resumed by the first change of its spec.
 */
const wasInterrupted = ({ metadata, status }: Job): boolean =>
  (metadata.generation ?? 1) > 2 && (status?.conditions ?? []).some(({ type }) => type === 'Suspended')

/** The machine-readable reason and message of a failed Job (`DeadlineExceeded`, `BackoffLimitExceeded`, ...). */
export function failureOf(job: Job): { reason: string; message: string } | undefined {
  const failed = job.status?.conditions?.find(({ type, status }) => type === 'Failed' && status === 'True')
  return failed && { reason: failed.reason ?? 'Failed', message: failed.message ?? '' }
}

/** Whether a container of the pod has ever begun to run. */
export function hasStarted({ status }: Pod): boolean {
  if (status?.phase === 'Running' || status?.phase === 'Succeeded') return true
  return (status?.containerStatuses ?? []).some(
    ({ state, lastState, restartCount }) =>
      state?.running !== undefined ||
      Boolean(state?.terminated?.startedAt) ||
      lastState?.terminated !== undefined ||
      restartCount > 0,
  )
}

/** What a container waits for that has not begun: without an image or its configuration, none begins. */
const BLOCKING = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'CreateContainerConfigError',
])

/**
 * Positive proof that no container of the pod is at work: it has no node, an init container has failed for good, or every
 * container is kept from beginning.
 */
export const isBlocked = ({ spec, status }: Pod): boolean =>
  spec?.nodeName === undefined ||
  (status?.phase === 'Failed' && (status.initContainerStatuses ?? []).some(hasFailedForGood)) ||
  (status?.containerStatuses ?? [undefined]).every((container) => BLOCKING.has(container?.state?.waiting?.reason ?? ''))

const hasFailedForGood = ({ state }: ContainerStatus): boolean => (state?.terminated?.exitCode ?? 0) !== 0

/** The containers went without ever having begun, as far as the kubelet knows. */
export const isCleared = ({ status }: Pod): boolean =>
  (status?.containerStatuses ?? []).length > 0 &&
  (status?.containerStatuses ?? []).every(({ state }) => state?.terminated !== undefined && !state.terminated.startedAt)

/** How the provider's container ended, or the init container without which it never began, for people. */
export function exitOf(job: Job, pod: Pod): string | undefined {
  const { initContainerStatuses = [], reason } = pod.status ?? {}
  const failed = hasStarted(pod) ? undefined : initContainerStatuses.find(hasFailedForGood)
  if (failed?.state?.terminated !== undefined) return `init container ${failed.name}: ${exit(failed.state.terminated)}`
  const terminated = providerIn(job, pod)?.state?.terminated
  return terminated === undefined ? reason : exit(terminated)
}

/** By its name: kubelets sort what they tell of containers, so that the place says nothing. */
const providerIn = (job: Job, { status }: Pod): ContainerStatus | undefined =>
  status?.containerStatuses?.find(({ name }) => name === containerOf(job))

const exit = ({ reason = 'Terminated', exitCode }: { readonly reason?: string; readonly exitCode: number }): string =>
  `${reason}, exit code ${exitCode}`
