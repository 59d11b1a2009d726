import type { KitErrorCode } from './error-codes.ts'
import { failureOf, traceOf } from './failure.ts'
import type { ExitCode } from './exit-code.ts'
import { sendDeleted, sendFailure, type Session } from './session.ts'

/** Deletes one credential. A failure is always reported: the operator owes the deletion until one is reported done. */
export async function remove(
  session: Session,
  credential: { readonly credentialsId: string; readonly originTaskId?: string },
): Promise<ExitCode> {
  const { provider, run } = session
  return settle(session, () => provider.deleteCredentials({ ...run, ...credential }))
}

/** Deletes whatever the create run `originTaskId` made. Nothing found is success. */
export async function removeFound(session: Session, originTaskId: string): Promise<ExitCode> {
  const { provider, run } = session
  if (provider.find === undefined) {
    const description = 'The provider cannot look for credentials: its capabilities must not name find.'
    return sendFailure(session, { code: 'FindNotSupported' satisfies KitErrorCode, description })
  }
  const find = provider.find.bind(provider)
  return settle(session, async () => {
    const found = await find({ ...run, originTaskId })
    run.log.info({ originTaskId, found }, 'looked for what the run made')
    for (const credentialsId of found) await provider.deleteCredentials({ ...run, credentialsId, originTaskId })
  })
}

async function settle(session: Session, work: () => Promise<void>): Promise<ExitCode> {
  try {
    await work()
  } catch (error) {
    session.run.log.error(traceOf(error), 'deleting failed')
    return sendFailure(session, failureOf(error))
  }
  return sendDeleted(session)
}
