import { isDeepStrictEqual } from 'node:util'
import type { CustomCredential, SecretTask } from '../../../src/api/generated.ts'
import { label } from '../../../src/api/labels.ts'
import { CustomCredentials, Jobs, SecretTasks } from '../../../src/api/resources.ts'
import type { Checker, Invariant } from '../observe/invariant.ts'
import { type Change, changeOf, first, isOperator } from './reading.ts'

const stateOf = ({ status }: SecretTask) => status.state

const ENDS: readonly string[] = ['credentials_created', 'credentials_deleted', 'failed']

/** From queued a task fails where the operator never ordered it. */
const NEXT: Readonly<Record<string, readonly string[]>> = { queued: ['processing', 'failed'], processing: ENDS }

function oneRunPerTask(): Checker {
  const jobs = new Map<string, string>()
  const fences = new Set<string>()
  return {
    on(fact) {
      const job = changeOf(fact, Jobs)
      if (job?.type === 'added' && job.object.spec?.suspend === true) fences.add(job.object.metadata.uid)
      if (fact.kind !== 'container' || fact.type !== 'started') return undefined
      const { taskId, jobUid } = fact
      if (fences.has(jobUid)) return `a container of ${taskId} started for Job ${jobUid}, which is a fence`
      const ran = jobs.get(taskId) ?? jobUid
      jobs.set(taskId, ran)
      return ran === jobUid ? undefined : `a container of ${taskId} started for Job ${jobUid} after one for Job ${ran}`
    },
  }
}

function claimedFirst(): Checker {
  const claimed = new Set<string>()
  return {
    on(fact) {
      const task = changeOf(fact, SecretTasks)
      if (task && stateOf(task.object) === 'processing' && task.object.status.deadline !== undefined) {
        claimed.add(task.object.metadata.uid)
      }
      const job = changeOf(fact, Jobs)
      if (job?.type !== 'added' || !isOperator(job.by) || job.object.spec?.suspend === true) return undefined
      const { name, labels } = job.object.metadata
      return claimed.has(labels?.[label.taskUid] ?? '') ? undefined : `Job ${name} was made for a task never claimed`
    },
  }
}

const settledForGood = (): Checker => ({
  on(fact) {
    const task = changeOf(fact, SecretTasks)
    if (task?.type !== 'changed' || task.previous === undefined || !ENDS.includes(stateOf(task.previous))) return
    // What comes to light about a run after its end may be noted.
    const { suspect: _then, ...then } = task.previous.status
    const { suspect: _now, ...now } = task.object.status
    if (isDeepStrictEqual(then, now)) return
    return `the status of ${task.object.metadata.name} changed after it had ended as ${then.state}`
  },
})

const inOrder = (): Checker => ({
  on(fact) {
    const task = changeOf(fact, SecretTasks)
    if (task === undefined || task.type === 'deleted') return undefined
    const from = task.previous && stateOf(task.previous)
    const to = stateOf(task.object)
    const allowed = from === undefined ? ['queued'] : [from, ...(NEXT[from] ?? [])]
    return allowed.includes(to) ? undefined : `${task.object.metadata.name} went from ${from ?? 'nothing'} to ${to}`
  },
})

const noCompetingRuns = (): Checker => ({
  on(fact, state) {
    const task = changeOf(fact, SecretTasks)
    if (task === undefined || task.type === 'deleted' || stateOf(task.object) !== 'processing') return undefined
    const { metadata, spec } = task.object
    const running = (competes: (other: SecretTask) => boolean) =>
      first(
        state,
        SecretTasks,
        (other) => other.metadata.name !== metadata.name && stateOf(other) === 'processing' && competes(other),
      )
    const rival = running((other) =>
      spec.type === 'create_credentials'
        ? other.spec.originTaskId === metadata.name ||
          (other.spec.type === spec.type && other.spec.credential.uid === spec.credential.uid)
        : other.metadata.name === spec.originTaskId,
    )
    return rival && `${metadata.name} is processing while ${rival.metadata.name} is`
  },
})

/** What was ordered before may still be written by a process that has not heard of it. */
const HEARD_MS = 60_000

/** That a watch has fallen silent is noticed after two and a half minutes. */
const SILENCE_MS = 3 * 60_000

const isHalted = ({ metadata, spec }: CustomCredential): boolean =>
  spec.suspend === true && spec.revokeIssuedBefore === undefined && metadata.deletionTimestamp === undefined

/** Made, or claimed after it has waited. */
const isBegun = ({ type, object, previous }: Change<SecretTask>): boolean =>
  type === 'added' || (previous?.status.state === 'queued' && object.status.state === 'processing')

function noneWhileSuspended(): Checker {
  const since = new Map<string, number>()
  return {
    on(fact, state) {
      const change = changeOf(fact, CustomCredentials)
      if (change) {
        const { metadata } = change.object
        if (!isHalted(change.object) || change.type === 'deleted') since.delete(metadata.uid)
        else if (!since.has(metadata.uid)) since.set(metadata.uid, state.now)
      }
      const task = changeOf(fact, SecretTasks)
      if (task === undefined || !isBegun(task) || task.object.metadata.labels?.[label.orphan] !== undefined)
        return undefined
      const begun = since.get(task.object.spec.credential.uid) ?? Infinity
      if (state.now - begun < HEARD_MS || state.now - state.troubledAt < SILENCE_MS) return undefined
      return `${task.object.metadata.name} was ${task.type} though ${task.object.spec.credential.name} is suspended`
    },
  }
}

export const runs: readonly Invariant[] = [
  {
    id: 'S24 suspended',
    says: 'No task is made for a credential that is suspended, and none begins that has waited.',
    begin: noneWhileSuspended,
  },
  {
    id: 'S1',
    says: 'Containers start for one Job at most of each task ID, ever, and never for a fence.',
    begin: oneRunPerTask,
  },
  {
    id: 'S2',
    says: 'A Job that can run is made only for a task whose claim, with its deadline, is durable.',
    begin: claimedFirst,
  },
  {
    id: 'S3',
    says: 'The status of a task that has ended never changes, save to note that its result is suspect.',
    begin: settledForGood,
  },
  {
    id: 'S4',
    says: 'A task goes from queued over processing to one end; one that nobody ordered fails at once.',
    begin: inOrder,
  },
  {
    id: 'S13',
    says: 'A credential has one creation under way at most, and nothing deletes what is just being created.',
    begin: noCompetingRuns,
  },
]
