import { deliver, type Delivery, type Patience } from './delivery.ts'
import { ExitCode } from './exit-code.ts'
import type { TaskFailure } from './failure.ts'
import type { Provider, Run } from './provider.ts'
import type { Report, TaskClient } from './task-client.ts'

/** One run of a provider for one task. */
export interface Session {
  readonly provider: Provider
  readonly run: Run
  readonly client: TaskClient
  readonly patience: Patience
}

/** How the container ends once the report that its task is about is delivered, or is not. */
const EXIT = {
  accepted: ExitCode.done,
  refused: ExitCode.refused,
  undecided: ExitCode.undecided,
} as const satisfies Record<Delivery, ExitCode>

export async function send({ client, patience, run }: Session, report: Report): Promise<Delivery> {
  const delivery = await deliver(() => client.report(report), patience)
  run.log.info({ status: report.status, delivery }, 'reported')
  return delivery
}

export async function sendDeleted(session: Session): Promise<ExitCode> {
  return EXIT[await send(session, { status: 'credentials_deleted' })]
}

export async function sendFailure(session: Session, failure: TaskFailure): Promise<ExitCode> {
  const delivery = await send(session, { status: 'failed', errors: [failure] })
  return delivery === 'accepted' ? ExitCode.failed : EXIT[delivery]
}
