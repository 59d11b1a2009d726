import type { Mutant } from './mutant.ts'

const merge = 'src/custom-credential/delivery/merge.ts'
const act = 'src/custom-credential/effects/act.ts'

/** Bugs in what is done to Secrets that are people's own. */
export const merging: readonly Mutant[] = [
  {
    name: 'merge-writes-over',
    says: 'A key that somebody else has in the Secret is written over.',
    pattern: 'mistaken identity',
    file: merge,
    find: 'filter((key) => !isFree(key))',
    replace: 'filter((key) => !isFree(key) && key === "")',
  },
  {
    name: 'equal-keys-taken',
    says: 'A key that somebody else has in the Secret is taken for ours where its value is the same.',
    pattern: 'mistaken identity',
    file: merge,
    find: '(isAdopted && there[key] === data[key])',
    replace: '(isAdopted !== undefined && there[key] === data[key])',
  },
  {
    name: 'merge-replaces-all',
    says: 'The Secret holds our keys in place of its own.',
    pattern: 'lost update',
    file: 'src/custom-credential/delivery/target.ts',
    find: '...(merges ? mergedKeys(secret, data) : [',
    replace: '...(merges && data.password === "" ? mergedKeys(secret, data) : [',
  },
  {
    name: 'merged-removed',
    says: 'A Secret that people have made is deleted with the credential that was merged into it.',
    pattern: 'mistaken identity',
    file: act,
    find: 'await (isMerged(secret)',
    replace: 'await (isMerged(secret) && s.now < 0',
  },
  {
    name: 'merged-former-removed',
    says: 'A Secret that people have made is deleted once the credential is merged into another.',
    pattern: 'mistaken identity',
    file: 'src/custom-credential/effects/remove-former.ts',
    find: 'if (isMerged(there)) return',
    replace: 'if (isMerged(there) && s.now < 0) return',
  },
  {
    name: 'keys-left-behind',
    says: 'Our marks are taken off the Secret, and our keys stay.',
    pattern: 'leak',
    file: merge,
    find: '    ...mergedKeys(secret, {}),\n',
    replace: '',
  },
]
