import { expect, it } from 'vitest'
import type { CustomCredentialStatus } from '../../../src/api/generated.ts'
import { type Evidence, fold, type Ledger, openLedger } from '../../../src/custom-credential/ledger.ts'
import { START } from '../../support/builders.ts'

export type Status = Partial<CustomCredentialStatus>
const ledgerOf = (status: Status = {}): Ledger => openLedger({ observedGeneration: 1, ...status })
const evidence = (more: Partial<Evidence>): Evidence => ({ tasks: [], runs: [], custody: [], ...more })

export const folded = (status: Status, more: Partial<Evidence>): Ledger => fold(ledgerOf(status), evidence(more), START)

/** The status of a credential whose versions are there, and whose next version was tried `attempts` times. */
export const having = (versions: Status['versions'] & {}, attempts = 0, more: Status = {}): Status => ({
  versions,
  nextVersion: { number: versions.length + 1, attempts, failures: attempts },
  ...more,
})

export const next = (number: number, attempts: number, failures = attempts, nextAttemptTime?: string) => ({
  number,
  attempts,
  failures,
  ...(nextAttemptTime !== undefined && { nextAttemptTime }),
})

/** Each sentence with the status that there is, the evidence that is seen, and what of the ledger is another then. */
export const check = (table: Record<string, [Status, Partial<Evidence>, Partial<Ledger>]>): void => {
  it.each(Object.entries(table))('%s', (_, [status, seen, expected]) => {
    const ledger = folded(status, seen)
    expect(ledger).toEqual({ ...ledgerOf(status), ...expected })
    expect(fold(ledger, evidence(seen), START), 'folding twice changes nothing').toEqual(ledger)
  })
}
