import type { CustomCredentialStatus, UnresolvedCredential } from '../../api/generated.ts'
import type { Story } from '../actions.ts'
import { noticeStories } from './notices.ts'
import { of } from '../delivery/restart.ts'

/**
 * The events that tell what has changed between two statuses, and what an orphan has taken over. They name versions and
 * errors, never a value.
 */
export function storiesOf(
  before: CustomCredentialStatus,
  after: CustomCredentialStatus,
  orphaned: readonly UnresolvedCredential[] = [],
): Story[] {
  return [
    ...adoptions(before, after),
    ...deliveries(before, after),
    ...renames(before, after),
    ...restarts(before, after),
    ...failures(before, after),
    ...obligations(before, after, orphaned),
    ...readiness(before, after),
    ...warnings(before, after),
    ...laggards(before, after),
    ...noticeStories(before, after),
  ]
}

function adoptions(before: CustomCredentialStatus, after: CustomCredentialStatus): Story[] {
  const [adopted] = after.versions ?? []
  if (adopted?.adopted !== true || (before.nextVersion?.number ?? 1) > 1) return []
  const note = `Credentials "${adopted.credentialsId}", which exist, are version ${adopted.version}.`
  return [{ type: 'Normal', reason: 'Adopted', note }]
}

function deliveries(before: CustomCredentialStatus, after: CustomCredentialStatus): Story[] {
  if (after.currentVersion === undefined || after.currentVersion === before.currentVersion) return []
  const kept = after.previousVersion === undefined ? '' : `; version ${after.previousVersion} stays usable as previous`
  const note = `Version ${after.currentVersion} is in Secret "${after.target?.name ?? ''}"${kept}.`
  return [{ type: 'Normal', reason: before.currentVersion === undefined ? 'Activated' : 'Rotated', note }]
}

function renames(before: CustomCredentialStatus, after: CustomCredentialStatus): Story[] {
  const [old, now] = [before.formerTargets ?? [], after.formerTargets ?? []]
  const name = after.target?.name ?? ''
  const moved = now
    .filter(({ uid, removeAfter }) => {
      const known = old.find((former) => former.uid === uid)
      return removeAfter !== undefined && known !== undefined && known.removeAfter === undefined
    })
    .map((former): Story => ({
      type: 'Normal',
      reason: 'Moved',
      note: `Version ${after.currentVersion ?? ''} is in Secret "${name}"; "${former.name}" is removed after ${former.removeAfter ?? ''}.`,
    }))
  const removed = old
    .filter((former) => former.name !== name && !now.some(({ uid }) => uid === former.uid))
    .map((former): Story => ({
      type: 'Normal',
      reason: 'FormerRemoved',
      note: `Secret "${former.name}" is gone: "${name}" has taken its place.`,
    }))
  return [...moved, ...removed]
}

function restarts(before: CustomCredentialStatus, after: CustomCredentialStatus): Story[] {
  return (after.restarts ?? [])
    .filter((one) => one.version > (of(before.restarts, one)?.version ?? before.currentVersion ?? one.version))
    .map(({ kind, name, version }): Story => ({
      type: 'Normal',
      reason: 'Restarted',
      note: `${kind} "${name}" is rolled out for version ${version}.`,
    }))
}

function failures(before: CustomCredentialStatus, after: CustomCredentialStatus): Story[] {
  const { lastFailure } = after
  if (lastFailure === undefined || lastFailure.taskId === before.lastFailure?.taskId) return []
  const note = `${lastFailure.taskId}: ${lastFailure.code}: ${lastFailure.description.slice(0, 512)}`
  return [{ type: 'Warning', reason: before.currentVersion === undefined ? 'CreationFailed' : 'RotationFailed', note }]
}

type Owed = Pick<UnresolvedCredential, 'originTaskId' | 'credentialsId'>

function obligations(
  before: CustomCredentialStatus,
  after: CustomCredentialStatus,
  orphaned: readonly UnresolvedCredential[],
): Story[] {
  const name = (owed: Owed) => `${owed.originTaskId}/${owed.credentialsId ?? ''}`
  const what = (owed: UnresolvedCredential) =>
    `Version ${owed.version} (${owed.credentialsId ?? `what ${owed.originTaskId} made`})`
  const old = new Map((before.unresolved ?? []).map((owed) => [name(owed), owed]))
  const now = new Map((after.unresolved ?? []).map((owed) => [name(owed), owed]))
  const handedOver = new Set(orphaned.map(name))
  const lost = orphaned.map((owed): Story => ({
    type: 'Warning',
    reason: 'Orphaned',
    note: `${what(owed)} is still owed a deletion: see the OrphanedCredentials of this credential.`,
  }))
  const revoked = [...old]
    .filter(([key]) => !now.has(key) && !handedOver.has(key))
    .map(([, owed]): Story => ({
      type: 'Normal',
      reason: 'Revoked',
      note: `${what(owed)} does not exist upstream any more.`,
    }))
  const failing = [...now]
    .filter(([key, { attempts, lastError }]) => lastError !== undefined && attempts > (old.get(key)?.attempts ?? 0))
    .map(([, owed]): Story => ({
      type: 'Warning',
      reason: 'RevocationFailed',
      note: `Version ${owed.version}: attempt ${owed.attempts}: ${owed.lastError?.code ?? ''}: ${owed.lastError?.description.slice(0, 512) ?? ''}`,
    }))
  return [...lost, ...revoked, ...failing]
}

/** Conditions whose coming is worth an event of the same name: some of them share their reasons. */
const TOLD = ['AtRisk', 'RotationBlocked', 'DeletionBlocked', 'ExpiryBlocked']

function warnings(before: CustomCredentialStatus, after: CustomCredentialStatus): Story[] {
  const messageIn = ({ conditions = [] }: CustomCredentialStatus, wanted: string) =>
    conditions.find(({ type }) => type === wanted)?.message
  return (after.conditions ?? [])
    .filter(({ type, message }) => TOLD.includes(type) && messageIn(before, type) !== message)
    .map(({ type, message }) => ({ type: 'Warning', reason: type, note: message }))
}

function laggards(before: CustomCredentialStatus, after: CustomCredentialStatus): Story[] {
  const lines = ({ conditions = [] }: CustomCredentialStatus) =>
    conditions.find(({ type }) => type === 'RestartFailed')?.message.split('\n') ?? []
  const known = lines(before)
  return lines(after)
    .filter((line) => !known.includes(line))
    .map((line): Story => ({ type: 'Warning', reason: 'RestartFailed', note: line.slice(0, 1000) }))
}

function readiness(before: CustomCredentialStatus, after: CustomCredentialStatus): Story[] {
  const trouble = ({ conditions = [] }: CustomCredentialStatus) =>
    conditions.find(({ type, reason }) => type === 'Stalled' || reason === 'DeliveryFailed')
  const now = trouble(after)
  if (now === undefined || now.reason === trouble(before)?.reason) return []
  return [{ type: 'Warning', reason: now.reason, note: now.message.slice(0, 1000) }]
}
