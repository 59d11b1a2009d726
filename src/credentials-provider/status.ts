import { transition } from '../api/conditions.ts'
import type { ProviderStatus } from '../api/generated.ts'
import { cut } from '../api/text.ts'
import type { Plain, ProviderReason } from './reasons.ts'
import type { Provider } from './resolve.ts'

/** Whether the provider can run, and why not. */
export interface Verdict extends Pick<Plain, 'status' | 'message'> {
  readonly reason: ProviderReason
}

/** The verdict on the provider's present generation, if there is one. */
export const acceptanceOf = ({ status, metadata }: Provider): Verdict | undefined =>
  status.conditions?.find(
    ({ type, observedGeneration }) => type === 'Accepted' && observedGeneration === metadata.generation,
  ) as Verdict | undefined

export const verdictOf = (problem: string | undefined): Verdict =>
  problem === undefined
    ? { status: 'True', reason: 'Accepted', message: 'The API server accepts the Job and its pod.' }
    : { status: 'False', reason: 'Rejected', message: `${cut(problem, 4000)} It is checked again every minute.` }

interface Answers {
  readonly verdict: Verdict
  /** In place of the verdict, where it is being deleted. */
  readonly deletion: readonly Plain[]
  readonly revoking: Plain | undefined
}

export function statusOf(provider: Provider, { verdict, deletion, revoking }: Answers, now: number): ProviderStatus {
  const observedGeneration = provider.metadata.generation ?? 0
  const readiness = deletion.length > 0 ? deletion : [{ ...verdict, type: 'Ready' }]
  const all = [{ ...verdict, type: 'Accepted' }, ...readiness, ...(revoking ? [revoking] : [])]
  const conditions = all.map((one) => ({ ...one, observedGeneration }))
  return {
    observedGeneration,
    conditions: transition(provider.status.conditions ?? [], conditions, new Date(now).toISOString()),
  }
}
