import { sleep, type Clock, type Random } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logger.ts'
import { kindOf } from './failure.ts'
import type { Answer } from './task-client.ts'

const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 30_000
/** A token that is refused this often, each time freshly read, will not be taken. */
const UNAUTHORIZED_ATTEMPTS = 5

export interface Patience {
  readonly clock: Clock
  readonly random: Random
  readonly signal: AbortSignal
  readonly log: Logger
  /** Monotonic time after which no further attempt is made. */
  readonly deadline: number
}

/**
 * `accepted`: the gateway has it. `refused`: the task takes no report any more. `undecided`: no answer tells, so that the
 * report may have taken effect, or may yet.
 */
export type Delivery = 'accepted' | 'refused' | 'undecided'

/** Repeats a report until an answer decides. A report is idempotent, so that repeating it is always safe. */
export function deliver(send: () => Promise<Answer>, patience: Patience): Promise<Delivery> {
  let unauthorized = 0
  return persist(send, patience, ({ status }) => {
    if (status === 200) return 'accepted'
    // 400, 404: no retry can help, says the API. 413: what is too large now was too large on every attempt.
    if (status === 400 || status === 404 || status === 413) return 'refused'
    if (status !== 401 && status !== 403) return undefined
    unauthorized += 1
    return unauthorized === UNAUTHORIZED_ATTEMPTS ? 'undecided' : undefined
  })
}

/**
 * Sends until `judge` decides; `undecided` when the deadline passes or the container is told to stop. A request under way
 * is finished even then: its answer may decide.
 */
export async function persist<T>(
  send: () => Promise<Answer>,
  { clock, random, signal, log, deadline }: Patience,
  judge: (answer: Answer) => T | undefined,
): Promise<T | 'undecided'> {
  for (let attempt = 0; !signal.aborted; attempt++) {
    const answer = await send().catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))))
    const decision = answer instanceof Error ? undefined : judge(answer)
    if (decision !== undefined) return decision

    const backoff = Math.min(FIRST_WAIT_MS * 2 ** attempt, LONGEST_WAIT_MS) * (0.5 + random() / 2)
    const wait = Math.max(backoff, answer instanceof Error ? 0 : answer.retryAfterMs)
    log.warn(
      { attempt: attempt + 1, waitMs: Math.round(wait), ...described(answer) },
      'no decision from the task gateway',
    )
    if (clock.monotonic() + wait > deadline) break
    await sleep(clock, wait, signal).catch(() => undefined)
  }
  return 'undecided'
}

const described = (answer: Answer | Error): object =>
  answer instanceof Error ? { error: kindOf(answer) } : { status: answer.status, body: answer.body.slice(0, 300) }
