/** Machine-readable reasons of the API server that the operator acts on (metav1.StatusReason), and two of the network's. */
export type ApiErrorReason =
  | 'NotFound'
  | 'AlreadyExists'
  | 'Conflict'
  | 'Invalid'
  | 'Forbidden'
  | 'Unauthorized'
  | 'Expired'
  | 'TooManyRequests'
  | 'BadRequest'
  | 'RequestEntityTooLarge'
  | 'ServerError'
  | 'Timeout'
  | 'ConnectionFailed'

/**
 * A call to the API server that did not succeed. `message` is the server's own text; it never contains what was sent, so
 * it is safe to log.
 */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly reason: ApiErrorReason
  /** HTTP status, or 0 where no answer came. */
  readonly code: number
  /** Seconds that the server asks to wait. */
  readonly retryAfterSeconds: number | undefined
  /** Causes from the Status details, e.g. `NamespaceTerminating`. */
  readonly causes: readonly string[]

  constructor(
    reason: ApiErrorReason,
    message: string,
    details: {
      code?: number
      retryAfterSeconds?: number | undefined
      causes?: readonly string[]
      cause?: unknown
    } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.reason = reason
    this.code = details.code ?? 0
    this.retryAfterSeconds = details.retryAfterSeconds
    this.causes = details.causes ?? []
  }

  /** Whether a write that failed so may still have taken effect: no answer, or one that does not tell. */
  get ambiguous(): boolean {
    return this.reason === 'Timeout' || this.reason === 'ConnectionFailed' || this.reason === 'ServerError'
  }
}

const has =
  (...reasons: readonly ApiErrorReason[]) =>
  (error: unknown): error is ApiError =>
    error instanceof ApiError && reasons.includes(error.reason)

export const isNotFound = has('NotFound')
export const isAlreadyExists = has('AlreadyExists')
export const isConflict = has('Conflict')
export const isInvalid = has('Invalid')
export const isExpired = has('Expired')

/** The server has understood, and says no: by a quota, a policy, a webhook (whose denial without a code is a 400) or its own checks. */
export const isRefusal = has('Forbidden', 'Invalid', 'BadRequest', 'RequestEntityTooLarge')

/** The namespace is being deleted: nothing can be created in it any more. */
export const isNamespaceTerminating = (error: unknown): boolean =>
  error instanceof ApiError && error.reason === 'Forbidden' && error.causes.includes('NamespaceTerminating')

/** The object that was read; undefined where there is none. */
export async function orAbsent<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading
  } catch (error) {
    if (!isNotFound(error)) throw error
    return undefined
  }
}
