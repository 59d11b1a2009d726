import type { CustomCredential, SecretTask } from '../api/generated.ts'
import { annotation, finalizer } from '../api/labels.ts'
import type { KubeObject } from '../api/meta.ts'
import { isOwn } from '../custom-credential/observe.ts'
import { isTerminal } from '../secret-task/end.ts'
import { isHeld as isHeldJob, specIn } from '../secret-task/run-facts.ts'
import type { Plain } from './reasons.ts'
import type { Provider } from './resolve.ts'

/** Where what a provider makes is on record. It moves on from one to the next, and is in the next before it leaves one. */
export interface Records {
  readonly tasks: readonly SecretTask[]
  readonly jobs: readonly KubeObject[]
  readonly credentials: readonly CustomCredential[]
}

/** A credential by namespace and name; undefined where the record is not about something that this provider has made. */
type UserIn<T> = (record: T, uid: string) => string | undefined

/** An orphan's own runs do not count, see `usersOf`. */
export const userInTask: UserIn<SecretTask> = (task, uid) =>
  isOwn(task) && !isTerminal(task) && task.spec.provider.uid === uid ? nameOf(task.spec.credential) : undefined

/** A Job is held until the status of its credential accounts for what its run has done. */
export const userInJob: UserIn<KubeObject> = (job, uid) => {
  const spec = isOwn(job) && isHeldJob(job) ? specIn(job.metadata.annotations?.[annotation.taskSpec]) : undefined
  return spec?.provider.uid === uid ? nameOf(spec.credential) : undefined
}

export const userInCredential: UserIn<CustomCredential> = ({ metadata, status }, uid) => {
  const { versions = [], unresolved = [] } = status
  return [...versions, ...unresolved].some(({ provider }) => provider.uid === uid) ? nameOf(metadata) : undefined
}

/**
 * The credentials that use the provider of this UID: they have a version of it, owe one a deletion, or have a run under way.
 * One that merely refers to it does not. Nor does an OrphanedCredential: it runs from its kit, its provider's namespace may be
 * going, those who own the provider can neither see nor end it, and one that is left to people may stay for ever.
 */
export function usersOf(uid: string, { tasks, jobs, credentials }: Records): string[] {
  const users = [
    ...tasks.map((task) => userInTask(task, uid)),
    ...jobs.map((job) => userInJob(job, uid)),
    ...credentials.map((credential) => userInCredential(credential, uid)),
  ]
  return [...new Set(users.filter((user) => user !== undefined))].sort()
}

/**
 * Who uses it is asked only where the answer matters: of a provider that is held already, and is to stay, nothing follows
 * from it. Letting go of one that nobody uses any more would cost two writes each time that it is used anew.
 */
export const dependsOnUse = (provider: Provider): boolean => isDeleting(provider) || !isHeld(provider)

/** What is to be done about the finalizer of a provider that has these users. No other may be added to what is being deleted. */
export function dueHold(provider: Provider, users: readonly string[]): 'take' | 'let go' | undefined {
  if (isDeleting(provider)) return isHeld(provider) && users.length === 0 ? 'let go' : undefined
  return !isHeld(provider) && users.length > 0 ? 'take' : undefined
}

/** Users that are named in a message: enough to look at, of perhaps thousands. */
const NAMED = 5

/** What its status says of a provider that is being deleted. */
export function deletionOf(provider: Provider, users: readonly string[]): Plain[] {
  if (!isDeleting(provider)) return []
  const more = users.length > NAMED ? ` and ${users.length - NAMED} more` : ''
  const who = `Still in use by ${users.length}: ${users.slice(0, NAMED).join(', ')}${more}.`
  const fix = `Delete them, or name another provider in their spec.providerRef and rotate them, twice: it goes with the last of what it has made. To keep it after all, take the finalizer ${finalizer.inUse} off and apply it again: under its name it stands for the same.`
  const message = [
    'It is being deleted: but for what waits in its queue, nothing is made with it.',
    ...(users.length > 0 ? [who, fix] : []),
  ].join(' ')
  return [{ type: 'Ready', status: 'False', reason: 'Deleting', message }]
}

const isDeleting = ({ metadata }: Provider): boolean => metadata.deletionTimestamp !== undefined

const isHeld = ({ metadata }: Provider): boolean => metadata.finalizers?.includes(finalizer.inUse) === true

const nameOf = ({ namespace = '', name }: { readonly namespace?: string; readonly name: string }): string =>
  `${namespace}/${name}`
