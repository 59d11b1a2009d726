import type { SecretTask, UnresolvedCredential } from '../api/generated.ts'
import { isBereft } from './creation/cause.ts'
import type { Ledger } from './ledger.ts'
import { matches } from './obligations.ts'
import { isCondemned, owedForCondemned } from './revocation/condemned.ts'
import { inUse } from './revocation/retire.ts'
import type { Snapshot } from './snapshot.ts'

const isSuspended = ({ credential }: Snapshot): boolean => credential.spec.suspend === true

/** Nothing is made while it is suspended, unless what consumers have has leaked. */
export const isHalted = (s: Snapshot, ledger: Ledger): boolean => isSuspended(s) && !hasLeaked(s, ledger)

const hasLeaked = (s: Snapshot, ledger: Ledger): boolean =>
  isBereft(s, ledger) ||
  inUse(ledger)
    .slice(-1)
    .some((newest) => isCondemned(newest, s))

/** What is to be revoked now: while it is suspended, only what was issued before `revokeIssuedBefore`. */
export const owedNow = (s: Snapshot, ledger: Ledger): readonly UnresolvedCredential[] =>
  isSuspended(s) ? owedForCondemned(ledger, s) : ledger.unresolved

/** Whether a task that was ordered before the credential was suspended may begin all the same, now that its turn has come. */
export const mayBegin = ({ spec }: SecretTask, s: Snapshot, ledger: Ledger): boolean =>
  s.credential.metadata.deletionTimestamp !== undefined ||
  (spec.type === 'create_credentials' ? !isHalted(s, ledger) : owedNow(s, ledger).some((owed) => matches(owed, spec)))
