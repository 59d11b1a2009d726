import type { CredentialVersion, SecretTask, UnresolvedCredential } from '../api/generated.ts'
import type { Ledger } from './ledger.ts'

type Origin = Pick<SecretTask['spec'], 'version' | 'trigger' | 'provider' | 'kit'>

export const owedFor = (
  originTaskId: string,
  { version, trigger, provider, kit }: Origin,
  why: Pick<UnresolvedCredential, 'reason' | 'since'>,
): UnresolvedCredential => ({ originTaskId, version, trigger, provider, kit, ...why, attempts: 0 })

/** Adds an obligation unless the same one stands already. */
export function owe(ledger: Ledger, owed: UnresolvedCredential): Ledger {
  const known = ledger.unresolved.some((entry) => matches(entry, owed))
  return known ? ledger : { ...ledger, unresolved: [...ledger.unresolved, owed] }
}

/** Adds an obligation which no attempt made so far can have met. */
export function oweAnew(ledger: Ledger, owed: UnresolvedCredential, tasks: readonly SecretTask[]): Ledger {
  const tried = Math.max(0, ...tasks.filter(({ spec }) => matches(owed, spec)).map(({ spec }) => spec.attempt))
  const { unresolved } = owe(ledger, owed)
  const anew = (entry: UnresolvedCredential) => ({ ...entry, attempts: Math.max(entry.attempts, tried) })
  return { ...ledger, unresolved: unresolved.map((entry) => (matches(owed, entry) ? anew(entry) : entry)) }
}

/**
 * A credentials ID that a version in use bears is never deleted, whoever asks: a provider may give the same ID twice
 * (it renews in place), and a refused report may name a live one.
 */
export function withoutLiveIds(ledger: Ledger): Ledger {
  const live = new Set(ledger.versions.filter((version) => !isRetiring(ledger, version)).map((v) => v.credentialsId))
  const isLive = ({ credentialsId }: UnresolvedCredential) => credentialsId !== undefined && live.has(credentialsId)
  const dropped = ledger.unresolved.filter(isLive)
  if (dropped.length === 0) return ledger
  return {
    ...ledger,
    unresolved: ledger.unresolved.filter((owed) => !isLive(owed)),
    versions: ledger.versions.filter((version) => !dropped.some((owed) => concerns(owed, version))),
  }
}

/** The task tries to delete what is owed, or the same is owed. */
export const matches = (owed: UnresolvedCredential, other: Partial<UnresolvedCredential>): boolean =>
  owed.originTaskId === other.originTaskId && owed.credentialsId === other.credentialsId

/** By the credentials, not by the run alone: a run may have reported others besides, which were refused and are owed. */
export const concerns = (
  owed: Pick<Partial<UnresolvedCredential>, 'originTaskId' | 'credentialsId'>,
  { taskId, credentialsId }: CredentialVersion,
): boolean => owed.originTaskId === taskId && (owed.credentialsId === undefined || owed.credentialsId === credentialsId)

/** Somebody keeps the version: it is not to be revoked. */
export const isLocked = ({ locks }: Pick<Ledger, 'locks'>, { version }: Pick<CredentialVersion, 'version'>): boolean =>
  locks.some((lock) => lock.version === version)

/** The version is owed a deletion: it is not in use any more. */
export const isRetiring = ({ unresolved }: Ledger, version: CredentialVersion): boolean =>
  unresolved.some((owed) => concerns(owed, version))
