import * as v from 'valibot'
import type { TaskError } from '../api/generated.ts'
import { Failure } from './errors.ts'

/** What a provider says came of its run: the three bodies of IBM's task update (SecretTaskPrototype). */
export type Report =
  | {
      readonly status: 'credentials_created'
      readonly credentialsId: string
      /** Not yet held against the provider's schema. */
      readonly payload: unknown
    }
  | { readonly status: 'credentials_deleted' }
  | { readonly status: 'failed'; readonly errors: readonly TaskError[] }

/** Valibot's own messages quote what they found, which may be a secret. */
const mustBe =
  (what: string) =>
  ({ received }: { readonly received: string }): string =>
    received === 'undefined' ? 'is missing' : `must be ${what}`

/** It becomes part of a task's result and of an environment variable. */
const CredentialsId = v.pipe(
  v.string(mustBe('a string')),
  v.minLength(1, 'must not be empty'),
  v.maxLength(1024, 'must be at most 1024 characters long'),
  v.regex(/^\P{Cc}*$/u, 'must have no control characters'),
  v.check((id) => id.isWellFormed(), 'must be valid Unicode'),
)

/** The payload is judged later: a credential whose ID is known must not be refused without a record. */
const Credentials = v.object(
  { id: CredentialsId, payload: v.optional(v.unknown()) },
  mustBe('an object with id and payload'),
)

const ErrorText = v.string(mustBe('a string'))
const ErrorEntry = v.object(
  { code: v.pipe(ErrorText, v.minLength(1, 'must not be empty')), description: ErrorText },
  mustBe('an object with code and description'),
)

const Errors = v.pipe(
  v.array(ErrorEntry, mustBe('a list')),
  v.minLength(1, 'must have at least one entry'),
  v.maxLength(10, 'must have at most 10 entries'),
)

const Body = v.variant(
  'status',
  [
    v.object({ status: v.literal('credentials_created'), credentials: Credentials }, mustBe('an object')),
    v.object({ status: v.literal('credentials_deleted') }),
    v.object({ status: v.literal('failed'), errors: Errors }, mustBe('an object')),
  ],
  mustBe('an object whose status is credentials_created, credentials_deleted or failed'),
)

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Reads the body of a report. Throws a `Failure` (400) that says what is wrong with it, without quoting from it. */
export function parseReport(bytes: ArrayBuffer): Report {
  const parsed = v.safeParse(Body, jsonOf(bytes))
  if (!parsed.success) {
    const [issue] = parsed.issues
    throw new Failure('malformed_request', `${v.getDotPath(issue) ?? 'the report'}: ${issue.message}`)
  }
  const body = parsed.output
  if (body.status !== 'credentials_created') return body
  return { status: body.status, credentialsId: body.credentials.id, payload: body.credentials.payload }
}

function jsonOf(bytes: ArrayBuffer): unknown {
  try {
    return JSON.parse(utf8.decode(bytes))
  } catch {
    // The parser's own message quotes the text.
    throw new Failure('malformed_request', 'the body is not JSON in UTF-8')
  }
}
