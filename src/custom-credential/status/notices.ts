import type { CredentialVersion, CustomCredentialStatus } from '../../api/generated.ts'
import type { Story } from '../actions.ts'
import type { Ledger } from '../ledger.ts'
import { inUse } from '../revocation/retire.ts'
import type { Snapshot } from '../snapshot.ts'

/** The days before its end on which people are told of it, once each, as IBM Secrets Manager does (event notifications). */
const NOTICES = [90, 60, 30, 10, 1, 0]
const DAY_MS = 86_400_000

type Moments = Pick<Snapshot, 'now'>

/** Notes which notice the version that consumers have is due. One that was missed is not made up for: the next tells more. */
export function withNotices(ledger: Ledger, { now }: Moments): Ledger {
  const current = currentOf(ledger)
  const due = current && noticesOf(current).findLast(({ at }) => at <= now)
  if (current === undefined || due === undefined || due.days >= (current.noticedDays ?? Infinity)) return ledger
  const noticed = { ...current, noticedDays: due.days }
  return { ...ledger, versions: ledger.versions.map((version) => (version === current ? noticed : version)) }
}

/** When the next notice is due, in milliseconds since the epoch. */
export function noticeWake(ledger: Ledger, { now }: Moments): number {
  const current = currentOf(ledger)
  return current?.expiresAt === undefined
    ? Infinity
    : (noticesOf(current).find(({ at, days }) => at > now && days < (current.noticedDays ?? Infinity))?.at ?? Infinity)
}

/** What consumers have, or have had to its end. */
function currentOf(ledger: Ledger): CredentialVersion | undefined {
  const isExpired = ({ taskId }: CredentialVersion) =>
    ledger.unresolved.some(({ originTaskId, reason }) => originTaskId === taskId && reason === 'Expired')
  const isDelivered = ({ deliveredAt }: CredentialVersion) => deliveredAt !== undefined
  return inUse(ledger).findLast(isDelivered) ?? ledger.versions.filter(isExpired).findLast(isDelivered)
}

/** Those that fall within its life, the earliest first. */
function noticesOf({
  createdAt,
  expiresAt,
}: CredentialVersion): readonly { readonly days: number; readonly at: number }[] {
  if (expiresAt === undefined) return []
  return NOTICES.map((days) => ({ days, at: Date.parse(expiresAt) - days * DAY_MS })).filter(
    ({ at }) => at > Date.parse(createdAt),
  )
}

/** The event of each notice that is new. */
export function noticeStories(before: CustomCredentialStatus, after: CustomCredentialStatus): Story[] {
  const known = new Map((before.versions ?? []).map(({ taskId, noticedDays }) => [taskId, noticedDays]))
  const isOwed = (taskId: string) => (after.unresolved ?? []).some(({ originTaskId }) => originTaskId === taskId)
  return (after.versions ?? []).flatMap(({ version, taskId, noticedDays, expiresAt = '' }) => {
    if (noticedDays === undefined || noticedDays === known.get(taskId)) return []
    const note =
      noticedDays === 0
        ? `Version ${version} has reached the end of its time to live, at ${expiresAt}, and is ${isOwed(taskId) ? 'about to be revoked' : 'still in use'}.`
        : `Version ${version} expires within ${noticedDays === 1 ? 'a day' : `${noticedDays} days`}, at ${expiresAt}.`
    return [{ type: noticedDays > 1 ? 'Normal' : 'Warning', reason: 'AboutToExpire', note }]
  })
}
