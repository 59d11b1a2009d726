import type { CredentialVersion } from '../../api/generated.ts'
import { label } from '../../api/labels.ts'
import { deliveryBackoff, deliveryWaitEnds } from '../schedule.ts'
import type { Snapshot, Trouble } from '../snapshot.ts'

/** After so long without a repair, the next one is the first again. */
const FORGOTTEN_MS = 60 * 60_000

/**
 * Somebody else has written, or taken out, what is ours in the target Secret that shows this version: a key of it, or a label or an
 * annotation that the spec names. What others have added is none of ours.
 */
export const isEdited = (s: Snapshot, version: CredentialVersion): boolean =>
  !isIntact(s) && (hasLostKeys(s, version) || hasLostMarks(s))

/**
 * To write it again has changed nothing. Who has written a key last is no more than a hint: what was adopted in place is another's
 * for ever, for the API server notes no writer who changes nothing.
 */
const isIntact = ({ target, trouble }: Snapshot): boolean =>
  target?.resourceVersion !== undefined && target.resourceVersion === trouble.intact

function hasLostMarks({ credential, target }: Snapshot): boolean {
  const { labels = {}, annotations = {} } = credential.spec.target ?? {}
  if (target?.marks?.labels?.[label.merged] !== undefined) return false
  const lacks = (wanted: Marks, there: Marks | undefined): boolean =>
    there !== undefined && Object.entries(wanted).some(([key, value]) => there[key] !== value)
  return lacks(labels, target?.marks?.labels) || lacks(annotations, target?.marks?.annotations)
}

type Marks = Readonly<Record<string, string>>

function hasLostKeys({ credential, custody, target }: Snapshot, { taskId }: CredentialVersion): boolean {
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
