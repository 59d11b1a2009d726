/** How a provider's container ends. Everything but 0 makes the Job fail; the engine acts on the task's status alone. */
export const ExitCode = {
  /** The task gateway has accepted the credential or the deletion. */
  done: 0,
  /** The task gateway has accepted the report that the task failed. */
  failed: 1,
  /** The environment is not that of a task: nothing was done. */
  misconfigured: 2,
  /** The task takes no report any more (cancelled, timed out): what was made has been deleted again. */
  refused: 3,
  /** What this run made, if anything, is not known to be recorded or deleted: the engine finds it. */
  undecided: 4,
  /** Told to stop (SIGTERM) before the outcome was known. */
  stopped: 143,
} as const
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode]
