import type { CredentialVersion, SecretTask, UnresolvedCredential } from '../api/generated.ts'
import { areOneProvider } from '../credentials-provider/resolve.ts'
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
 * (it renews in place), and a refused report may name a live one. Where the other one is of another provider, they may be two
 * logins of two systems, or one: only people can tell (`IdInUse`).
 */
export function withoutLiveIds(ledger: Ledger): Ledger {
  const live = ledger.versions.filter((version) => !isRetiring(ledger, version))
  const bearersOf = ({ credentialsId }: UnresolvedCredential) =>
    live.filter((version) => version.credentialsId === credentialsId)
  const claimed = ledger.unresolved.filter((owed) => bearersOf(owed).length > 0)
  if (claimed.length === 0) return ledger
  const dropped = claimed.filter((owed) =>
    bearersOf(owed).some(({ provider }) => areOneProvider(provider, owed.provider)),
  )
  return {
    ...ledger,
    unresolved: ledger.unresolved
      .filter((owed) => !dropped.includes(owed))
      .map((owed) => (claimed.includes(owed) ? { ...owed, reason: 'IdInUse' } : owed)),
    versions: ledger.versions.filter((version) => !dropped.some((owed) => concerns(owed, version))),
  }
}

/** As far as anybody here can tell: a provider gives the same ID to another login only when that one is gone. */
export const isSameLogin = (one: Login, other: Login): boolean =>
  one.credentialsId === other.credentialsId && areOneProvider(one.provider, other.provider)

type Login = Pick<CredentialVersion, 'credentialsId' | 'provider'>

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
