import type { Mutant } from './mutant.ts'

/** Bugs in what ends by itself, and in what waits: times to live, and suspended credentials. */
export const expiry: readonly Mutant[] = [
  {
    name: 'expired-is-kept',
    says: 'Nothing is revoked when its time to live ends.',
    pattern: 'forgotten',
    file: 'src/custom-credential/expiry.ts',
    find: 'expiry(version, ledger, s) <= s.now',
    replace: 'expiry(version, ledger, s) < -Infinity',
  },
  {
    name: 'expired-wakes-nobody',
    says: 'The end of a time to live is noticed only when something else happens.',
    pattern: 'missed event',
    file: 'src/custom-credential/keep.ts',
    find: '      expiryWake(ledger, s),\n',
    replace: '',
  },
  {
    name: 'expiry-before-its-overlap',
    says: 'A version goes at the end of its time to live, however short its successor has been with the consumers.',
    pattern: 'impatience',
    file: 'src/custom-credential/expiry.ts',
    find: 'Date.parse(successor.deliveredAt) + minOverlap(s.credential.spec)',
    replace: '-Infinity',
  },
  {
    name: 'late-rotation-takes-the-last',
    says: 'The last version goes at the end of its time to live though its successor is only late.',
    pattern: 'impatience',
    file: 'src/custom-credential/expiry.ts',
    find: 'return isReplaced(version, ledger, s) ? Infinity : Date.parse(expiresAt)',
    replace: 'return Date.parse(expiresAt)',
  },
  {
    name: 'window-ignored',
    says: 'A rotation begins when its interval has passed, whether a window is open or not.',
    pattern: 'impatience',
    file: 'src/custom-credential/rotation.ts',
    find: 'if (window === undefined) return due',
    replace: 'if (due < Infinity) return due',
  },
  {
    name: 'suspended-is-rotated',
    says: 'A credential that is suspended is rotated all the same.',
    pattern: 'impatience',
    file: 'src/custom-credential/keep.ts',
    find: 'if (trigger === undefined || isHalted || !resolution.ok) return deletions',
    replace: 'if (trigger === undefined || !resolution.ok) return deletions',
    also: {
      file: 'src/custom-credential/keep.ts',
      find: '  const isHalted = isSuspended && !isUrgent(s, ledger)\n',
      replace: '',
    },
  },
  {
    name: 'expired-is-made-anew',
    says: 'Another version takes the place of one that has expired, though nobody asked for it.',
    pattern: 'repetition',
    file: 'src/custom-credential/cause.ts',
    find: "hasLapsed(ledger, credential) ? causeOfRevival(s, handledRequest) : 'secret_creation'",
    replace: "'secret_creation'",
  },
]
