import type { CustomCredential, OrphanedCredential } from '../../../src/api/generated.ts'
import { annotation } from '../../../src/api/labels.ts'
import { CustomCredentials, OrphanedCredentials, Secrets, SecretTasks } from '../../../src/api/resources.ts'
import type { Fact } from '../observe/facts.ts'
import type { Checker, Invariant } from '../observe/invariant.ts'
import type { State } from '../observe/state.ts'
import {
  changeOf,
  covers,
  first,
  isDistrusted,
  isExpired,
  isGivenUp,
  orderedDeletions,
  versionsInUse,
  wanted,
} from './reading.ts'

function keptWhileInUse(): Checker {
  const ordered = orderedDeletions()
  return {
    on(fact, state) {
      const deleted = ordered(fact)
      if (deleted === undefined) return undefined
      const user = wanted(state).find(({ status }) =>
        status.versions?.some(
          ({ version, credentialsId }) =>
            credentialsId === deleted.credentialsId &&
            (version === status.currentVersion || version === status.previousVersion),
        ),
      )
      return user && `${deleted.credentialsId} was deleted upstream while ${user.metadata.name} has it in use`
    },
  }
}

function lastUsableStays(): Checker {
  const ordered = orderedDeletions()
  return {
    on(fact, state) {
      const deleted = ordered(fact)
      if (deleted === undefined) return undefined
      const bereft = wanted(state).find((credential) => {
        const delivered = (credential.status.versions ?? []).filter(({ deliveredAt }) => deliveredAt !== undefined)
        const it = delivered.find(({ credentialsId }) => credentialsId === deleted.credentialsId)
        if (it === undefined || isGivenUp(it, credential, state)) return false
        return !delivered.some(({ credentialsId }) => state.live.has(credentialsId))
      })
      return bereft && `${deleted.credentialsId} was deleted and was the last usable version of ${bereft.metadata.name}`
    },
  }
}

/** A version that its container has perhaps undone may go earlier. That a later one is suspect may come to light too late. */
function previousStays(): Checker {
  const ordered = orderedDeletions()
  return {
    on(fact, state) {
      const deleted = ordered(fact)
      if (deleted === undefined) return undefined
      const user = wanted(state).find((credential) => {
        const delivered = (credential.status.versions ?? []).filter(({ deliveredAt }) => deliveredAt !== undefined)
        const it = delivered.find(({ credentialsId }) => credentialsId === deleted.credentialsId)
        if (it === undefined || it.suspect !== undefined || isGivenUp(it, credential, state)) return false
        const mayGoEarlier = isExpired(it, state) || isDistrusted(it, credential, state)
        return delivered.filter(({ version }) => version > it.version).length < (mayGoEarlier ? 1 : 2)
      })
      return (
        user &&
        `${deleted.credentialsId} was deleted though it was the current or previous version of ${user.metadata.name}`
      )
    },
  }
}

const noOrderAgainstLive = (): Checker => ({
  on(fact, state) {
    const task = changeOf(fact, SecretTasks)
    if (task?.type !== 'added' || task.object.spec.type !== 'delete_credentials') return undefined
    const { credentialsId } = task.object.spec
    if (credentialsId === undefined) return undefined
    const user = wanted(state).find((one) => versionsInUse(one).some((live) => live.credentialsId === credentialsId))
    return user && `${task.object.metadata.name} is to delete ${credentialsId}, which ${user.metadata.name} has in use`
  },
})

const expiryInTime = (): Checker => ({
  on(fact, state) {
    const task = changeOf(fact, SecretTasks)
    if (task?.type !== 'added' || task.object.spec.trigger !== 'secret_version_expiration') return undefined
    const { credentialsId, credential } = task.object.spec
    const owner = wanted(state).find(({ metadata }) => metadata.uid === credential.uid)
    const version = owner?.status.versions?.find((known) => known.credentialsId === credentialsId)
    if (version === undefined || isExpired(version, state)) return undefined
    return `${task.object.metadata.name} is to delete version ${version.version}, which ends at ${version.expiresAt ?? 'no time'}`
  },
})

const toldTruly = (): Checker => ({
  on(fact, state) {
    const { object } = changeOf(fact, CustomCredentials) ?? {}
    const said = (object?.status.history ?? []).filter(({ end }) => end === 'Revoked')
    const alive = said.find(({ credentialsId }) => state.live.has(credentialsId))
    return alive && `version ${alive.version} of ${object?.metadata.name ?? ''} is told as revoked, and exists upstream`
  },
})

/** Left to people with the target Secret, or remembered by an orphan that nobody has asked to revoke it. */
function retainedStays(): Checker {
  const ordered = orderedDeletions()
  return {
    on(fact, state) {
      const early = revokesRetained(fact, state)
      if (early !== undefined) return early
      const { credentialsId, originTaskId } = ordered(fact) ?? {}
      if (credentialsId === undefined || originTaskId === undefined) return undefined
      const isHeld = ({ spec, metadata, status }: OrphanedCredential): boolean =>
        spec.reason === 'Retained' &&
        covers(spec, { credentialsId, originTaskId }) &&
        // Without an ID it remembers what another pod may have made: the version itself may be adopted beside it.
        (spec.credentialsId !== undefined || !isNamed(credentialsId, state)) &&
        metadata.annotations?.[annotation.retryRequestedAt] === undefined &&
        status.lastHandledRetryRequest === undefined
      const isKept = state.theirs.has(credentialsId) || first(state, OrphanedCredentials, isHeld) !== undefined
      return isKept ? `${credentialsId} was to stay valid, and was deleted upstream` : undefined
    },
  }
}

/** A credential has it, or owes its deletion. */
const isNamed = (credentialsId: string, state: State): boolean =>
  first(state, CustomCredentials, ({ status: { versions = [], unresolved = [] } }) =>
    [...versions, ...unresolved].some((entry) => entry.credentialsId === credentialsId),
  ) !== undefined

/** What consumers read when their credential is deleted, and its spec says that it stays. */
function revokesRetained(fact: Fact, state: State): string | undefined {
  const task = changeOf(fact, SecretTasks)
  if (task?.type !== 'added' || task.object.spec.trigger !== 'secret_version_data_deletion') return undefined
  const { credential, credentialsId } = task.object.spec
  const owner = first(state, CustomCredentials, ({ metadata }) => metadata.uid === credential.uid)
  if (owner === undefined || !isToRetain(owner)) return undefined
  const version = owner.status.versions?.find((known) => known.credentialsId === credentialsId)
  if (version === undefined || isDistrusted(version, owner, state) || isExpired(version, state)) return undefined
  return shownBy(owner, state) === credentialsId
    ? `${task.object.metadata.name} is to delete ${version.credentialsId}, which is to stay valid`
    : undefined
}

const isToRetain = ({ metadata, spec }: CustomCredential): boolean =>
  spec.revocationPolicy === 'Retain' && metadata.deletionTimestamp !== undefined

/** The credentials ID in the consumers' Secret. */
const shownBy = ({ metadata, status }: CustomCredential, state: State): string | undefined =>
  state.all(Secrets).get(`${metadata.namespace ?? ''}/${status.target?.name ?? ''}`)?.metadata.annotations?.[
    annotation.credentialsId
  ]

export const deletions: readonly Invariant[] = [
  {
    id: 'S6',
    says: 'What a status names as its current or previous version is not deleted upstream on our order.',
    begin: keptWhileInUse,
  },
  {
    id: 'S33',
    says: 'A deletion on our order leaves each credential with a delivered version that exists upstream, but where people want all gone at once.',
    begin: lastUsableStays,
  },
  {
    id: 'S7 previous',
    says: 'A delivered version is deleted on our order only when two later ones have been delivered, or one and its own time is over, or it is issued too early; or people want it gone at once.',
    begin: previousStays,
  },
  {
    id: 'S6 expiry',
    says: 'No delete task for the end of a time to live is made before that end.',
    begin: expiryInTime,
  },
  {
    id: 'S6 history',
    says: 'A version that the history of a status tells as revoked exists upstream no more.',
    begin: toldTruly,
  },
  {
    id: 'S6 retained',
    says: 'Where the spec says Retain, what consumers read stays valid when its object is deleted, until people have it revoked.',
    begin: retainedStays,
  },
  {
    id: 'S34',
    says: 'No delete task is made for a credentials ID that a version in use bears.',
    begin: noOrderAgainstLive,
  },
]
