import type { Mutant } from './mutant.ts'

/** Bugs in the provider kit: the holes that providers have had which were written by hand. */
export const provider: readonly Mutant[] = [
  {
    name: 'undo-on-lost-answer',
    says: 'A provider whose report was not answered undoes what it made, though the report may have been accepted.',
    pattern: 'ambiguous outcome',
    file: 'src/provider-kit/delivery.ts',
    find: 'const decision = answer instanceof Error ? undefined : judge(answer)',
    replace: "const decision = answer instanceof Error ? ('refused' as T) : judge(answer)",
  },
  {
    name: 'failure-is-nothing',
    says: 'A provider that had no answer from its upstream reports that nothing was made.',
    pattern: 'ambiguous outcome',
    file: 'src/provider-kit/create.ts',
    find: "const nothing = left === 'unknown' ? error instanceof ProviderError : left.length === 0",
    replace: "const nothing = left !== 'unknown' || left.length > 0",
  },
  {
    name: 'creates-again',
    says: 'A provider that had no answer from its upstream creates a second time.',
    pattern: 'repetition',
    file: 'src/provider-kit/create.ts',
    find: 'made = await provider.createCredentials(run)',
    replace: 'made = await provider.createCredentials(run).catch(() => provider.createCredentials(run))',
  },
  {
    name: 'other-pod-undone',
    says: 'A pod that finds the credential there already deletes it, though another pod of its run has made it.',
    pattern: 'mistaken identity',
    file: 'src/provider-kit/create.ts',
    find: 'return error instanceof CredentialsExistError ? awaitOtherPod(session) : endFailed(session, error)',
    replace:
      'if (error instanceof CredentialsExistError) await undo(session, { id: `cred-${run.taskId}`, payload: {} })\n' +
      '    return endFailed(session, error)',
  },
  {
    name: 'found-and-left',
    says: 'What was found of an unknown run is not deleted, and reported as deleted.',
    pattern: 'forgotten',
    file: 'src/provider-kit/remove.ts',
    find: '    for (const credentialsId of found) await provider.deleteCredentials({ ...run, credentialsId, originTaskId })\n',
    replace: '',
  },
  {
    name: 'failed-deletion-is-success',
    says: 'A provider whose deletion has failed reports that the credential is gone.',
    pattern: 'ambiguous outcome',
    file: 'src/provider-kit/remove.ts',
    find: 'return sendFailure(session, failureOf(error))\n  }\n  return sendDeleted(session)',
    replace: 'return sendDeleted(session)\n  }\n  return sendDeleted(session)',
  },
]
