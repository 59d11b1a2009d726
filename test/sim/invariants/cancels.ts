import type { CustomCredential, SecretTask } from '../../../src/api/generated.ts'
import { CustomCredentials, SecretTasks } from '../../../src/api/resources.ts'
import type { Fact } from '../observe/facts.ts'
import type { Checker, Invariant } from '../observe/invariant.ts'
import type { State } from '../observe/state.ts'
import {
  type Change,
  changeOf,
  first,
  isCancelled,
  isCondemned,
  newestInUse,
  rotateRequest,
  untilRobbed,
  versionsInUse,
} from './reading.ts'

/** What has a creation begun again by itself, though somebody has cancelled it. */
const hasOtherCause = (credential: CustomCredential, state: State): boolean =>
  credential.spec.rotation?.interval !== undefined ||
  credential.spec.revokeIssuedBefore !== undefined ||
  newestInUse(credential)?.suspect !== undefined ||
  isLeaking(credential, state)

/** By the word of its provider: what consumers have is to be replaced, or was revoked at once. */
const isLeaking = (credential: CustomCredential, state: State): boolean =>
  credential.status.state === 'deactivated' ||
  versionsInUse(credential).some((version) => isCondemned(version, credential, state))

function staysCancelled(): Checker {
  const calledOff = tasksCalledOff()
  return {
    on(fact, state) {
      const creation = creationTold(fact, state)
      if (creation === undefined) return undefined
      const { change, credential } = creation
      const isCalledOff = calledOff(creation, state)
      if (change.type !== 'added' || change.by !== state.leader || hasOtherCause(credential, state)) return undefined
      const isEdited = credential.status.observedGeneration !== credential.metadata.generation
      return isEdited || !(isCancelled(credential) || isCalledOff)
        ? undefined
        : `${change.object.metadata.name} was made though its creation was cancelled, and nobody has asked`
    },
  }
}

interface CreationTold {
  readonly change: Change<SecretTask>
  readonly credential: CustomCredential
}

/** The fact as a change of a task that makes a version. */
function creationTold(fact: Fact, state: State): CreationTold | undefined {
  const change = changeOf(fact, SecretTasks)
  if (change?.object.spec.type !== 'create_credentials') return undefined
  const { uid } = change.object.spec.credential
  const credential = first(state, CustomCredentials, ({ metadata }) => metadata.uid === uid)
  return credential && { change, credential }
}

/** Whether people have deleted the task of a creation after its status had told that it waits, and asked for none since. */
function tasksCalledOff() {
  /** By credential, the request that stood then. */
  const requests = new Map<string, string | undefined>()
  return ({ change: { type, object, by }, credential: { metadata, status } }: CreationTold, state: State): boolean => {
    const isNoted = status.nextVersion?.queued?.taskId === object.metadata.name
    if (type === 'deleted' && by !== state.leader && object.status.state === 'queued' && isNoted)
      requests.set(metadata.uid, rotateRequest(metadata))
    if (type !== 'added') return false
    const isCalledOff = requests.has(metadata.uid) && requests.get(metadata.uid) === rotateRequest(metadata)
    requests.delete(metadata.uid)
    return isCalledOff
  }
}

/** Creations of a version that fail before a person must look. */
const MOST_TRIES = 250

/** What consumers have is to be replaced in any case: it has leaked, or was perhaps undone. */
const hasPressingCause = (credential: CustomCredential, state: State): boolean =>
  credential.spec.revokeIssuedBefore !== undefined ||
  (credential.status.versions ?? []).some(({ suspect }) => suspect !== undefined) ||
  isLeaking(credential, state)

const staysGivenUp = (): Checker => ({
  on(fact, state) {
    const { change, credential } = creationTold(fact, state) ?? {}
    if (credential === undefined || change?.type !== 'added' || change.by !== state.leader) return undefined
    const { failures = 0, rotateRequest: lastAsked } = credential.status.nextVersion ?? {}
    const isEdited = credential.status.observedGeneration !== credential.metadata.generation
    if (isEdited || failures < MOST_TRIES || hasPressingCause(credential, state)) return undefined
    return rotateRequest(credential.metadata) === lastAsked
      ? `${change.object.metadata.name} was made after ${failures} failures, and nobody has asked`
      : undefined
  },
})

/** What waits for people to ask for it again. */
export const cancels: readonly Invariant[] = [
  {
    id: 'S29 cancel',
    says: 'A creation that somebody has cancelled is not begun again before its next cause.',
    begin: untilRobbed(staysCancelled),
  },
  {
    id: 'S29 given up',
    says: 'A creation that has failed 250 times is not begun again before somebody asks for it, or mends the provider.',
    begin: untilRobbed(staysGivenUp),
  },
]
