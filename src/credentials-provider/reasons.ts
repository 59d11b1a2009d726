import type { ConditionInput } from '../api/conditions.ts'

interface Explanation {
  readonly conditions: readonly ('Accepted' | 'Ready' | 'Revoking')[]
  readonly means: string
  readonly remedy: string
}

/** Every reason of the conditions of a provider, of either kind. `npm run generate` makes the README's table from it. */
export const PROVIDER_REASONS = {
  Accepted: {
    conditions: ['Accepted', 'Ready'],
    means: 'The API server takes the Job and the pod of the template, as a dry run has told.',
    remedy: '-',
  },
  Rejected: {
    conditions: ['Accepted', 'Ready'],
    means:
      'A pattern or a default of its schema can not be used, or the API server refuses the Job or the pod of its template. Nothing is created with it; what it has made is still revoked.',
    remedy: 'Correct what the message names: the provider, or its namespace. It is checked again every minute.',
  },
  Deleting: {
    conditions: ['Ready'],
    means: 'It is being deleted, and stays until nothing is left of what it has made. Nothing is created with it.',
    remedy:
      'Delete the credentials that the message names, or give them another provider and rotate them, twice. The message says how to keep it.',
  },
  MomentToCome: {
    conditions: ['Revoking'],
    means: '`spec.revokeIssuedBefore` is still to come, and does nothing before.',
    remedy: 'Name the moment of the leak, or now; wait; or take the field out.',
  },
  IssuedBefore: {
    conditions: ['Revoking'],
    means: 'What it issued before `spec.revokeIssuedBefore` is being replaced and revoked. The message says for whom.',
    remedy: "Wait; what holds one up is in that credential's conditions, or in the message of that orphan.",
  },
  NoneLeft: {
    conditions: ['Revoking'],
    means: 'Nothing is left of what it issued before `spec.revokeIssuedBefore`.',
    remedy: 'Take `spec.revokeIssuedBefore` and `spec.revokeMode` out: what is adopted later counts as issued before.',
  },
} as const satisfies Record<string, Explanation>

export type ProviderReason = keyof typeof PROVIDER_REASONS

export const explainedReasons: Readonly<Record<ProviderReason, Explanation>> = PROVIDER_REASONS

/** A condition of a provider, whichever generation it is about. */
export interface Plain extends Omit<ConditionInput, 'observedGeneration' | 'reason'> {
  readonly reason: ProviderReason
}
