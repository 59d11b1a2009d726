import type { KitErrorCode } from './error-codes.ts'
import { ProviderError, SecretInputError } from './provider.ts'

/** An error of a task, as everybody who may read tasks sees it. */
export interface TaskFailure {
  readonly code: string
  readonly description: string
}

const UNFORESEEN: KitErrorCode = 'ProviderFailed'

/** Only these two are worded for the public; the message of any other error may quote a secret. */
export function failureOf(error: unknown): TaskFailure {
  if (error instanceof ProviderError || error instanceof SecretInputError) return bounded(error.code, error.message)
  return bounded(UNFORESEEN, `The provider failed unexpectedly (${kindOf(error)}). Its pod's log says where.`)
}

/** What the log may tell of an error: its kind and where it was thrown, never the message. */
export function traceOf(error: unknown): object {
  if (error instanceof SecretInputError) return failureOf(error)
  if (error instanceof ProviderError) return { ...failureOf(error), cause: error.cause && kindOf(error.cause) }
  const frames = error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => /^ {4}at /.test(line)) : []
  return { error: kindOf(error), at: frames.slice(0, 10).map((line) => line.trim()) }
}

/** An error's system code, such as `ECONNREFUSED` or an SQLSTATE; else its class. Never its message. */
export function kindOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}

const bounded = (code: string, description: string): TaskFailure => ({
  code: code.slice(0, 64) || UNFORESEEN,
  description: description.slice(0, 2048) || 'The provider gave no description.',
})
