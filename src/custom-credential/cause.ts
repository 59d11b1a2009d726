import type { CredentialVersion, TaskTrigger } from '../api/generated.ts'
import { annotation } from '../api/labels.ts'
import type { Ledger } from './ledger.ts'
import { rotationDue } from './schedule.ts'
import type { Snapshot } from './snapshot.ts'

/** The value of the rotate-now annotation that is not answered yet. What stood there at creation asks for nothing. */
export function rotateRequest({ credential }: Snapshot): string | undefined {
  const requested = credential.metadata.annotations?.[annotation.rotateRequestedAt]
  return requested === credential.status.lastHandledRotateRequest ? undefined : requested
}

/**
 * Why a new version is due now, or undefined. A suspect version (its container failed after its report, so it has perhaps
 * undone what it made) is replaced once: if its replacement is suspect too, the provider needs a person.
 */
export function causeOfCreation(
  s: Snapshot,
  ledger: Ledger,
  newest: CredentialVersion | undefined,
): TaskTrigger | undefined {
  if (newest === undefined) return 'secret_creation'
  if (newest.deliveredAt === undefined) return undefined
  if (rotateRequest(s) !== undefined) return 'manual_secret_rotation'
  const replacedAlready = ledger.versions.some(({ version, suspect }) => version < newest.version && suspect)
  if (newest.suspect !== undefined && !replacedAlready) return 'automatic_secret_rotation'
  return rotationDue(s.credential.spec, newest.createdAt) <= s.now ? 'automatic_secret_rotation' : undefined
}
