import { describe, expect, it } from 'vitest'
import type { SecretTaskStatus } from '../../../src/api/generated.ts'
import { annotation, finalizer, label } from '../../../src/api/labels.ts'
import type { Job, Pod } from '../../../src/api/resources.ts'
import { decide, POD_PATIENCE_MS, type TaskDecision, type TaskSnapshot } from '../../../src/secret-task/decide.ts'
import type { Turn } from '../../../src/secret-task/throttle.ts'
import { at, START, pinned } from '../../support/builders.ts'
import { aCreation } from '../../support/builders-tasks.ts'
import { jobOf, podOf } from '../../support/task-run.ts'

const queued = aCreation().queued().object
const processing = aCreation().processing().object
const TIMEOUT_MS = processing.spec.timeoutSeconds * 1000

const job = (more: Partial<Job> = {}, metadata: Partial<Job['metadata']> = {}): Job => {
  const made = jobOf(processing)
  return { ...made, ...more, metadata: { ...made.metadata, finalizers: [finalizer.jobRelease], ...metadata } }
}
const ended = (type: 'Complete' | 'Failed' | 'FailureTarget', reason = ''): Job =>
  job({ status: { conditions: [{ type, status: 'True', reason, message: 'as the Job controller says' }] } })
const suspended = job({ spec: { suspend: true, template: {} } })
const fence = { ...suspended, metadata: { ...suspended.metadata, annotations: { [annotation.fence]: 'true' } } }
const deleted = job({}, { deletionTimestamp: at() })
const stopping = job({}, { deletionTimestamp: at(), annotations: { [annotation.stopped]: 'true' } })
const pod = (status: Pod['status'] & {} = { phase: 'Running' }): Pod => ({ ...podOf(job()), status })
const container = (state: object) => ({
  name: 'provider',
  image: '',
  imageID: '',
  ready: false,
  restartCount: 0,
  state,
})

const at0: TaskSnapshot = {
  now: START,
  task: processing,
  ordered: true,
  turn: { given: true },
  job: undefined,
  pods: [],
  claimedHere: true,
  jobCreated: false,
  elapsedMs: 0,
  neverStarted: false,
  podRefusal: undefined,
  jobRefusal: undefined,
}
const running: Partial<TaskSnapshot> = { job: job(), jobCreated: true, pods: [pod()], elapsedMs: 5000 }

const wait = (wakeInMs: unknown = Infinity): TaskDecision => ({ kind: 'wait', wakeInMs: wakeInMs as number })
const failed = (code: string, outcome: 'Nothing' | 'Unknown') => ({
  kind: 'end',
  status: expect.objectContaining({ state: 'failed', outcome, errors: [expect.objectContaining({ code })] }) as unknown,
})
const explained = (message: unknown) => ({ kind: 'explain', status: { ...processing.status, message } })

type Table = Record<string, [Partial<TaskSnapshot>, unknown]>
const check = (table: Table) => {
  it.each(Object.entries(table))('%s', (_, [more, decision]) => {
    expect(decide({ ...at0, ...more })).toEqual(decision)
  })
}

describe('a queued task', () => {
  const another: Turn = { given: false, why: 'Another one runs.' }
  const waiting = { ...queued, status: { ...queued.status, message: 'Waits for its turn. Another one runs.' } }
  const status: SecretTaskStatus = { state: 'processing', startedAt: at(), deadline: at('10m') }
  check({
    'is claimed before anything is made (S2)': [{ task: queued }, { kind: 'claim', status }],
    'waits where it is not its turn': [
      { task: queued, turn: another },
      { kind: 'wait', wakeInMs: 3000 },
    ],
    'says why, once it has waited for a moment': [
      { task: queued, turn: another, now: START + 3000 },
      { kind: 'explain', status: { state: 'queued', message: 'Waits for its turn. Another one runs.' } },
    ],
    'says so once': [
      { task: waiting, turn: another, now: START + 3000 },
      { kind: 'wait', wakeInMs: Infinity },
    ],
    'says nothing of it any more when it begins': [{ task: waiting }, { kind: 'claim', status }],
    'that the operator did not order is never run': [{ task: queued, ordered: false }, failed('NotOrdered', 'Nothing')],
  })
})

describe('a claimed task without a Job', () => {
  check({
    'gets its Job from the process that claimed it': [{}, { kind: 'createJob' }],
    'is given up where the API server has neither taken nor refused its Job in all that time': [
      { elapsedMs: TIMEOUT_MS },
      failed('TaskTimedOut', 'Unknown'),
    ],
    'is fenced off by any other process, since a Job may have been there': [{ claimedHere: false }, { kind: 'fence' }],
    'whose Job has been seen never gets another one (S1)': [{ jobCreated: true }, failed('JobDeleted', 'Unknown')],
    'whose Job the API server refuses has made nothing': [{ jobRefusal: 'quota' }, failed('JobRejected', 'Nothing')],
    'whose fence is refused may have a Job of another process on its way': [
      { jobRefusal: 'quota', claimedHere: false },
      failed('JobRejected', 'Unknown'),
    ],
    'was ordered when it was claimed: that its obligation has moved since does not end it': [
      { ...running, ordered: false },
      wait(TIMEOUT_MS - 5000),
    ],
  })
})

describe('a task whose name a Job bears', () => {
  check({
    'goes by the Job, not by a refusal: the one that is there may be what has used up the quota': [
      { ...running, jobRefusal: 'quota' },
      wait(TIMEOUT_MS - 5000),
    ],
    'has made nothing if that Job is somebody else’s': [
      { job: job({}, { labels: {} }) },
      failed('JobNameTaken', 'Nothing'),
    ],
    'may have made something if that Job was made for an earlier task of this name': [
      { job: job({}, { labels: { [label.taskUid]: 'an earlier one' } }) },
      failed('JobNameTaken', 'Unknown'),
    ],
    'goes on though somebody has taken the finalizer off': [
      { ...running, job: job({}, { finalizers: [] }) },
      wait(TIMEOUT_MS - 5000),
    ],
    'goes on after a restart of the operator': [{ ...running, claimedHere: false, jobCreated: false }, wait(595_000)],
    'is waited for where somebody else has suspended the Job before it began': [
      { ...running, job: suspended, pods: [], neverStarted: true },
      explained(expect.stringContaining('suspended by somebody else')),
    ],
    'ends as unknown where somebody has suspended the Job that had begun: resumed, it would begin anew': [
      { ...running, job: suspended, pods: [] },
      failed('Interrupted', 'Unknown'),
    ],
    'ends as unknown where the Job is only a fence': [
      { job: fence, claimedHere: false },
      failed('Interrupted', 'Unknown'),
    ],
  })
})

describe('a running task', () => {
  const waiting = container({ waiting: { reason: 'ImagePullBackOff', message: 'no such image' } })
  const pulling = { ...running, pods: [pod({ phase: 'Pending', containerStatuses: [waiting] })] }
  const podless: Partial<TaskSnapshot> = { job: job(), jobCreated: true, elapsedMs: POD_PATIENCE_MS }
  const why = 'container provider: ImagePullBackOff: no such image'
  const provider = { ...pinned, kind: 'ClusterCredentialsProvider' } as const
  const theirs = aCreation().processing().spec({ provider, jobNamespace: 'vault' }).object
  check({
    'is waited for until its time-out': [running, wait(TIMEOUT_MS - 5000)],
    'says why its pod does not get going': [pulling, explained(why)],
    'says so once': [
      { ...pulling, task: aCreation().status({ ...processing.status, message: why }).object },
      wait(TIMEOUT_MS - 5000),
    ],
    'is given a moment to get its pod': [{ ...podless, elapsedMs: 1000 }, wait(POD_PATIENCE_MS - 1000)],
    'is probed for what keeps its pod away': [podless, { kind: 'probePod' }],
    'says what keeps its pod away': [{ ...podless, podRefusal: 'exceeded quota' }, explained('exceeded quota')],
    'of a cluster provider says no more than the word for it, and who sees more': [
      { ...pulling, task: theirs },
      {
        kind: 'explain',
        status: {
          ...processing.status,
          message: 'ImagePullBackOff. Its administrator sees more: kubectl describe ccprov postgres',
        },
      },
    ],
    'of a cluster provider names no quota of its administrator': [
      { ...podless, task: theirs, podRefusal: 'exceeded quota' },
      explained(expect.stringMatching(/^PodRefused\. Its administrator/)),
    ],
    'whose pod nothing keeps away is waited for': [{ ...podless, podRefusal: '' }, wait(TIMEOUT_MS - 3000)],
  })
})

describe('a task whose Job has ended without a report', () => {
  const terminated = container({ terminated: { exitCode: 3, reason: 'Error', startedAt: at() } })
  const exited = { ...running, job: ended('Failed'), pods: [pod({ phase: 'Failed', containerStatuses: [terminated] })] }
  check({
    'may have made something': [exited, failed('NoReport', 'Unknown')],
    'may have made something though the container exited well': [
      { ...running, job: ended('Complete'), pods: [pod({ phase: 'Succeeded' })] },
      failed('NoReport', 'Unknown'),
    ],
    'is not judged before the news of its pod are there': [{ ...exited, pods: [pod()] }, wait(TIMEOUT_MS - 5000)],
    'has made nothing if no container ever began': [{ ...exited, neverStarted: true }, failed('NoReport', 'Nothing')],
    'is timed out if the Job’s own deadline ended it': [
      { ...exited, job: ended('Failed', 'DeadlineExceeded') },
      failed('TaskTimedOut', 'Unknown'),
    ],
    'says so if the Job was deleted by hand': [
      { ...running, job: stopping, pods: [] },
      failed('JobDeleted', 'Unknown'),
    ],
    'is not judged while a pod of the deleted Job is at work': [{ ...running, job: stopping }, wait(TIMEOUT_MS - 5000)],
    'has a Job that was deleted by hand stopped for good first, whatever pods are known': [
      { ...running, job: deleted, pods: [] },
      { kind: 'stopJob' },
    ],
  })

  it('says how the container exited', () => {
    const decision = decide({ ...at0, ...exited })
    expect(decision).toMatchObject({
      status: { errors: [{ description: expect.stringContaining('Error, exit code 3') as unknown }] },
    })
  })

  it('names its Job, by which its pods and logs are found', () => {
    const jobRef = { namespace: 'team-a', name: processing.metadata.name, uid: 'job-uid' }
    expect(decide({ ...at0, ...exited })).toMatchObject({ status: { jobRef } })
  })
})

describe('a task that is overdue', () => {
  const overdue = { ...running, elapsedMs: TIMEOUT_MS }
  check({
    'has its Job stopped first, and is judged then': [overdue, { kind: 'stopJob' }],
    'waits for the pods that are being stopped': [{ ...overdue, job: stopping }, wait(60_000)],
    'is timed out once they are gone': [{ ...overdue, job: stopping, pods: [] }, failed('TaskTimedOut', 'Unknown')],
    'has made nothing if no container ever began': [
      { ...overdue, job: { ...stopping, status: { startTime: at() } }, pods: [], neverStarted: true },
      failed('TaskTimedOut', 'Nothing'),
    ],
    'may have made something where nobody has counted its pods': [
      { ...overdue, job: stopping, pods: [], neverStarted: true },
      failed('TaskTimedOut', 'Unknown'),
    ],
    'does not wait for ever for a node that does not answer': [
      { ...overdue, job: stopping, elapsedMs: TIMEOUT_MS + 60_000, neverStarted: true },
      failed('TaskTimedOut', 'Unknown'),
    ],
  })
})

describe('a task that has ended (S3)', () => {
  const created = aCreation().created().object
  const lost = aCreation().failed('Unknown').object
  const refused = aCreation().failed('Nothing', at()).object
  const beside = (provider: object, name = 'provider') =>
    pod({
      phase: 'Running',
      containerStatuses: [
        { ...container({ running: {} }), name: 'proxy' },
        { ...container(provider), name },
      ],
    })
  const rotator = { ...running, job: job({ spec: jobOf(processing, 'rotator').spec as Job['spec'] & {} }) }
  check({
    'is left alone': [{ task: created, job: ended('Complete') }, wait()],
    'lets the container that reported come to its end': [{ ...running, task: created }, wait()],
    'lets a container that has reported a failure come to its end, so that its log stays': [
      { ...running, task: refused, now: START + 10_000 },
      wait(20_000),
    ],
    'does not wait for an end that a clock noted which has been set back': [
      { ...running, task: refused, now: START - 60_000 },
      { kind: 'stopJob' },
    ],
    'stops it where it does not': [{ ...running, task: refused, now: START + 30_000 }, { kind: 'stopJob' }],
    'stops what goes on beside a provider that is done, such as the proxy of a service mesh': [
      { ...running, task: created, pods: [beside({ terminated: { exitCode: 0 } })] },
      { kind: 'stopJob' },
    ],
    'stops what goes on beside a provider of whatever name': [
      { ...rotator, task: created, pods: [beside({ terminated: { exitCode: 0 } }, 'rotator')] },
      { kind: 'stopJob' },
    ],
    'lets a provider go on whose proxy is at work': [
      { ...running, task: created, pods: [beside({ running: {} })] },
      wait(),
    ],
    'stops what is still at work if it failed': [{ ...running, task: lost }, { kind: 'stopJob' }],
    'waits for news of a pod whose Job is over': [{ ...running, task: lost, job: ended('Failed') }, wait()],
    'stops one that the Job controller has given up and that does not go': [
      { ...running, task: created, job: ended('FailureTarget') },
      { kind: 'stopJob' },
    ],
    'leaves one that the Job controller has given up to it when its pod has gone': [
      { ...running, pods: [], task: created, job: ended('FailureTarget') },
      wait(),
    ],
    'stops a pod that was cut loose, whose Job is over without it': [
      { ...running, task: created, job: { ...ended('Failed'), metadata: deleted.metadata } },
      { kind: 'stopJob' },
    ],
    'stops it though somebody has taken the finalizer off': [
      { ...running, task: lost, job: job({}, { finalizers: [] }) },
      { kind: 'stopJob' },
    ],
    'leaves somebody else’s Job alone': [{ ...running, task: lost, job: job({}, { labels: {} }) }, wait()],
    'takes its fence away': [{ task: lost, job: fence }, { kind: 'stopJob' }],
    'is left alone whatever was not ordered': [{ task: created, ordered: false }, wait()],
  })
})

it('never holds more than a condition may: a refusal is cut, and said once', () => {
  const refused = { ...at0, job: job(), jobCreated: true, elapsedMs: 3000, podRefusal: `${'x'.repeat(1023)}🔑` }
  const first = decide(refused)
  const status = first.kind === 'explain' ? first.status : aCreation().object.status
  expect(status.message).toBe(`${'x'.repeat(1023)}\uFFFD`)
  expect(decide({ ...refused, task: { ...refused.task, status } })).toMatchObject({ kind: 'wait' })
})
