import { CustomCredentials, SecretTasks } from '../../../src/api/resources.ts'
import type { Checker, Invariant } from '../observe/invariant.ts'
import { changeOf, isCondemned, isExpired, isLapsed, orderedDeletions, versionsInUse, wanted } from './reading.ts'

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
        if (it === undefined || isLapsed(it, credential, state)) return false
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
        if (it === undefined || it.suspect !== undefined || isLapsed(it, credential, state)) return false
        const mayGoEarlier = isExpired(it, state) || isCondemned(it, credential, state)
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

export const deletions: readonly Invariant[] = [
  {
    id: 'S6',
    says: 'What a status names as its current or previous version is not deleted upstream on our order.',
    begin: keptWhileInUse,
  },
  {
    id: 'S33',
    says: 'A deletion on our order leaves each credential with a delivered version that exists upstream.',
    begin: lastUsableStays,
  },
  {
    id: 'S7 previous',
    says: 'A delivered version is deleted on our order only when two later ones have been delivered, or one and its own time is over, or it is issued too early.',
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
    id: 'S34',
    says: 'No delete task is made for a credentials ID that a version in use bears.',
    begin: noOrderAgainstLive,
  },
]
