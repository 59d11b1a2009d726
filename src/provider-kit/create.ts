import * as v from 'valibot'
import { sleep } from '../runtime/clock.ts'
import { persist } from './delivery.ts'
import type { KitErrorCode } from './error-codes.ts'
import { ExitCode } from './exit-code.ts'
import { failureOf, traceOf, type TaskFailure } from './failure.ts'
import { CredentialsExistError, ProviderError, type Credentials } from './provider.ts'
import { send, sendFailure, type Session } from './session.ts'
import type { Answer } from './task-client.ts'

const UNDO_ATTEMPTS = 3
const UNDO_WAIT_MS = 2000

/**
 * Makes a credential and sees it recorded or gone. Two pods of one Job may run this at the same time, so that a pod deletes
 * only what it made itself, and only while no report of it can have been accepted.
 */
export async function create(session: Session): Promise<ExitCode> {
  const { provider, run } = session
  if (await isGivenUp(session)) return ExitCode.undecided
  let made: Credentials
  try {
    made = await provider.createCredentials(run)
  } catch (error) {
    return error instanceof CredentialsExistError ? awaitOtherPod(session) : endFailed(session, error)
  }
  const defect = await defectOf(session, made)
  if (defect !== undefined) return (await undo(session, made)) ? sendFailure(session, defect) : ExitCode.undecided

  const delivery = await send(session, { status: 'credentials_created', credentials: made })
  if (delivery === 'accepted') return ExitCode.done
  if (delivery === 'undecided') return ExitCode.undecided
  return (await undo(session, made)) ? ExitCode.refused : ExitCode.undecided
}

/**
 * A container may begin when its time is up, because its node was cut off: nobody looks any more for what it would make.
 * Clocks may differ, though, so that the task is asked.
 */
async function isGivenUp({ run, client, patience }: Session): Promise<boolean> {
  if (patience.clock.monotonic() < patience.deadline) return false
  const state = await persist(() => client.read(), patience, stateIn)
  if (state === 'processing') return false
  run.log.error({ state }, 'begun after the time of the task: nothing is made')
  return true
}

/** The pod that made the credential reports it; this one ends as that one does, and touches nothing. */
async function awaitOtherPod({ run, client, patience }: Session): Promise<ExitCode> {
  run.log.warn({}, 'the credential exists already: waiting for the report of the pod that made it')
  const outcome = await persist(
    () => client.read(),
    patience,
    (answer) => {
      if (answer.status === 400 || answer.status === 404) return 'ended'
      const state = stateIn(answer)
      if (state === undefined || ['queued', 'processing'].includes(state)) return undefined
      return state === 'credentials_created' ? 'created' : 'ended'
    },
  )
  return outcome === 'created' ? ExitCode.done : ExitCode.undecided
}

/** The state that an answer tells; undefined where it tells none. */
function stateIn({ status, body }: Answer): string | undefined {
  const parsed = status === 200 ? v.safeParse(taskState, body) : undefined
  return parsed?.success ? parsed.output.status : undefined
}

const taskState = v.pipe(v.string(), v.parseJson(), v.object({ status: v.string() }))

/**
 * A report of failure says that nothing exists. It is sent where the provider vouches for that (`ProviderError`) or `find`
 * shows it, and never where something is there: that may be another pod's, and reported already.
 */
async function endFailed(session: Session, error: unknown): Promise<ExitCode> {
  const { run } = session
  run.log.error(traceOf(error), 'creating the credential failed')
  const left = await leftovers(session)
  const nothing = left === 'unknown' ? error instanceof ProviderError : left.length === 0
  if (nothing) return sendFailure(session, failureOf(error))
  run.log.error({ left }, 'something may exist: not reported, so that the operator looks for it')
  return ExitCode.undecided
}

async function leftovers({ provider, run }: Session): Promise<readonly string[] | 'unknown'> {
  if (provider.find === undefined) return 'unknown'
  try {
    return await provider.find({ ...run, originTaskId: run.taskId })
  } catch (error) {
    run.log.warn(traceOf(error), 'looking for what the run made failed')
    return 'unknown'
  }
}

/** Why a new credential must not be reported, if so. */
async function defectOf({ provider, run }: Session, made: Credentials): Promise<TaskFailure | undefined> {
  const checked = v.safeParse(reportable, made)
  if (!checked.success) {
    const names = checked.issues.map((issue) => v.getDotPath(issue)).join(', ')
    return {
      code: 'InvalidCredentials' satisfies KitErrorCode,
      description: `The provider made something that cannot be reported: ${names}`,
    }
  }
  try {
    await provider.verify?.(made, run)
    return undefined
  } catch (error) {
    run.log.error({ credentialsId: made.id, ...traceOf(error) }, 'the new credential does not work')
    return { code: 'VerificationFailed' satisfies KitErrorCode, description: failureOf(error).description }
  }
}

const reportable = v.object({
  id: v.pipe(v.string(), v.nonEmpty()),
  payload: v.record(v.string(), v.union([v.string(), v.boolean(), v.pipe(v.number(), v.safeInteger())])),
})

/** Deletes what this run made, within the grace period even when told to stop; whether it is gone. */
async function undo({ provider, run, patience }: Session, made: Credentials): Promise<boolean> {
  for (let attempt = 1; attempt <= UNDO_ATTEMPTS; attempt++) {
    try {
      await provider.deleteCredentials({ ...run, credentialsId: made.id, originTaskId: run.taskId })
      run.log.info({ credentialsId: made.id }, 'deleted what was made')
      return true
    } catch (error) {
      run.log.error({ credentialsId: made.id, attempt, ...traceOf(error) }, 'deleting what was made failed')
      await sleep(patience.clock, UNDO_WAIT_MS, run.signal).catch(() => undefined)
    }
  }
  return false
}
