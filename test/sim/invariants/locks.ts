import type { CredentialVersion, CustomCredential, SecretTask } from '../../../src/api/generated.ts'
import { label } from '../../../src/api/labels.ts'
import { CustomCredentials, Namespaces, SecretTasks } from '../../../src/api/resources.ts'
import type { Checker, Invariant } from '../observe/invariant.ts'
import type { State } from '../observe/state.ts'
import { changeOf, first, isDistrusted, newestInUse, versionsInUse } from './reading.ts'

export const isLocked = ({ spec, status }: CustomCredential, version: number): boolean =>
  (status.locks ?? []).some((lock) => lock.version === version && spec.locks?.some(({ name }) => name === lock.name))

/** The version that a rotation would displace is locked. */
export function barsRotation(credential: CustomCredential): boolean {
  const delivered = versionsInUse(credential).filter(({ deliveredAt }) => deliveredAt !== undefined)
  const previous = delivered.sort((a, b) => a.version - b.version).at(-2)
  return previous !== undefined && isLocked(credential, previous.version)
}

/** The object that is being deleted waits for a lock. */
export const holdsDeletion = (state: State, credential: CustomCredential): boolean =>
  versionsInUse(credential).some(({ version }) => isLocked(credential, version)) &&
  state.all(Namespaces).get(`/${credential.metadata.namespace ?? ''}`)?.metadata.deletionTimestamp === undefined

/** A rotation that nothing but its turn calls for. */
const PLAIN = ['manual_secret_rotation', 'automatic_secret_rotation']

/** It is to be replaced whatever is locked. */
const isUseless = (version: CredentialVersion | undefined, owner: CustomCredential, state: State): boolean =>
  version?.suspect !== undefined || (version !== undefined && isDistrusted(version, owner, state))

const rotatesOverLock = ({ metadata, spec }: SecretTask, owner: CustomCredential, state: State): string | undefined =>
  PLAIN.includes(spec.trigger) && !isUseless(newestInUse(owner), owner, state) && barsRotation(owner)
    ? `${metadata.name} rotates ${owner.metadata.name} though its previous version is locked`
    : undefined

function deletesLocked({ metadata, spec }: SecretTask, owner: CustomCredential, state: State): string | undefined {
  // What its run made besides is no version.
  const version = (owner.status.versions ?? []).find(
    ({ taskId, credentialsId }) =>
      taskId === spec.originTaskId && (spec.credentialsId ?? credentialsId) === credentialsId,
  )
  return version !== undefined && isLocked(owner, version.version) && !isDistrusted(version, owner, state)
    ? `${metadata.name} is to delete version ${version.version} of ${owner.metadata.name}, which is locked`
    : undefined
}

/** What a dead process had ordered may come later than the next one's lock. */
const lockedStays = (): Checker => ({
  on(fact, state) {
    const task = changeOf(fact, SecretTasks)
    if (task?.type !== 'added' || task.by !== state.leader) return undefined
    if (task.object.metadata.labels?.[label.orphan] !== undefined) return undefined
    const { type, credential } = task.object.spec
    const owner = first(state, CustomCredentials, ({ metadata: { uid } }) => uid === credential.uid)
    return owner && (type === 'create_credentials' ? rotatesOverLock : deletesLocked)(task.object, owner, state)
  },
})

const boundForGood = (): Checker => ({
  on(fact) {
    const change = changeOf(fact, CustomCredentials)
    const moved = change?.previous?.status.locks?.find(({ name, version }) => {
      const now = change.object.status.locks?.find((lock) => lock.name === name)
      return now !== undefined && now.version !== version
    })
    return moved && `lock ${moved.name} has left version ${moved.version}`
  },
})

export const locks: readonly Invariant[] = [
  {
    id: 'S14',
    says: 'No delete task is made for a locked version, and no rotation while the previous version is locked.',
    begin: lockedStays,
  },
  {
    id: 'S14 bound',
    says: 'A lock stays with the version that it was bound to.',
    begin: boundForGood,
  },
]
