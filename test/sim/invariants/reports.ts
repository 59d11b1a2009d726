import { annotation, CustodyKind, label } from '../../../src/api/labels.ts'
import { CustomCredentials, Jobs, OrphanedCredentials, Pods, Secrets, SecretTasks } from '../../../src/api/resources.ts'
import type { Fact, ReportAnswered } from '../observe/facts.ts'
import type { Checker, Invariant } from '../observe/invariant.ts'
import type { State } from '../observe/state.ts'
import { changeOf, first, isOpen, isOperator, untilRobbed } from './reading.ts'

/** What there is to know of a task by its UID, also when it is gone. */
interface Ended {
  readonly state: string
  readonly credentialsId: string | undefined
}

/** All that a refusal or an acknowledgement has to rest on, as it became durable. */
function records() {
  const taskOfJob = new Map<string, string>()
  const jobOfPod = new Map<string, string>()
  const ended = new Map<string, Ended>()
  /** `task/credentialsId` of what was refused, and credentials IDs of what is kept. */
  const refused = new Set<string>()
  const kept = new Set<string>()
  const learnSecret = (fact: Fact): void => {
    const { labels, annotations } = changeOf(fact, Secrets)?.object.metadata ?? {}
    const id = annotations?.[annotation.credentialsId] ?? ''
    const kind = labels?.[label.custody]
    if (kind === CustodyKind.refused) refused.add(`${labels?.[label.task]}/${id}`)
    if (kind === CustodyKind.version) kept.add(id)
  }
  return {
    ended,
    isRecorded: (taskId: string, credentialsId: string) =>
      kept.has(credentialsId) || refused.has(`${taskId}/${credentialsId}`),
    /** UID of the task whose Job the pod belongs to. */
    taskOf: (podUid: string) => taskOfJob.get(jobOfPod.get(podUid) ?? ''),
    learn(fact: Fact): void {
      if (fact.kind === 'container') jobOfPod.set(fact.podUid, fact.jobUid)
      if (fact.kind !== 'object') return
      const job = changeOf(fact, Jobs)
      if (job) taskOfJob.set(job.object.metadata.uid, job.object.metadata.labels?.[label.taskUid] ?? '')
      const task = changeOf(fact, SecretTasks)
      if (task && !isOpen(task.object.status.state)) {
        const { state, result } = task.object.status
        ended.set(task.object.metadata.uid, {
          state,
          credentialsId: result?.credentialsId,
        })
      }
      learnSecret(fact)
    },
  }
}

type Records = ReturnType<typeof records>

/** The task of that UID may still be ended by a report. */
const isUnderWay = (state: State, taskId: string, taskUid: string, isIn = isOpen): boolean =>
  [...state.all(SecretTasks).values()].some(
    ({ metadata, status }) =>
      metadata.name === taskId &&
      metadata.uid === taskUid &&
      isIn(status.state) &&
      metadata.deletionTimestamp === undefined,
  )

function wrongAcceptance({ taskId, credentialsId }: ReportAnswered, end: Ended | undefined): string | undefined {
  const what = `a report of ${credentialsId ?? 'an end'} was accepted for ${taskId}`
  if (end === undefined) return `${what}, which has not ended`
  if (credentialsId !== undefined && end.state !== 'credentials_deleted' && end.credentialsId !== credentialsId) {
    return `${what}, which has ended as ${end.state} with ${end.credentialsId ?? 'nothing'}`
  }
  return undefined
}

/** Of whoever could be told who they are: 401 and 403 are for strangers. */
function wrongRefusal(
  { taskId, credentialsId, code }: ReportAnswered,
  {
    isRecorded,
    isTaskUnderWay,
  }: {
    readonly isRecorded: Records['isRecorded']
    readonly isTaskUnderWay: boolean
  },
): string | undefined {
  if (code === 404 && isTaskUnderWay) return `${taskId} was said to be gone while it was under way`
  const isSafe = credentialsId === undefined || isRecorded(taskId, credentialsId)
  return isSafe
    ? undefined
    : `${credentialsId} of ${taskId} was refused with ${code} and nothing records that it may exist`
}

function judgedByTheTask(): Checker {
  const known = records()
  return {
    on(fact, state) {
      known.learn(fact)
      if (fact.kind !== 'answered') return undefined
      const taskUid = known.taskOf(fact.podUid)
      if (taskUid === undefined) return undefined
      if (fact.code === 200) return wrongAcceptance(fact, known.ended.get(taskUid))
      if (fact.code < 400 || fact.code >= 500 || fact.code === 401 || fact.code === 403) return undefined
      const isTaskUnderWay = isUnderWay(state, fact.taskId, taskUid)
      return wrongRefusal(fact, {
        isRecorded: known.isRecorded,
        isTaskUnderWay,
      })
    },
  }
}

/** Not where its kit is gone, or the pod has been cut loose from its Job: by these alone its task is known to be its own. */
function ownPodKnown(): Checker {
  const known = records()
  return {
    on(fact, state) {
      known.learn(fact)
      if (fact.kind !== 'answered' || fact.code !== 403) return undefined
      const taskUid = known.taskOf(fact.podUid) ?? ''
      const isClaimed = isUnderWay(state, fact.taskId, taskUid, (is) => is === 'processing')
      const pod = first(state, Pods, ({ metadata }) => metadata.uid === fact.podUid)
      if (pod && (pod.metadata.ownerReferences ?? []).length === 0) return undefined
      return isClaimed ? `${fact.taskId} was said not to be its own pod's` : undefined
    },
  }
}

/** The record is all that knows of it, where the provider has not undone its work: an unknown run is another debt. */
const refusedStaysKnown = (): Checker => ({
  on(fact, state) {
    const gone = changeOf(fact, Secrets)
    if (gone?.type !== 'deleted' || !isOperator(gone.by)) return undefined
    const { labels, annotations } = gone.object.metadata
    const live = state.live.get(annotations?.[annotation.credentialsId] ?? '')
    if (labels?.[label.custody] !== CustodyKind.refused || live === undefined) return undefined
    const isIt = ({ credentialsId }: { readonly credentialsId?: string }): boolean =>
      credentialsId === live.credentialsId
    const isNamed =
      first(state, CustomCredentials, ({ status }) =>
        [...(status.versions ?? []), ...(status.unresolved ?? [])].some(isIt),
      ) ?? first(state, OrphanedCredentials, ({ spec }) => isIt(spec))
    return isNamed
      ? undefined
      : `the record of ${live.credentialsId} was removed, which exists upstream, and nothing else names it`
  },
})

export const reports: readonly Invariant[] = [
  {
    id: 'S12',
    says: 'A report is accepted only as the end of the task that its Job was made for, and refused only once what it names is on record.',
    begin: judgedByTheTask,
  },
  {
    id: 'S12 own',
    says: 'A pod whose task is at work is never turned away as a stranger.',
    begin: untilRobbed(ownPodKnown),
  },
  {
    id: 'S12 record',
    says: 'The record of a refused report stays until a status or an orphan names what it did, or that is gone upstream.',
    begin: untilRobbed(refusedStaysKnown),
  },
]
