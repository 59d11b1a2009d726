import type { Job, Pod } from '../../../src/api/resources.ts'

/** How a Job is to end; `undefined` while that is open. */
export interface Verdict {
  readonly end: 'Complete' | 'Failed'
  readonly reason: string
  readonly message: string
}

/** Pods of a Job as the Job controller counts them. One that vanished has failed. */
export interface Tally {
  readonly active: number
  readonly succeeded: number
  readonly failed: number
  /** Being deleted, and not over yet: among the failed, too. */
  readonly terminating: number
}

export const isTerminal = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed'

/** A pod that is being deleted counts as failed at once, though its container may still be at work. */
export function judge(job: Job, { succeeded, failed }: Tally, now: number): Verdict | undefined {
  const decided = decidedBefore(job)
  if (decided) return decided
  const { activeDeadlineSeconds: limit, backoffLimit = 6, completions = 1 } = job.spec ?? {}
  const startTime = job.status?.startTime
  if (failed > backoffLimit) {
    return { end: 'Failed', reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' }
  }
  if (limit !== undefined && startTime !== undefined && now >= Date.parse(startTime) + limit * 1000) {
    return { end: 'Failed', reason: 'DeadlineExceeded', message: 'Job was active longer than specified deadline' }
  }
  if (succeeded < completions) return undefined
  return { end: 'Complete', reason: 'CompletionsReached', message: 'Reached expected number of succeeded pods' }
}

/** The condition that announces each end; the end itself follows when all pods are terminal (since Kubernetes 1.31). */
export const ANNOUNCED_BY = { Complete: 'SuccessCriteriaMet', Failed: 'FailureTarget' } as const

/** What was announced stays, whatever becomes of the pods. */
export function decidedBefore({ status }: Job): Verdict | undefined {
  for (const end of ['Complete', 'Failed'] as const) {
    const announced = status?.conditions?.find(({ type }) => type === ANNOUNCED_BY[end])
    if (announced) return { end, reason: announced.reason ?? '', message: announced.message ?? '' }
  }
  return undefined
}

export const isFinished = ({ status }: Job): boolean =>
  status?.conditions?.some(({ type }) => type === 'Complete' || type === 'Failed') ?? false
