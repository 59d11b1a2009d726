import { parseDuration } from '../../../src/api/duration.ts'
import type { CustomCredential } from '../../../src/api/generated.ts'
import { annotation, label } from '../../../src/api/labels.ts'
import { CustomCredentials, type Secret, Secrets } from '../../../src/api/resources.ts'
import type { Checker, Invariant } from '../observe/invariant.ts'
import type { State } from '../observe/state.ts'
import { isMerged } from './merging.ts'
import { type Change, changeOf, first, isOperator, untilRobbed, versionsInUse, wanted } from './reading.ts'

const isTargetOf = ({ metadata }: CustomCredential, secret: Secret): boolean =>
  secret.metadata.namespace === metadata.namespace &&
  secret.metadata.labels?.[label.credentialUid] === metadata.uid &&
  secret.metadata.annotations?.[annotation.version] !== undefined

/** What has taken the place of all others, where it shows a version that works. */
function successorOf(credential: CustomCredential, state: State): Secret | undefined {
  const { metadata, status } = credential
  const secret = state.all(Secrets).get(`${metadata.namespace ?? ''}/${status.target?.name ?? ''}`)
  const shown = secret?.metadata.annotations?.[annotation.version]
  const isUsable = versionsInUse(credential).some(({ version }) => String(version) === shown)
  return secret && isTargetOf(credential, secret) && isUsable ? secret : undefined
}

const overlapOf = ({ spec }: CustomCredential): number =>
  spec.rotation?.minOverlap === undefined ? 0 : parseDuration(spec.rotation.minOverlap)

/** Remembers since when consumers have what they need under the name that a status tells. */
function arrivals() {
  const since = new Map<string, { readonly name: string; readonly at: number }>()
  return {
    look(state: State): void {
      for (const credential of wanted(state)) {
        const { uid } = credential.metadata
        const name = credential.status.target?.name ?? ''
        if (since.get(uid)?.name === name) continue
        if (successorOf(credential, state) === undefined) since.delete(uid)
        else since.set(uid, { name, at: state.now })
      }
    },
    at: (uid: string): number => since.get(uid)?.at ?? Infinity,
  }
}

/** A target that is gone, or has lost what is ours in it. */
function removedBy({ type, object, previous }: Change<Secret>): Secret | undefined {
  if (type === 'deleted') return object
  return previous !== undefined && isMerged(previous) && !isMerged(object) ? previous : undefined
}

/** Where wall clocks were set nobody knows when an overlap is over. A person may take the successor away at the same moment. */
function takenAfterItsSuccessor(): Checker {
  const arrived = arrivals()
  return {
    on(fact, state) {
      const secret = changeOf(fact, Secrets)
      const removed = secret && isOperator(secret.by) ? removedBy(secret) : undefined
      const owner = removed && wanted(state).find((credential) => isTargetOf(credential, removed))
      if (changeOf(fact, CustomCredentials) !== undefined || secret !== undefined) arrived.look(state)
      if (secret === undefined || owner === undefined) return undefined
      const at = arrived.at(owner.metadata.uid)
      const { name } = secret.object.metadata
      if (at === Infinity) return `Secret ${name} was removed before another one shows a version that works`
      const early = at + overlapOf(owner) - state.now
      return early > 0 && state.clockSetAt === -Infinity
        ? `Secret ${name} was removed ${Math.ceil(early / 1000)} s before its consumers had had their time to follow`
        : undefined
    },
  }
}

/** Only what the operator has made, or has its keys in: a person may have copied it. */
function noneLeft(): Checker {
  const made = new Set<string>()
  return {
    on(fact) {
      const secret = changeOf(fact, Secrets)
      if (secret && isOperator(secret.by) && (secret.type === 'added' || isMerged(secret.object)))
        made.add(secret.object.metadata.uid)
      return undefined
    },
    atRest(state) {
      for (const credential of wanted(state)) {
        const isLeft = (secret: Secret): boolean =>
          made.has(secret.metadata.uid) &&
          isTargetOf(credential, secret) &&
          secret.metadata.name !== credential.status.target?.name
        const left = first(state, Secrets, isLeft)
        if (left && !isStuck(credential, state))
          return `Secret ${left.metadata.name} is left of ${credential.metadata.name}`
      }
      return undefined
    },
  }
}

/** Nothing has taken its place, so that it stays with its consumers: why that is so is another rule's to judge. */
const isStuck = (credential: CustomCredential, state: State): boolean => successorOf(credential, state) === undefined

export const formers: readonly Invariant[] = [
  {
    id: 'S10 former',
    says: 'A Secret that bore another name goes only after the one that took its place has shown a version that works, for minOverlap.',
    begin: takenAfterItsSuccessor,
  },
  {
    id: 'L5 former',
    says: 'At rest a credential has no Secret under a name that it once had.',
    begin: untilRobbed(noneLeft),
  },
]
