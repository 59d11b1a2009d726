import type { Mutant } from './mutant.ts'

const FILE = 'src/custom-credential/delivery/former-targets.ts'

/** Bugs in what becomes of a target Secret when its name changes. */
export const formers: readonly Mutant[] = [
  {
    name: 'former-forgotten',
    says: 'The status forgets the name of a former target, and does not tell of it.',
    pattern: 'forgotten',
    file: FILE,
    find: '(isMade || name === former) &&',
    replace: "(isMade || name === former) && uid === '' &&",
  },
  {
    name: 'former-gone-too-soon',
    says: 'A former target is removed as soon as the new one is there, whatever overlap is promised.',
    pattern: 'impatience',
    file: FILE,
    find: 'Infinity : Math.max(Date.parse(removeAfter), waits)',
    replace: 'Infinity : waits',
  },
  {
    name: 'late-former-forgotten',
    says: 'A target that a dead process makes after its name was given up is taken for a copy of somebody’s.',
    pattern: 'ambiguous outcome',
    file: FILE,
    find: '(isMade || name === former) &&',
    replace: 'name === former &&',
  },
  {
    name: 'former-back-as-it-was',
    says: 'A former target that is the target again is not written anew, so that a removal that is on its way fits it.',
    pattern: 'lost update',
    file: FILE,
    find: 'recorded(s).some(({ name }) => name === targetName(s))',
    replace: "recorded(s).some(({ name }) => name === '')",
  },
]
