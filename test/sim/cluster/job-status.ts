import type { Job } from '../../../src/api/resources.ts'
import { ANNOUNCED_BY, type Tally, type Verdict } from './job-verdict.ts'

interface Found {
  readonly tally: Tally
  readonly verdict: Verdict | undefined
  /** All pods have been terminal for long enough. */
  readonly ended: boolean
  readonly now: number
}

/** What the status of a Job is to say; what is absent stays as it is. */
export function statusOf(job: Job, { tally, verdict, ended, now }: Found): object {
  const at = new Date(now).toISOString()
  return {
    startTime: job.status?.startTime ?? at,
    ...tally,
    ...(verdict && { conditions: conditionsOf(job, verdict, { ended, at }) }),
    ...(ended && verdict?.end === 'Complete' && { completionTime: at }),
  }
}

function conditionsOf(job: Job, verdict: Verdict, { ended, at }: { ended: boolean; at: string }): readonly object[] {
  const conditions = job.status?.conditions ?? []
  const { end, reason, message } = verdict
  const added = (ended ? [ANNOUNCED_BY[end], end] : [ANNOUNCED_BY[end]])
    .filter((type) => !conditions.some((condition) => condition.type === type))
    .map((type) => ({ type, status: 'True', reason, message, lastProbeTime: at, lastTransitionTime: at }))
  return [...conditions, ...added]
}
