import type { Mutant } from './mutant.ts'

/** Bugs at the end of a credential: what is revoked, handed over and let go. */
export const endings: readonly Mutant[] = [
  {
    name: 'orphans-proof-before-the-orphan',
    says: 'The record that says that a credential is gone is removed before the orphan that goes by it.',
    pattern: 'order of writes',
    file: 'src/orphaned-credential/controller.ts',
    find: '  for (const task of earlier) await removeExactly(api, SecretTasks, task)\n',
    replace:
      '  for (const task of [...earlier, ...(last ? [last] : [])]) await removeExactly(api, SecretTasks, task)\n',
  },
  {
    name: 'finalizer-removed-early',
    says: "A credential's finalizer goes while something is still owed upstream.",
    pattern: 'forgotten',
    file: 'src/custom-credential/wind-down.ts',
    find: 'ledger.unresolved.length === 0 && isIdle(s, ledger)',
    replace: 'isIdle(s, ledger)',
  },
  {
    name: 'finalizer-removed-during-a-run',
    says: "A credential's finalizer goes while a run may still make something.",
    pattern: 'forgotten',
    file: 'src/custom-credential/wind-down.ts',
    find: 'ledger.unresolved.length === 0 && isIdle(s, ledger)',
    replace: 'ledger.unresolved.length === 0',
  },
  {
    name: 'called-off-though-claimed',
    says: 'A creation that seemed to wait is called off, whether or not it has begun by now.',
    pattern: 'stale read',
    file: 'src/custom-credential/effects/act.ts',
    find: 'await gone(api.remove(SecretTasks, keyOf(task), { uid, resourceVersion }))',
    replace: 'if (resourceVersion) await gone(api.remove(SecretTasks, keyOf(task), { uid }))',
  },
  {
    name: 'records-left-behind',
    says: 'The records of its tasks stay when a credential goes.',
    pattern: 'forgotten',
    file: 'src/custom-credential/wind-down.ts',
    find: "    ...s.tasks.map(({ metadata }) => ({ kind: 'deleteTask', name: metadata.name }) as const),\n",
    replace: '',
  },
  {
    name: 'orphan-not-recorded',
    says: 'What cannot be revoked from a namespace that is being deleted is dropped.',
    pattern: 'forgotten',
    file: 'src/custom-credential/wind-down.ts',
    find: "      ...lost.map((owed) => ({ kind: 'recordOrphan', owed }) as const),\n",
    replace: '',
  },
  {
    name: 'handed-over-during-a-run',
    says: 'Everything is handed over to orphans while a run is still at work.',
    pattern: 'impatience',
    file: 'src/custom-credential/wind-down.ts',
    find: 'if (!isIdle(s, ledger) || !(isDue || ledger.unresolved.length === 0)) return handed',
    replace: 'if (!(isDue || ledger.unresolved.length === 0)) return handed',
  },
  {
    name: 'unfindable-forgotten',
    says: 'What a provider cannot find is dropped, and nobody is told.',
    pattern: 'forgotten',
    file: 'src/custom-credential/keep.ts',
    find: "    ...lost.map((owed) => ({ kind: 'recordOrphan', owed }) as const),\n",
    replace: '',
  },
  {
    name: 'jobs-never-released',
    says: 'The finalizer of a Job that is accounted for is never taken off.',
    pattern: 'stuck',
    file: 'src/custom-credential/steps.ts',
    find: "    ...recorded.map((run) => ({ kind: 'releaseJob', run }) as const),\n",
    replace: '',
  },
]
