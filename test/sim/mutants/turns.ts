import type { Mutant } from './mutant.ts'

/** Bugs in whose turn it is. */
export const turns: readonly Mutant[] = [
  {
    name: 'turn-not-counted',
    says: 'A task that has been given its turn does not count until its claim is seen.',
    pattern: 'stale read',
    file: 'src/secret-task/throttle.ts',
    find: '      this.#atWork.set(next.uid, next)\n',
    replace: '',
  },
  {
    name: 'throttle-begins-anew',
    says: 'After a restart, what was at work before does not count.',
    pattern: 'forgotten',
    file: 'src/secret-task/throttle.ts',
    find: "if (type !== 'deleted' && state === 'processing') this.#atWork",
    replace: "if (type === 'changed' && state === 'processing') this.#atWork",
  },
  {
    name: 'rate-begins-anew',
    says: 'After a restart, what had begun of late does not count.',
    pattern: 'forgotten',
    file: 'src/secret-task/throttle.ts',
    find: "type !== 'deleted' && startedAt !== undefined && previous?.status.startedAt === undefined",
    replace: "type === 'changed' && startedAt !== undefined && previous.status.startedAt === undefined",
  },
  {
    name: 'turn-never-given-back',
    says: 'A task that has ended counts as one at work for ever.',
    pattern: 'stuck',
    file: 'src/secret-task/throttle.ts',
    find: '      else this.#atWork.delete(uid)\n',
    replace: '',
  },
  {
    name: 'window-of-the-past',
    says: 'A rotation that was due before a window is begun after it.',
    pattern: 'impatience',
    file: 'src/custom-credential/creation/rotation.ts',
    find: 'opening(window, Math.max(due, now))',
    replace: 'opening(window, due)',
  },
]
