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
    find: '!ours.includes(key))',
    replace: '!ours.includes(key) && key === "")',
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
    find: 'isMerged(secret) ? withdraw(ports, secret)',
    replace: 'isMerged(secret) && s.target === undefined ? withdraw(ports, secret)',
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
