import type { Mutant } from './mutant.ts'

/** Bugs in what is revoked because people no longer trust it. */
export const condemned: readonly Mutant[] = [
  {
    name: 'condemned-before-replaced',
    says: 'What was issued too early is revoked before consumers have its successor.',
    pattern: 'impatience',
    file: 'src/custom-credential/condemned.ts',
    find: 'isGood(other, s) && other.version > version',
    replace: 'other.deliveredAt !== undefined',
  },
  {
    name: 'condemned-while-suspended-forgotten',
    says: 'What was issued too early stays while its credential is suspended.',
    pattern: 'stuck',
    file: 'src/custom-credential/keep.ts',
    find: 'const isHalted = isSuspended && !hasLeaked(s, ledger)',
    replace: 'const isHalted = isSuspended',
  },
  {
    name: 'condemned-by-one-clock',
    says: 'A version is trusted where the clock that dated its claim was ahead of the moment.',
    pattern: 'forgotten',
    file: 'src/custom-credential/condemned.ts',
    find: 'moment + started - made : Infinity',
    replace: 'Infinity : Infinity',
  },
  {
    name: 'orphan-told-as-revoked',
    says: 'The history tells a version as revoked that an orphan stands for.',
    pattern: 'ambiguous outcome',
    file: 'src/custom-credential/version-history.ts',
    find: "'Renewed' : 'Orphaned'",
    replace: "'Renewed' : 'Revoked'",
  },
]
