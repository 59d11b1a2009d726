import type { Mutant } from './mutant.ts'

/** Bugs in what is revoked because people no longer trust it. */
export const condemned: readonly Mutant[] = [
  {
    name: 'condemned-before-replaced',
    says: 'What was issued too early is revoked before consumers have its successor.',
    pattern: 'impatience',
    file: 'src/custom-credential/condemned.ts',
    find: '(version) => version.deliveredAt !== undefined && version.suspect === undefined && !isCondemned(version, s)',
    replace: '(version) => version.deliveredAt !== undefined',
    also: {
      file: 'src/custom-credential/condemned.ts',
      find: 'version.version < successor.version && isCondemned',
      replace: 'isCondemned',
    },
  },
  {
    name: 'condemned-while-suspended-forgotten',
    says: 'What was issued too early stays while its credential is suspended.',
    pattern: 'stuck',
    file: 'src/custom-credential/keep.ts',
    find: 's.credential.spec.suspend === true && condemned(ledger, s).length === 0',
    replace: 's.credential.spec.suspend === true',
  },
]
