import type { Mutant } from './mutant.ts'

/** Bugs in what is adopted from people, and left to them. */
export const legacies: readonly Mutant[] = [
  {
    name: 'retained-revoked',
    says: 'The version that is to stay valid is revoked with all others when its object is deleted.',
    pattern: 'forgotten',
    file: 'src/custom-credential/revocation/retire.ts',
    find: '    .filter((version) => version !== kept)\n',
    replace: '',
  },
  {
    name: 'retained-without-record',
    says: 'What stays valid is named by nothing: the target Secret goes with its credential.',
    pattern: 'forgotten',
    file: 'src/custom-credential/wind-down.ts',
    find: "...(kept ? [{ kind: 'keepTarget', version: kept } as const] : removal),",
    replace: '...(kept ? removal : removal),',
  },
  {
    name: 'retained-revoked-by-its-orphan',
    says: 'An orphan revokes what it was only to remember.',
    pattern: 'forgotten',
    file: 'src/orphaned-credential/decide.ts',
    find: 'if (!willRevoke(orphan)) return leftText(orphan)',
    replace: 'if (!willRevoke(orphan) && kit === undefined) return leftText(orphan)',
  },
  {
    name: 'legacy-still-owned',
    says: 'The target Secret that stays keeps the label of the credential that is gone, and is cleared away with its remains.',
    pattern: 'mistaken identity',
    file: 'src/custom-credential/delivery/target.ts',
    find: 'const marks = [label.credential, label.credentialUid, ',
    replace: 'const marks = [label.credential, ',
  },
  {
    name: 'adopted-then-owed',
    says: 'What lies in custody to be adopted is taken for what an unknown run has left there.',
    pattern: 'mistaken identity',
    file: 'src/custom-credential/ledger.ts',
    find: 'if (secret.adopted)',
    replace: 'if (secret.adopted && evidence.target !== undefined)',
  },
]
