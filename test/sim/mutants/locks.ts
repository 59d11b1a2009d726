import type { Mutant } from './mutant.ts'

/** Bugs in what keeps a version. */
export const locks: readonly Mutant[] = [
  {
    name: 'rotated-over-a-lock',
    says: 'A rotation that is asked for is made though the previous version is locked.',
    pattern: 'impatience',
    file: 'src/custom-credential/creation/cause.ts',
    find: "if (rotation === 'manual_secret_rotation' && !isBarred(ledger)) return rotation",
    replace: "if (rotation === 'manual_secret_rotation') return rotation",
  },
  {
    name: 'lock-moves-with-its-word',
    says: 'A lock of the current version moves to each new one, instead of staying with the one that it was bound to.',
    pattern: 'mistaken identity',
    file: 'src/custom-credential/revocation/locks.ts',
    find: 'bound?.version ?? (lacksPayload(versions[version], s) ? undefined : versions[version]?.version)',
    replace: 'versions[version]?.version ?? bound?.version',
  },
  {
    name: 'deleted-over-a-lock',
    says: 'A credential that is deleted is revoked though a version of it is locked.',
    pattern: 'impatience',
    file: 'src/custom-credential/decide.ts',
    find: 'return isDeleted && !holdsDeletion(ledger, s) ?',
    replace: 'return isDeleted ?',
  },
  {
    name: 'lock-ends-with-the-time-to-live',
    says: 'A version that is locked is revoked at the end of its time to live.',
    pattern: 'impatience',
    file: 'src/custom-credential/revocation/expiry.ts',
    find: 'if (expiresAt === undefined || isLocked(ledger, { version })) return Infinity',
    replace: 'if (expiresAt === undefined) return Infinity',
    also: {
      file: 'src/custom-credential/revocation/expiry.ts',
      find: 'const free = expired.filter((version) => !isLocked(ledger, version))',
      replace: 'const free = expired',
    },
  },
  {
    name: 'unlocked-is-kept',
    says: 'The last lock that is taken back goes on keeping its version.',
    pattern: 'stuck',
    file: 'src/custom-credential/revocation/locks.ts',
    find: 'if (requests.length === 0) return ledger.locks.length === 0 ? ledger : { ...ledger, locks: [] }',
    replace: 'if (requests.length === 0) return ledger',
  },
]
