import { describe, expect, it } from 'vitest'
import type { Job } from '../../../src/api/resources.ts'
import { openLedger } from '../../../src/custom-credential/ledger.ts'
import { decide as decideCredential } from '../../../src/custom-credential/decide.ts'
import { decide, type TaskSnapshot } from '../../../src/secret-task/decide.ts'
import { GONE_TASK, TASK_ERRORS, type TaskErrorCode } from '../../../src/secret-task/error-codes.ts'
import { START } from '../../support/builders.ts'
import { aSnapshot } from '../../support/builders-snapshot.ts'
import { aCreation } from '../../support/builders-tasks.ts'
import { jobOf } from '../../support/task-run.ts'

const queued = aCreation().queued().object
const processing = aCreation().processing().object
const job = jobOf(processing)
const foreign: Job = { ...job, metadata: { ...job.metadata, labels: {} } }
const running: TaskSnapshot = {
  now: START,
  task: processing,
  ordered: true,
  turn: { given: true },
  job,
  pods: [],
  claimedHere: true,
  jobCreated: true,
  elapsedMs: 5000,
  neverStarted: false,
  podRefusal: undefined,
  jobRefusal: undefined,
}
const unmade = { ...running, job: undefined, jobCreated: false }
const ended = { status: { conditions: [{ type: 'Complete', status: 'True', reason: '', message: '' }] } }

/** A situation for each: the type leaves none out. */
const REACHED: Readonly<Record<TaskErrorCode, TaskSnapshot>> = {
  TaskTimedOut: { ...unmade, elapsedMs: processing.spec.timeoutSeconds * 1000 },
  NoReport: { ...running, job: { ...job, ...ended } },
  JobRejected: { ...unmade, jobRefusal: 'exceeded quota' },
  JobDeleted: { ...running, job: undefined },
  JobNameTaken: { ...unmade, job: foreign },
  Interrupted: { ...running, job: { ...job, spec: { suspend: true, template: {} } } },
  NotOrdered: { ...unmade, task: queued, ordered: false },
}

const codesIn = (s: TaskSnapshot): readonly string[] => {
  const decision = decide(s)
  return decision.kind === 'end' ? (decision.status.errors ?? []).map(({ code }) => code) : []
}

describe('each code that the operator gives to an error of a task', () => {
  it.each(Object.entries(REACHED))('%s is reached', (code, snapshot) => {
    expect(codesIn(snapshot)).toEqual([code])
  })

  it('is told with what it means and what to do', () => {
    for (const { means, remedy } of Object.values({ ...TASK_ERRORS, ...GONE_TASK })) {
      expect(means).toMatch(/^[A-Z].*\.$/)
      expect(remedy).toMatch(/^[A-Z].*\.$/)
    }
  })

  it.each(Object.keys(GONE_TASK))('%s is reached where its task is gone, and has no errors any more', (code) => {
    const { snapshot } = aSnapshot().jobs(aCreation(1).job())
    expect(openLedger(decideCredential(snapshot).status).lastFailure?.code).toBe(code)
  })
})
