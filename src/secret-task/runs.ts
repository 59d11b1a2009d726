import type { Job, Pod } from '../api/resources.ts'

const isTrue = (job: Job, ...types: string[]): boolean =>
  job.status?.conditions?.some(({ type, status }) => types.includes(type) && status === 'True') ?? false

/** A pod that may still do something. */
export const isAlive = (pod: Pod): boolean => pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed'

/**
 * No pod of the Job can run any more. Since Kubernetes 1.31 `Complete` and `Failed` appear only once all pods are terminal.
 * A Job that is being deleted makes no new pod; whether its pods have gone, they tell themselves: a background deletion
 * leaves them at work behind our finalizer.
 */
export const hasEnded = (job: Job, pods: readonly Pod[]): boolean =>
  isTrue(job, 'Complete', 'Failed') || (job.metadata.deletionTimestamp !== undefined && !pods.some(isAlive))

/** It ended, and not well. */
export const hasFailed = (job: Job): boolean => isTrue(job, 'Failed')

/** More than one pod was made, by what is there or by the Job controller's count. */
export const hasStartedTwice = ({ status }: Job, pods: readonly Pod[]): boolean =>
  Math.max(pods.length, (status?.active ?? 0) + (status?.failed ?? 0) + (status?.succeeded ?? 0)) > 1

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

/** What a container waits for in the ordinary course of things. */
const ORDINARY = new Set(['ContainerCreating', 'PodInitializing'])

/** Why a pod does not get going: the first container that waits for something, or the scheduler's word. */
export function waitingReason({ status }: Pod): string | undefined {
  const waits = (status?.containerStatuses ?? []).flatMap(({ name, state }) => {
    const { reason, message } = state?.waiting ?? {}
    return reason === undefined || ORDINARY.has(reason) ? [] : [`container ${name}: ${withDetail(reason, message)}`]
  })
  const unscheduled = (status?.conditions ?? []).filter(
    ({ type, status }) => type === 'PodScheduled' && status === 'False',
  )
  return [
    ...waits,
    ...unscheduled.map(({ reason, message }) => `pod: ${withDetail(reason ?? 'not scheduled', message)}`),
  ][0]
}

const withDetail = (reason: string, message: string | undefined): string => (message ? `${reason}: ${message}` : reason)

/** How the provider's container ended, for people. */
export function exitOf(pod: Pod): string | undefined {
  const statuses = pod.status?.containerStatuses ?? []
  const terminated = (statuses.find(({ name }) => name === 'provider') ?? statuses[0])?.state?.terminated
  if (terminated === undefined) return pod.status?.reason
  return `${terminated.reason ?? 'Terminated'}, exit code ${terminated.exitCode}`
}
