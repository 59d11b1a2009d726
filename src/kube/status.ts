import { ApiError, type ApiErrorReason } from './errors.ts'

/** The parts of metav1.Status that are read. */
interface Status {
  readonly reason?: string
  readonly message?: string
  readonly code?: number
  readonly details?: {
    readonly name?: string
    readonly retryAfterSeconds?: number
    readonly causes?: readonly { readonly reason?: string; readonly field?: string }[]
  }
}

export interface FailedAnswer {
  /** HTTP status, or the Status object's code for an error within a watch stream. */
  readonly code: number
  readonly body: string | Status
  readonly retryAfter?: string | undefined
  /**
   * The server's text may quote what was sent (400 and 422 name the offending value): it is rebuilt from field paths
   * and reasons, so that no secret value reaches a log or a condition.
   */
  readonly confidential?: boolean
}

/** Status reasons whose HTTP code alone does not say what happened. */
const byReason: Readonly<Record<string, ApiErrorReason>> = {
  AlreadyExists: 'AlreadyExists',
  Timeout: 'Timeout',
  Expired: 'Expired',
  Gone: 'Expired',
}

const byCode: Readonly<Record<number, ApiErrorReason>> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  408: 'Timeout',
  409: 'Conflict',
  410: 'Expired',
  413: 'RequestEntityTooLarge',
  422: 'Invalid',
  429: 'TooManyRequests',
}

const longestMessage = 2048

/** Turns an answer other than 2xx into an error. A body that is no Status (a proxy's page) is not quoted. */
export function toApiError(answer: FailedAnswer): ApiError {
  const status = typeof answer.body === 'string' ? parseStatus(answer.body) : answer.body
  const code = answer.code
  const reason = byReason[status.reason ?? ''] ?? byCode[code] ?? (code >= 500 ? 'ServerError' : 'BadRequest')
  const causes = (status.details?.causes ?? []).flatMap((cause) => cause.reason ?? [])
  const message = answer.confidential === true ? withoutValues(status) : status.message
  return new ApiError(reason, (message ?? `the API server answered ${code}`).slice(0, longestMessage), {
    code,
    causes,
    retryAfterSeconds: seconds(answer.retryAfter) ?? status.details?.retryAfterSeconds,
  })
}

function parseStatus(body: string): Status {
  try {
    const parsed = JSON.parse(body) as unknown
    return typeof parsed === 'object' && parsed !== null ? parsed : {}
  } catch {
    return {}
  }
}

function withoutValues(status: Status): string {
  const causes = (status.details?.causes ?? []).map((cause) => `${cause.field ?? '?'}: ${cause.reason ?? '?'}`)
  return `${status.details?.name ?? 'the object'} was refused (${[status.reason ?? 'BadRequest', ...causes].join(', ')})`
}

/** Kubernetes sends whole seconds, never a date. */
function seconds(header: string | undefined): number | undefined {
  const value = Number(header)
  return header !== undefined && header !== '' && Number.isFinite(value) && value >= 0 ? value : undefined
}
