import type { ContentfulStatusCode } from 'hono/utils/http-status'

/**
 * Every way in which the gateway says no, with its HTTP status. To a provider 400 and 404 mean that no retry can help: it
 * has to undo what it did. So these two are sent only for what is certain; everything else is 503.
 */
const STATUS = {
  /** The request is not a report: nothing was looked at, nothing is recorded. */
  malformed_request: 400,
  /** The report contradicts the task or the provider's schema. A corrected one may follow. */
  invalid_report: 400,
  /** The task has ended, and not with this report. */
  task_ended: 400,
  invalid_token: 401,
  /** The caller is authentic, but not the run of this task. */
  not_your_task: 403,
  /** The task of the run is not processing: it may read nothing. */
  not_at_work: 403,
  /** The task was cancelled, or is not a task of the secret in the path. */
  task_not_found: 404,
  /** No input of the task has this ID, or what it names is not there. */
  secret_not_found: 404,
  /** The path is none of this API. */
  path_not_found: 404,
  method_not_allowed: 405,
  report_too_large: 413,
  unavailable: 503,
} as const satisfies Record<string, ContentfulStatusCode>

export type FailureCode = keyof typeof STATUS

/** An answer that is not 200. `message` goes to the caller: it never quotes a token or a reported value. */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly code: FailureCode
  readonly retryAfterSeconds: number | undefined

  constructor(code: FailureCode, message: string, retryAfterSeconds?: number) {
    super(message)
    this.code = code
    this.retryAfterSeconds = retryAfterSeconds
  }

  get status(): ContentfulStatusCode {
    return STATUS[this.code]
  }

  /** The body in the shape of IBM Secrets Manager's API errors. */
  body(trace: string): object {
    return { errors: [{ code: this.code, message: this.message }], status_code: this.status, trace }
  }
}
