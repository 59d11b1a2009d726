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
    find: 'const isHalted = isSuspended && !isUrgent(s, ledger)',
    replace: 'const isHalted = isSuspended',
  },
  {
    name: 'condemned-by-one-clock',
    says: 'A version is trusted where the clock that dated its claim was ahead of the moment.',
    pattern: 'forgotten',
    file: 'src/custom-credential/condemned.ts',
    find: 'moment + started - ordered : Infinity',
    replace: 'Infinity : Infinity',
  },
]
