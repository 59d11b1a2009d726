import type { Mutant } from './mutant.ts'

/** Bugs in the task gateway, and in what it puts into custody. */
export const reports: readonly Mutant[] = [
  {
    name: 'refusal-forgotten-during-the-run',
    says: 'The record of a refused report is removed while its task still runs, before a status names what it did.',
    pattern: 'order of writes',
    file: 'src/custom-credential/steps.ts',
    find: ' && origin !== undefined && !running.has(taskId),',
    replace: ' && origin !== undefined && (running.has(taskId) || !running.has(taskId)),',
  },
  {
    name: 'refused-by-the-cache',
    says: 'A replica that is behind refuses a report by what it knows, and does not look again.',
    pattern: 'stale read',
    file: 'src/gateway/reports.ts',
    find: "verdict.do === 'refuse' && !fresh",
    replace: "verdict.do === 'refuse' && !fresh && facts.stored !== undefined",
  },
  {
    name: 'acknowledge-before-storing',
    says: 'A report is acknowledged though nothing was put into custody.',
    pattern: 'order of writes',
    file: 'src/gateway/reports.ts',
    find: 'await keepVersion(custodyOf(ports), identity, verdict.version)',
    replace: 'verdict.version',
  },
  {
    name: 'task-ended-before-custody',
    says: 'The task is ended first, and the payload put into custody afterwards.',
    pattern: 'order of writes',
    file: 'src/gateway/reports.ts',
    find: 'return { facts: { ...facts, stored: await keepVersion(custodyOf(ports), identity, verdict.version) } }',
    replace:
      "{\n        const end = { state: 'credentials_created', credentialsId: verdict.version.credentialsId }\n" +
      "        const ended = await endTask(ports, { run, task }, { do: 'end', end, version: verdict.version })\n" +
      "        if (ended !== 'read-again') await keepVersion(custodyOf(ports), identity, verdict.version)\n" +
      '        return ended\n      }',
  },
  {
    name: 'refusal-without-record',
    says: 'A report is refused although what it names could not be recorded.',
    pattern: 'order of writes',
    file: 'src/gateway/refusal.ts',
    find: 'await recordRefusal(custodyOf(ports), { id: run.id, spec: task?.spec ?? run.spec }, credentialsId)',
    replace:
      'await recordRefusal(custodyOf(ports), { id: run.id, spec: task?.spec ?? run.spec }, credentialsId).catch(() => undefined)',
  },
  {
    name: 'record-gone-is-cancelled',
    says: 'A report whose task has no record any more is an order to undo what consumers use.',
    pattern: 'mistaken identity',
    file: 'src/gateway/judgement.ts',
    find: "if (account !== 'none' && account.credentialsId === report.credentialsId) return { do: 'acknowledge' }",
    replace: '',
  },
  {
    name: 'report-kept-in-memory',
    says: 'A report is acknowledged once it is in custody, and the task ended only in memory.',
    pattern: 'order of writes',
    file: 'src/gateway/reports.ts',
    find: 'const written = await writeTaskStatus(ports.api, task, status)',
    replace: 'const written = { ...task, status }',
  },
  {
    name: 'late-refusal-shown',
    says: 'A refused report is noted on its task although the task has ended.',
    pattern: 'lost update',
    file: 'src/gateway/refusal.ts',
    find: "if (task?.status.state === 'processing') await explain",
    replace: 'if (task !== undefined) await explain',
  },
  {
    name: 'any-answer-is-yes',
    says: 'Credentials are acknowledged although the same run has reported others, which are kept.',
    pattern: 'mistaken identity',
    file: 'src/gateway/judgement.ts',
    find: "return refuse('invalid_report', 'other credentials were reported for this task before: undo these')",
    replace:
      "return { do: 'end', end: { state: 'credentials_created', credentialsId: stored.credentialsId }, version: stored }",
  },
  {
    name: 'ended-task-takes-reports',
    says: 'A report that comes after the end of its task is acknowledged.',
    pattern: 'mistaken identity',
    file: 'src/gateway/judgement.ts',
    find: "return refuse('task_ended', `the task has ended as ${how}: undo what this run made`)",
    replace: "return how === '' ? refuse('task_ended', how) : { do: 'acknowledge' }",
  },
  {
    name: 'cancelled-task-takes-reports',
    says: 'A report is acknowledged although its task is gone.',
    pattern: 'ambiguous outcome',
    file: 'src/gateway/reports.ts',
    find: 'if (task === undefined) throw new Error(`verdict "${verdict.do}" on a task that is gone`)',
    replace: '',
    also: {
      file: 'src/gateway/judgement.ts',
      find: "return refuse('task_not_found', 'the task was cancelled: undo its work')",
      replace: "return { do: 'acknowledge' }",
    },
  },
  {
    name: 'gateway-stumbles',
    says: 'What the gateway cannot judge is refused, which orders the provider to undo its work.',
    pattern: 'ambiguous outcome',
    file: 'src/gateway/app.ts',
    find: 'const failure = error instanceof Failure ? error : unavailable(ports, error)',
    replace:
      "const failure = error instanceof Failure ? error : new Failure('invalid_report', 'the report was not taken')",
  },
  {
    name: 'race-is-refusal',
    says: 'A report whose own write was not answered is refused, though it may have been accepted.',
    pattern: 'ambiguous outcome',
    file: 'src/gateway/reports.ts',
    find: "if (isConflict(error) || isNotFound(error) || (error instanceof ApiError && error.ambiguous)) return 'read-again'",
    replace: "if (error instanceof ApiError) throw new Failure('task_ended', 'the task has been changed by others')",
  },
  {
    name: 'stale-cache-turns-away',
    says: 'A pod that a cache does not know yet is a stranger.',
    pattern: 'stale read',
    file: 'src/gateway/identity.ts',
    find: "const run = typeof cached === 'string' ? await findRun(ports, { caller, taskId, fresh: true }) : cached",
    replace: 'const run = cached',
    also: {
      file: 'src/gateway/identity.ts',
      find: '(fresh ? undefined : cache.get(key)) ?? orAbsent(ports.api.get(resource, key))',
      replace: 'cache.get(key) ?? (fresh ? orAbsent(ports.api.get(resource, key)) : undefined)',
    },
  },
]
