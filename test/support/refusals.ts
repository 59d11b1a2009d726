import { ApiError, type ApiErrorReason } from '../../src/kube/errors.ts'

/** How the API server says no, by quota, policy, webhook or checks of its own. A webhook that gives no code gives 400. */
const REASONS = [
  [400, 'BadRequest'],
  [403, 'Forbidden'],
  [413, 'RequestEntityTooLarge'],
  [422, 'Invalid'],
] as const satisfies readonly (readonly [number, ApiErrorReason])[]

/** Rows of a table: the code, and the refusal. */
export const REFUSALS = REASONS.map(
  ([code, reason]) => [code, new ApiError(reason, 'denied by a webhook', { code })] as const,
)
