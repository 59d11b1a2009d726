import type { CustomCredential, SecretTask } from '../../../src/api/generated.ts'
import { annotation, CustodyKind, finalizer, label } from '../../../src/api/labels.ts'
import { CustomCredentials, type Job, Jobs, Secrets, SecretTasks } from '../../../src/api/resources.ts'
import type { Checker, Invariant } from '../observe/invariant.ts'
import type { State } from '../observe/state.ts'
import { changeOf, first, isOpen, isOperator, untilRobbed, versionsInUse, wanted } from './reading.ts'

/** Kinds whose names are derived from what they stand for, so that one that is made twice does one thing twice. */
const DERIVED = new Set([SecretTasks, Jobs].map(({ plural }) => plural))

/**
 * What a person or the cluster has removed may be made again. What a dead process has sent may arrive after all: only what
 * the leader does counts.
 */
function neverTwice(): Checker {
  const removed = new Map<string, string>()
  return {
    on(fact, { leader }) {
      if (fact.kind !== 'object' || !DERIVED.has(fact.resource.plural) || fact.type === 'changed') return undefined
      const { namespace = '', name } = fact.object.metadata
      const id = `${fact.resource.plural} ${namespace}/${name}`
      const by = removed.get(id)
      if (fact.type === 'deleted') removed.set(id, fact.by)
      else removed.delete(id)
      const isRemade = fact.type === 'added' && fact.by === leader && by === leader
      return isRemade ? `${by} has made ${id} again after it had removed it` : undefined
    },
  }
}

const payloadStays = (): Checker => ({
  on(fact, state) {
    const secret = changeOf(fact, Secrets)
    if (secret?.type !== 'deleted') return undefined
    const { labels, annotations, name } = secret.object.metadata
    if (labels?.[label.custody] !== CustodyKind.version) return undefined
    const isByHand = !isOperator(secret.by) && !secret.by.endsWith('controller') && !secret.by.endsWith('collector')
    if (isByHand) return undefined
    const taskId = labels[label.task]
    const credentialsId = annotations?.[annotation.credentialsId]
    const user = wanted(state).find((credential) =>
      versionsInUse(credential).some((one) => one.taskId === taskId && one.credentialsId === credentialsId),
    )
    return user && `the payload ${name} was removed from custody while ${user.metadata.name} has it in use`
  },
})

/** Records of finished tasks that a credential keeps where its spec says nothing. */
const TASK_HISTORY_LIMIT = 10

const limitOf = ({ spec }: CustomCredential): number => spec.taskHistoryLimit ?? TASK_HISTORY_LIMIT

/** What is left of its finished tasks; those of an orphan are the orphan's. */
const recordsOf = (state: State, { metadata: { uid } }: CustomCredential): SecretTask[] =>
  [...state.all(SecretTasks).values()].filter(
    ({ metadata, spec, status }) =>
      spec.credential.uid === uid && !isOpen(status.state) && metadata.labels?.[label.orphan] === undefined,
  )

const historyKept = (): Checker => ({
  on(fact, state) {
    const task = changeOf(fact, SecretTasks)
    if (task?.type !== 'deleted' || !isOperator(task.by)) return undefined
    const { metadata, spec, status } = task.object
    // What its run makes could be told by nothing else any more.
    if (status.state === 'processing') return `${metadata.name} was removed while it was processing`
    const owner = wanted(state).find((credential) => credential.metadata.uid === spec.credential.uid)
    if (owner === undefined || metadata.labels?.[label.orphan] !== undefined) return undefined
    if (isOpen(status.state)) return `${metadata.name} was pruned while it was ${status.state}`
    const isHeld = ({ metadata: { finalizers, labels } }: Job): boolean =>
      labels?.[label.taskUid] === metadata.uid && finalizers?.includes(finalizer.jobRelease) === true
    if (first(state, Jobs, isHeld) !== undefined) return `${metadata.name} was pruned while its Job was held`
    const kept = recordsOf(state, owner).length
    return kept < limitOf(owner) ? `${metadata.name} was pruned and ${kept} records are left` : undefined
  },
  atRest(state) {
    const hoarder = wanted(state).find((credential) => recordsOf(state, credential).length > limitOf(credential))
    return hoarder && `${hoarder.metadata.name} has ${recordsOf(state, hoarder).length} records of finished tasks`
  },
})

/** Of versions that are gone, where the spec says nothing. */
const VERSION_HISTORY_LIMIT = 10
/** Of those that are there: more than can be in use, locked and owed. */
const MOST_VERSIONS = 50

const versionsBounded = (): Checker => ({
  on(fact) {
    const credential = changeOf(fact, CustomCredentials)
    if (credential === undefined || !isOperator(credential.by)) return undefined
    const { metadata, spec, status } = credential.object
    const { versions = [], history = [] } = status
    if (versions.length > MOST_VERSIONS) return `${metadata.name} has ${versions.length} versions`
    const most = spec.versionHistoryLimit ?? VERSION_HISTORY_LIMIT
    return history.length > most ? `${metadata.name} tells of ${history.length} versions that are gone` : undefined
  },
})

export const keeping: readonly Invariant[] = [
  {
    id: 'S30',
    says: 'The leader makes no task and no Job again that it has removed.',
    begin: neverTwice,
  },
  {
    id: 'S26',
    says: 'Records of finished tasks are kept up to the limit and no further; none goes while it is evidence, or while its task runs.',
    begin: historyKept,
  },
  {
    id: 'S26 versions',
    says: 'A status tells of so many versions that are gone as its spec wants, and of fifty that are there.',
    begin: versionsBounded,
  },
  {
    id: 'S35',
    says: 'Whatever is deleted elsewhere, the payload of a version in use stays in custody.',
    begin: untilRobbed(payloadStays),
  },
]
