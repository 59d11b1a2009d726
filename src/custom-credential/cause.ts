import type { TaskTrigger } from '../api/generated.ts'
import { annotation } from '../api/labels.ts'
import type { Ledger } from './ledger.ts'
import { inUse } from './retire.ts'
import { rotationDue } from './schedule.ts'
import type { Snapshot } from './snapshot.ts'

/** While so much may exist upstream that could not be revoked, nothing more is made: it would be lost in the status. */
export const UNRESOLVED_LIMIT = 20

/**
 * Why a new version is due now, or undefined. A rotate-now request is answered by the version that was ordered when it
 * stood: what stands at creation asks for nothing more. A suspect version (its container failed after its report, so it has perhaps
 * undone what it made) is replaced once: if its replacement is suspect too, the provider needs a person.
 */
export function causeOfCreation(
  { credential, now }: Snapshot,
  ledger: Ledger,
  handledRequest: string | undefined,
): TaskTrigger | undefined {
  if (ledger.unresolved.length >= UNRESOLVED_LIMIT) return undefined
  const newest = inUse(ledger).at(-1)
  if (newest === undefined) return 'secret_creation'
  if (newest.deliveredAt === undefined) return undefined
  const request = credential.metadata.annotations?.[annotation.rotateRequestedAt]
  if (request !== undefined && request !== handledRequest) return 'manual_secret_rotation'
  const replacedAlready = ledger.versions.some(({ version, suspect }) => version < newest.version && suspect)
  if (newest.suspect !== undefined && !replacedAlready) return 'automatic_secret_rotation'
  return rotationDue(credential.spec, newest.createdAt) <= now ? 'automatic_secret_rotation' : undefined
}
