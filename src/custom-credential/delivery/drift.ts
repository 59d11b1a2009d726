import type { CredentialVersion } from '../../api/generated.ts'
import { deliveryBackoff, deliveryWaitEnds } from '../schedule.ts'
import type { Snapshot, Trouble } from '../snapshot.ts'

/** After so long without a repair, the next one is the first again. */
const FORGOTTEN_MS = 60 * 60_000

/**
 * Somebody else has written, or taken out, a key of the target Secret that shows this version. Keys that others have added
 * are none of ours.
 */
export function isEdited({ credential, custody, target }: Snapshot, { taskId }: CredentialVersion): boolean {
  const { template } = credential.spec.target ?? {}
  const stored = custody.find((secret) => secret.custody === 'version' && secret.taskId === taskId)
  const keys = template === undefined ? (stored?.keys ?? []) : Object.keys(template)
  const own = target?.own
  return own !== undefined && keys.some((key) => !own.includes(key))
}

/** Until when an edited Secret stays as it is: whoever edits it again and again is not raced. */
export const repairWaits = ({ trouble: { repairs }, now }: Snapshot): number =>
  repairs === undefined ? -Infinity : deliveryWaitEnds(repairs, now)

type Repairs = Trouble['repairs']

/** What is remembered of repairs after this attempt to act. */
export function repairsAfter(before: Repairs, now: number, isRepaired: boolean): Repairs {
  const recent = before !== undefined && before.retryAt + FORGOTTEN_MS > now ? before : undefined
  if (!isRepaired) return recent
  const tries = (recent?.tries ?? 0) + 1
  return { tries, retryAt: now + deliveryBackoff(tries) }
}
