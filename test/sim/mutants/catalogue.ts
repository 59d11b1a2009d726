/** A bug planted in the production code: `find` stands exactly once in `file`, and `replace` takes its place. */
export interface Mutant {
  readonly name: string
  readonly says: string
  readonly file: string
  readonly find: string
  readonly replace: string
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'drop-the-claim',
    says: 'The Job is created without a durable claim before it.',
    file: 'src/secret-task/act.ts',
    find: 'await writeTaskStatus(api, s.task, decision.status)\n      memory',
    replace: '{ ...s.task, status: decision.status }\n      memory',
  },
  {
    name: 'fence-that-runs',
    says: 'The Job that only holds the name after a restart is not suspended.',
    file: 'src/secret-task/act.ts',
    find: 'createJob(ports, s.task, true)',
    replace: 'createJob(ports, s.task, false)',
  },
  {
    name: 'acknowledge-before-storing',
    says: 'A report is acknowledged though nothing was put into custody.',
    file: 'src/gateway/reports.ts',
    find: 'await keepVersion(custody, identity, verdict.version)',
    replace: 'verdict.version',
  },
  {
    name: 'finalizer-removed-early',
    says: "A credential's finalizer goes while something is still owed upstream.",
    file: 'src/custom-credential/wind-down.ts',
    find: 'ledger.unresolved.length === 0 && isIdle(s)',
    replace: 'isIdle(s)',
  },
  {
    name: 'silence-is-nothing',
    says: 'A run that ended without a report is taken to have made nothing.',
    file: 'src/secret-task/decide.ts',
    find: "const outcome = s.neverStarted ? 'Nothing' : 'Unknown'\n  const timedOut",
    replace: "const outcome = 'Nothing'\n  const timedOut",
  },
  {
    name: 'status-without-precondition',
    says: 'A task is ended whatever has become of it since it was read.',
    file: 'src/secret-task/end.ts',
    find: "      { op: 'replace', path: '/metadata/resourceVersion', value: task.metadata.resourceVersion },\n",
    replace: '',
  },
  {
    name: 'job-made-again',
    says: 'A Job that was there and is gone is created again.',
    file: 'src/secret-task/decide.ts',
    find: 'if (s.jobCreated)',
    replace: 'if (s.jobCreated && s.now === 0)',
  },
  {
    name: 'job-without-finalizer',
    says: 'A Job can vanish before its outcome is recorded.',
    file: 'src/secret-task/job.ts',
    find: 'finalizers: [finalizer.jobRelease]',
    replace: 'finalizers: []',
  },
]
