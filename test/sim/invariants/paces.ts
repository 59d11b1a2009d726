import { isDeepStrictEqual } from 'node:util'
import type { CustomCredential, OrphanedCredential, SecretTask } from '../../../src/api/generated.ts'
import { parseDuration } from '../../../src/api/duration.ts'
import { annotation, label } from '../../../src/api/labels.ts'
import {
  ClusterCredentialsProviders,
  CredentialsProviders,
  CustomCredentials,
  Jobs,
  OrphanedCredentials,
  Pods,
  SecretTasks,
} from '../../../src/api/resources.ts'
import type { Provider } from '../../../src/credentials-provider/resolve.ts'
import type { Fact } from '../observe/facts.ts'
import type { Checker, Invariant } from '../observe/invariant.ts'
import type { State } from '../observe/state.ts'
import { type Change, changeOf, first, isOperator, newestInUse, untilRobbed } from './reading.ts'
import { MINUTE, SECOND } from './waits.ts'

const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** A try that fails is repeated after 10 s doubling to 1 h; from the 33rd on, after more than a day, once a day. */
const pauseAfter = (failures: number): number =>
  failures > 32 ? DAY : Math.min(HOUR, 10 * SECOND * 2 ** (failures - 1))

/** For whom, and what: an orphan counts its own tries. */
const debtOf = ({ metadata, spec }: SecretTask): string =>
  `${metadata.labels?.[label.orphan] ?? spec.credential.uid} ${spec.originTaskId ?? ''} ${spec.credentialsId ?? ''}`

/** An interval of which one end was noted by a clock and the other one is the time of a fact. */
const ROUNDING_MS = SECOND

/** The fact as a change of the state of a delete task. */
function turnOfDeletion(fact: Fact): SecretTask | undefined {
  const task = changeOf(fact, SecretTasks)
  const isDeletion = task?.type === 'changed' && task.object.spec.type === 'delete_credentials'
  return isDeletion && task.object.status.state !== task.previous?.status.state ? task.object : undefined
}

interface Failed {
  /** When the last try ended. */
  readonly at: number
  readonly times: number
}

function triedInPace(): Checker {
  const failed = new Map<string, Failed>()
  const note = (debt: string, { finishedAt = '' }: SecretTask['status'], now: number) => {
    const at = Math.min(now, Date.parse(finishedAt) || now)
    failed.set(debt, { at, times: (failed.get(debt)?.times ?? 0) + 1 })
  }
  return {
    on(fact, state) {
      const credential = changeOf(fact, CustomCredentials)
      if (credential?.type === 'changed') forgetNewDebts(failed, credential)
      const orphan = changeOf(fact, OrphanedCredentials)
      if (orphan?.type === 'changed') forgetRequested(failed, orphan)
      const task = turnOfDeletion(fact)
      if (task === undefined) return undefined
      const { metadata, status } = task
      const before = failed.get(debtOf(task))
      if (status.state === 'failed' && status.startedAt !== undefined) note(debtOf(task), status, state.now)
      if (status.state !== 'processing' || before === undefined || state.clockSetAt > -Infinity) return undefined
      const tooSoonMs = before.at + pauseAfter(before.times) - ROUNDING_MS - state.now
      return tooSoonMs > 0
        ? `${metadata.name} comes ${tooSoonMs} ms too soon after ${before.times} failures`
        : undefined
    },
  }
}

/** A person has asked for a try now. */
function forgetRequested(failed: Map<string, unknown>, { object, previous }: Change<OrphanedCredential>): void {
  if (object.status.lastHandledRetryRequest === previous?.status.lastHandledRetryRequest) return
  const { originTaskId, credentialsId = '' } = object.spec
  failed.delete(`${object.metadata.name} ${originTaskId} ${credentialsId}`)
}

/** What is owed anew, because a run turned out to have made something after all, is tried at once. */
function forgetNewDebts(failed: Map<string, unknown>, { object, previous }: Change<CustomCredential>): void {
  const known = previous?.status.unresolved ?? []
  for (const { originTaskId, credentialsId } of object.status.unresolved ?? []) {
    const isKnown = known.some((owed) => owed.originTaskId === originTaskId && owed.credentialsId === credentialsId)
    if (!isKnown) failed.delete(`${object.metadata.uid} ${originTaskId} ${credentialsId ?? ''}`)
  }
}

function patient(): Checker {
  const claimedAt = new Map<string, number>()
  return {
    on(fact, state) {
      const task = changeOf(fact, SecretTasks)
      if (task?.type !== 'changed') return undefined
      const { metadata, spec, status } = task.object
      if (status.state === 'processing' && !claimedAt.has(metadata.uid)) claimedAt.set(metadata.uid, state.now)
      if (status.state !== 'failed' || status.errors?.[0]?.code !== 'TaskTimedOut') return undefined
      const ranMs = state.now - (claimedAt.get(metadata.uid) ?? state.now)
      return ranMs < spec.timeoutSeconds * SECOND
        ? `${metadata.name} was timed out after ${ranMs / SECOND} s, not ${spec.timeoutSeconds} s`
        : undefined
    },
  }
}

/** Between what a gateway notes as the end of a creation and the write that shows it. */
const NOTE_MS = 30 * SECOND

/** The fact as an automatic rotation that the operator has ordered. */
function automaticRotation(fact: Fact): SecretTask | undefined {
  const task = changeOf(fact, SecretTasks)
  if (task?.type !== 'added' || !isOperator(task.by)) return undefined
  const { type, trigger } = task.object.spec
  return type === 'create_credentials' && trigger === 'automatic_secret_rotation' ? task.object : undefined
}

/** The version that the rotation is to replace, and after how long, where that is what makes it due. */
function replacedBy({ spec }: SecretTask, state: State): { taskId: string; interval: string } | undefined {
  const credential = first(state, CustomCredentials, ({ metadata }) => metadata.uid === spec.credential.uid)
  const { taskId, suspect } = (credential && newestInUse(credential)) ?? {}
  const { interval } = credential?.spec.rotation ?? {}
  return taskId === undefined || interval === undefined || suspect !== undefined ? undefined : { taskId, interval }
}

function oncePerInterval(): Checker {
  const madeAt = new Map<string, number>()
  // That a dead process's order arrives when all is done and the record let go makes no other rotation: the ID is the same.
  const ordered = new Set<string>()
  return {
    on(fact, state) {
      const task = changeOf(fact, SecretTasks)?.object
      if (task?.status.state === 'credentials_created' && !madeAt.has(task.metadata.name))
        madeAt.set(task.metadata.name, state.now)
      const rotation = automaticRotation(fact)
      if (rotation === undefined || ordered.has(rotation.metadata.name)) return undefined
      ordered.add(rotation.metadata.name)
      const replaced = replacedBy(rotation, state)
      if (replaced === undefined) return undefined
      const made = madeAt.get(replaced.taskId) ?? -Infinity
      const isDue = state.now - made >= parseDuration(replaced.interval) - NOTE_MS
      if (isDue || state.clockSetAt >= made) return undefined
      return `${rotation.metadata.name} comes ${(state.now - made) / SECOND} s after the version before, not ${replaced.interval}`
    },
  }
}

/** What of a spec makes a version, and is applied at once where the spec says so. */
const applied = ({ spec }: CustomCredential): unknown =>
  spec.applyPolicy === 'Immediate' ? [spec.providerRef, spec.parameters, spec.ttl] : undefined

/** A run that had begun before a named moment may be reported after it, and is replaced as well. */
const PER_MOMENT = 3

/** How many more versions people have given reason for by this change. */
function reasonsIn({ object, previous }: Change<CustomCredential>): number {
  const has = (what: (credential: CustomCredential) => unknown): boolean =>
    what(object) !== undefined && !isDeepStrictEqual(what(object), previous && what(previous))
  const isAsked = has(({ metadata }) => metadata.annotations?.[annotation.rotateRequestedAt])
  return Number(isAsked) + Number(has(applied)) + (namesMoment({ object, previous }) ? PER_MOMENT : 0)
}

/** People name another moment before which nothing is trusted that was issued: of one credential, or of all of a provider. */
const namesMoment = ({ object, previous }: Reasoned): boolean =>
  object.spec.revokeIssuedBefore !== undefined && object.spec.revokeIssuedBefore !== previous?.spec.revokeIssuedBefore

interface Reasoned {
  readonly object: CustomCredential | Provider
  readonly previous?: CustomCredential | Provider | undefined
}

function isLeakForAll(fact: Fact): boolean {
  const provider =
    changeOf<Provider>(fact, CredentialsProviders) ?? changeOf<Provider>(fact, ClusterCredentialsProviders)
  return provider !== undefined && namesMoment(provider)
}

function atPeoplesWord(): Checker {
  const reasons = new Map<string, number>()
  const versions = new Map<string, Set<number>>()
  let forAll = 0
  return {
    on(fact) {
      if (isLeakForAll(fact)) forAll += PER_MOMENT
      const credential = changeOf(fact, CustomCredentials)
      if (credential) {
        const { uid } = credential.object.metadata
        reasons.set(uid, (reasons.get(uid) ?? 0) + reasonsIn(credential))
      }
      const { type, object } = changeOf(fact, SecretTasks) ?? {}
      if (type !== 'added' || object?.spec.type !== 'create_credentials') return undefined
      if (object.spec.trigger !== 'manual_secret_rotation') return undefined
      const { uid, name } = object.spec.credential
      const made = (versions.get(uid) ?? new Set()).add(object.spec.version)
      versions.set(uid, made)
      const given = (reasons.get(uid) ?? 0) + forAll
      return made.size > given
        ? `${name} has ${made.size} versions made at people's word, who gave ${given}`
        : undefined
    },
  }
}

/** How long the pods of a stopped run are waited for where their node does not answer. */
const NODE_PATIENCE_MS = 10 * MINUTE

const mayRun = (state: State, taskId: string): boolean =>
  [...state.working.values()].includes(taskId) ||
  first(state, Pods, ({ metadata, status }) => {
    const hasEnded = status?.phase === 'Succeeded' || status?.phase === 'Failed'
    return metadata.labels?.[label.task] === taskId && !hasEnded
  }) !== undefined

/** The fact as the claim of a task that deletes what a run made. */
function deletionClaimed(fact: Fact): SecretTask | undefined {
  const task = turnOfDeletion(fact)
  return task?.status.state === 'processing' ? task : undefined
}

function afterItsRun(): Checker {
  const stoppedAt = new Map<string, number>()
  return {
    on(fact, state) {
      const { name = '', deletionTimestamp } = changeOf(fact, Jobs)?.object.metadata ?? {}
      if (deletionTimestamp !== undefined && !stoppedAt.has(name)) stoppedAt.set(name, state.now)
      const task = deletionClaimed(fact)
      const { originTaskId = '' } = task?.spec ?? {}
      if (task === undefined || !mayRun(state, originTaskId)) return undefined
      // Stamps of Jobs are whole seconds.
      if (state.now - (stoppedAt.get(originTaskId) ?? Infinity) >= NODE_PATIENCE_MS - ROUNDING_MS) return undefined
      return `${task.metadata.name} deletes what ${originTaskId} made, which may still be at work`
    },
  }
}

export const paces: readonly Invariant[] = [
  {
    id: 'S24 pace',
    says: 'A deletion that failed is tried again after 10 s doubling to 1 h, and after the first day once a day.',
    begin: triedInPace,
  },
  {
    id: 'S28',
    says: 'No task is timed out before its time-out has passed, whatever clocks say.',
    begin: patient,
  },
  {
    id: 'S29',
    says: 'An automatic rotation begins an interval after the version before was made, once, save that one clock may be wrong.',
    begin: oncePerInterval,
  },
  {
    id: 'S29 word',
    says: 'No more versions are made at the word of people than they have given reasons: requests, edits to apply at once, leaks.',
    begin: atPeoplesWord,
  },
  {
    id: 'S31',
    says: 'What a run made is deleted only once no pod of it can run, or its node has not answered for ten minutes.',
    begin: untilRobbed(afterItsRun),
  },
]
