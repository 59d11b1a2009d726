import type { Decision } from './actions.ts'
import { keep } from './keep.ts'
import { fold, type Ledger, openLedger } from './ledger.ts'
import { withPossibleDates } from './possible-dates.ts'
import { holdsDeletion, withLocks } from './revocation/locks.ts'
import { withFreshTries } from './creation/retries.ts'
import type { Snapshot } from './snapshot.ts'
import { windDown } from './wind-down.ts'

/** What its status says, and all evidence that is new. */
export function accounted(s: Snapshot): Ledger {
  const opened = withPossibleDates(openLedger(s.credential.status), s)
  return withLocks(withFreshTries(fold(opened, s, s.now), s), s)
}

/** What to do about a credential. Total and pure: everything that it depends on is in the snapshot. */
export function decide(s: Snapshot): Decision {
  const ledger = accounted(s)
  const isDeleted = s.credential.metadata.deletionTimestamp !== undefined
  return isDeleted && !holdsDeletion(ledger, s) ? windDown(s, ledger) : keep(s, ledger)
}
