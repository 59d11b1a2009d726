import type { CredentialVersion, UnresolvedCredential } from '../../api/generated.ts'
import { isShown } from '../delivery/delivered.ts'
import { isCondemned } from './condemned.ts'
import type { Ledger } from '../ledger.ts'
import { owedFor } from '../obligations.ts'
import { inUse } from './retire.ts'
import type { Snapshot } from '../snapshot.ts'

/**
 * The version that stays valid though its credential is deleted (`revocationPolicy: Retain`): the one that consumers have. Not
 * one that people no longer trust, or whose time to live is over.
 */
export function retained(s: Snapshot, ledger: Ledger): CredentialVersion | undefined {
  if (s.credential.spec.revocationPolicy !== 'Retain') return undefined
  const isThere = ({ version, deliveredAt }: CredentialVersion) => deliveredAt !== undefined || isShown(s, version)
  const current = inUse(ledger).findLast(isThere)
  if (current === undefined || isCondemned(current, s)) return undefined
  return current.expiresAt !== undefined && Date.parse(current.expiresAt) <= s.now ? undefined : current
}

/**
 * What an OrphanedCredential keeps in mind, and leaves alone until a person asks for its revocation: the version, where the
 * target Secret cannot; and what another pod of its run may have made, since to look for that would find the version, too.
 */
export function remembered(
  { taskId, credentialsId, startedTwice = false, ...version }: CredentialVersion,
  { now, isUnkept }: { readonly now: number; readonly isUnkept: boolean },
): UnresolvedCredential[] {
  const owed = owedFor(taskId, version, { reason: 'Retained', since: new Date(now).toISOString() })
  return [...(isUnkept ? [{ ...owed, credentialsId }] : []), ...(startedTwice ? [owed] : [])]
}
