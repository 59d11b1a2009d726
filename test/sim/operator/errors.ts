import { ApiError } from '../../../src/kube/errors.ts'

/** Answers that say that a request has had no effect, by the name of the fault. */
export const REFUSALS: Readonly<Record<string, () => ApiError>> = {
  timeout: () => new ApiError('Timeout', 'no answer came in time'),
  conflict: () => new ApiError('Conflict', 'the object has been modified', { code: 409 }),
  throttled: () => new ApiError('TooManyRequests', 'too many requests', { code: 429, retryAfterSeconds: 2 }),
  overloaded: () => new ApiError('TooManyRequests', 'too many requests', { code: 429 }),
  broken: () => new ApiError('ServerError', 'etcdserver: leader changed', { code: 500 }),
  forbidden: () => new ApiError('Forbidden', 'exceeded quota', { code: 403 }),
  invalid: () => new ApiError('Invalid', 'admission webhook denied the request', { code: 422 }),
  denied: () => new ApiError('BadRequest', 'admission webhook denied the request', { code: 400 }),
  expired: () => new ApiError('Expired', 'too old resource version', { code: 410 }),
}

/** What the caller hears although its request has had its effect, by the name of the fault. */
export const MISHEARD: Readonly<Record<string, () => ApiError>> = {
  lost: () => cut(),
  garbled: () => new ApiError('ServerError', 'the answer is no JSON object', { code: 200 }),
}

/** The connection was cut: the request may have had its effect. */
export const cut = (): ApiError => new ApiError('ConnectionFailed', 'the connection was reset')
