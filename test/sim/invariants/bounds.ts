import { isDeepStrictEqual } from 'node:util'
import type {
  CredentialVersion,
  CustomCredential,
  OrphanedCredential,
  SecretTask,
  UnresolvedCredential,
} from '../../../src/api/generated.ts'
import { parseDuration } from '../../../src/api/duration.ts'
import { annotation, finalizer, label } from '../../../src/api/labels.ts'
import {
  ClusterCredentialsProviders,
  CredentialsProviders,
  CustomCredentials,
  Jobs,
  Namespaces,
  OrphanedCredentials,
  SecretTasks,
} from '../../../src/api/resources.ts'
import { leases } from '../../../src/kube/lease-record.ts'
import type { Checker, Invariant } from '../observe/invariant.ts'
import type { State } from '../observe/state.ts'
import {
  condemnedFrom,
  first,
  isCancelled,
  isCondemned,
  isOpen,
  isOperator,
  newestInUse,
  rotateRequest,
  versionsInUse,
  wanted,
} from './reading.ts'
import { barsRotation, holdsDeletion, isLocked } from './locks.ts'
import { isThrottled, ratePeriodOf } from './turns.ts'
import { inTime, MINUTE, NETWORK_MS, SECOND, type Wait } from './waits.ts'

const DAY = 24 * 60 * MINUTE

const tasksIn = (state: State, which: SecretTask['status']['state']): SecretTask[] =>
  [...state.all(SecretTasks).values()].filter(({ status }) => status.state === which)

/** Whose turn it is among many is none of its business. */
const claims = (state: State): Wait[] =>
  tasksIn(state, 'queued')
    .filter((task) => !isThrottled(state, task) && !isHeldBack(state, task))
    .map((task) => ({
      what: `the claim of ${task.metadata.name}`,
      ms: MINUTE + NETWORK_MS + ratePeriodOf(state, task),
    }))

const isHeldBack = (state: State, { spec: { credential } }: SecretTask): boolean =>
  first(
    state,
    CustomCredentials,
    (one) => one.metadata.uid === credential.uid && isSuspended(one) && one.metadata.deletionTimestamp === undefined,
  ) !== undefined

/** A failover starts the time-out anew, as other trouble may. */
const ends = (state: State): Wait[] =>
  tasksIn(state, 'processing').map(({ metadata, spec }) => ({
    what: `the end of ${metadata.name}`,
    ms: spec.timeoutSeconds * SECOND + MINUTE + NETWORK_MS,
  }))

const isSuspended = ({ spec }: CustomCredential): boolean => spec.suspend === true

const is = ({ status }: CustomCredential, type: string): boolean =>
  status.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false

/** Another task of the credential is under way: at most one is at any time. */
export const isBusy = (state: State, uid: string): boolean =>
  first(
    state,
    SecretTasks,
    ({ spec, status, metadata }) =>
      spec.credential.uid === uid && isOpen(status.state) && metadata.labels?.[label.orphan] === undefined,
  ) !== undefined

/** Nothing can be made in a namespace that is being deleted. */
export const isTerminating = (state: State, { metadata }: CustomCredential): boolean =>
  state.all(Namespaces).get(`/${metadata.namespace ?? ''}`)?.metadata.deletionTimestamp !== undefined

/** What the newest version was made with, by the record of its task, is not what is to apply at once. */
function isOutdated(credential: CustomCredential, state: State): boolean {
  const { metadata, spec } = credential
  const { taskId, createdAt = '', expiresAt } = newestInUse(credential) ?? {}
  const maker = state.all(SecretTasks).get(`${metadata.namespace ?? ''}/${taskId ?? ''}`)
  if (spec.applyPolicy !== 'Immediate' || maker === undefined) return false
  const ttlMs = expiresAt === undefined ? undefined : Date.parse(expiresAt) - Date.parse(createdAt)
  const isSame = isDeepStrictEqual(maker.spec.parameters, spec.parameters ?? {})
  return !isSame || ttlMs !== (spec.ttl && parseDuration(spec.ttl))
}

const isAskedFor = ({ metadata, status }: CustomCredential): boolean =>
  rotateRequest(metadata) !== undefined && rotateRequest(metadata) !== status.lastHandledRotateRequest

/** From when the next version is due, in milliseconds since the epoch: -Infinity for at once, undefined where none is. */
function dueFrom(credential: CustomCredential, state: State): number | undefined {
  const { spec, status } = credential
  const newest = newestInUse(credential)
  if (newest === undefined) {
    const isOver = status.state === 'destroyed' && spec.rotation?.interval === undefined && !isAskedFor(credential)
    return isOver ? undefined : -Infinity
  }
  if (newest.deliveredAt === undefined) return undefined
  if (isAskedFor(credential) || isOutdated(credential, state)) return -Infinity
  const distrusted = condemnedFrom(newest, credential, state)
  const due = dueByItself(newest, credential)
  return distrusted === undefined ? due : Math.min(distrusted, due ?? Infinity)
}

/** When a window opens is told by another rule. */
const dueByItself = ({ createdAt }: CredentialVersion, { spec: { rotation } }: CustomCredential): number | undefined =>
  rotation?.interval === undefined || rotation.window !== undefined
    ? undefined
    : Date.parse(createdAt) + parseDuration(rotation.interval)

/** A wait until the later of now, as it is first seen, and a moment that the status names. */
export const from = (moment: number, state: State): Pick<Wait, 'since'> => (moment > state.now ? { since: moment } : {})

/** Then a moment that a status names says nothing, and the run is judged by the other rules. */
export const areClocksSet = ({ clockSetAt }: State): boolean => clockSetAt > -Infinity

const isPutOff = (credential: CustomCredential): boolean => isSuspended(credential) || barsRotation(credential)

/** What people trust no more, or was revoked at once, is replaced whatever they have put off. */
function isUrgent(credential: CustomCredential, state: State): boolean {
  const newest = newestInUse(credential)
  return credential.status.state === 'deactivated' || (newest !== undefined && isCondemned(newest, credential, state))
}

/** A failed try is repeated when its backoff is over. */
function starts(state: State): Wait[] {
  if (areClocksSet(state)) return []
  return wanted(state).flatMap((credential) => {
    const { metadata, status } = credential
    const due = dueFrom(credential, state)
    const cannot =
      is(credential, 'Stalled') ||
      isCancelled(credential) ||
      (isPutOff(credential) && !isUrgent(credential, state)) ||
      isBusy(state, metadata.uid) ||
      isTerminating(state, credential)
    if (due === undefined || cannot) return []
    const { number = 1, attempts = 0, nextAttemptTime } = status.nextVersion ?? {}
    const retry = nextAttemptTime === undefined ? -Infinity : Date.parse(nextAttemptTime)
    const what = `try ${attempts + 1} at version ${number} of ${metadata.name} (${metadata.uid})`
    return [{ what, ms: MINUTE + NETWORK_MS, ...from(Math.max(due, retry), state) }]
  })
}

/** A version at the end of its time, where consumers have its successor, or none is to come. */
function expiries(state: State): Wait[] {
  if (areClocksSet(state)) return []
  return wanted(state).flatMap((credential) => {
    const { metadata, spec } = credential
    const versions = versionsInUse(credential)
    if (isBusy(state, metadata.uid) || isTerminating(state, credential)) return []
    return versions.flatMap(({ version, expiresAt }) => {
      const later = versions.filter((other) => other.version > version)
      const successor = later.find(({ suspect }) => suspect === undefined) ?? later.at(-1)
      // A suspect one has perhaps been undone, and takes no other's place.
      const isAwaited =
        successor === undefined
          ? mayBeReplaced(credential, state)
          : successor.deliveredAt === undefined || successor.suspect !== undefined
      // Nobody is put back on an older one.
      const isKept = successor === undefined && versions.some((other) => isLocked(credential, other.version))
      if (expiresAt === undefined || isAwaited || isKept || isLocked(credential, version)) return []
      const overlap = parseDuration(spec.rotation?.minOverlap ?? '0s')
      const left = successor?.deliveredAt === undefined ? -Infinity : Date.parse(successor.deliveredAt) + overlap
      const due = Math.max(Date.parse(expiresAt), left)
      return [
        { what: `the end of version ${version} of ${metadata.name}`, ms: MINUTE + NETWORK_MS, ...from(due, state) },
      ]
    })
  })
}

const mayBeReplaced = (credential: CustomCredential, state: State): boolean =>
  credential.spec.rotation?.interval !== undefined ||
  dueFrom(credential, state) !== undefined ||
  (credential.status.nextVersion?.attempts ?? 0) > 0

/** What the run made can not be deleted before it has ended. */
export const isHeld = (state: State, taskId: string): boolean =>
  first(
    state,
    Jobs,
    ({ metadata }) => metadata.name === taskId && metadata.finalizers?.includes(finalizer.jobRelease) === true,
  ) !== undefined

const namesOf = ({ originTaskId, credentialsId = 'what it made' }: Owed): string =>
  `${credentialsId} of ${originTaskId}`
type Owed = Pick<UnresolvedCredential, 'originTaskId' | 'credentialsId'>

function revocations(state: State): Wait[] {
  const ofCredentials = [...state.all(CustomCredentials).values()].flatMap((credential) => {
    const { metadata } = credential
    const { uid, name } = metadata
    const isHalted = isSuspended(credential) && metadata.deletionTimestamp === undefined
    const canTry = !areClocksSet(state) && !isHalted && !isBusy(state, uid) && !isTerminating(state, credential)
    return (credential.status.unresolved ?? []).flatMap((owed) => {
      const notBefore = Date.parse(owed.notBefore ?? '') || -Infinity
      const escalation = {
        what: `the revocation or escalation of ${namesOf(owed)}`,
        ms: 10 * DAY,
        ...from(notBefore, state),
      }
      if (!canTry || isHeld(state, owed.originTaskId)) return [escalation]
      const tried = {
        what: `try ${owed.attempts + 1} for ${name} at ${namesOf(owed)}`,
        ms: MINUTE + NETWORK_MS,
      }
      return [escalation, { ...tried, ...from(Math.max(notBefore, nextTry(owed)), state) }]
    })
  })
  return [
    ...ofCredentials,
    ...[...state.all(OrphanedCredentials).values()].flatMap((orphan) => ofOrphan(state, orphan)),
  ]
}

export const nextTry = ({ nextAttemptTime }: { readonly nextAttemptTime?: string }): number =>
  nextAttemptTime === undefined ? -Infinity : Date.parse(nextAttemptTime)

function ofOrphan(state: State, { metadata, spec, status }: OrphanedCredential): Wait[] {
  const open = first(
    state,
    SecretTasks,
    ({ metadata: { labels }, status: { state: end } }) =>
      labels?.[label.orphan] === metadata.name && (isOpen(end) || end === 'credentials_deleted'),
  )
  const { state: stands, attempts = 0 } = status as Partial<OrphanedCredential['status']>
  const isPutAside = stands === 'Blocked' || metadata.annotations?.[annotation.forget] === 'true'
  if (areClocksSet(state) || open !== undefined || isPutAside || isHeld(state, spec.originTaskId)) return []
  const what = `try ${attempts + 1} for orphan ${metadata.name} at ${namesOf(spec)}`
  return [{ what, ms: MINUTE + NETWORK_MS, ...from(nextTry(status), state) }]
}

/** A run under way ends first; then a person is kept waiting for a quarter of an hour, and twice that where nothing could be tried. */
const BUDGET_MS = 45 * MINUTE

const farewells = (state: State): Wait[] =>
  [...state.all(CustomCredentials).values()]
    .filter((credential) => credential.metadata.deletionTimestamp !== undefined && !holdsDeletion(state, credential))
    .map(({ metadata: { name, uid } }) => ({
      what: `the end of ${name} (${uid})`,
      ms: BUDGET_MS,
    }))

/** The API server may be away for two minutes; the next leader counts the lease from when it first saw it. */
const TAKEOVER_MS = 3 * MINUTE
const LEASE_MS = 15 * SECOND

const leadership = (state: State): Wait[] =>
  [...state.all(leases).values()].map(({ metadata: { resourceVersion } }) => ({
    what: `the next holder of the lease after revision ${resourceVersion}`,
    ms: LEASE_MS + 5 * SECOND + NETWORK_MS,
    aftermathMs: TAKEOVER_MS,
  }))

const MOST_TRIES = 20

/** Patches alone can lose a race again and again. One without effect counts, whatever kept it from having one. */
function progress(): Checker {
  const tries = new Map<string, number>()
  const idOf = (
    by: string,
    plural: string,
    { namespace = '', name }: { readonly namespace?: string; readonly name: string },
  ) => `${by} ${plural} ${namespace}/${name}`
  return {
    on(fact) {
      if (fact.kind === 'object' && fact.type !== 'added') {
        if (tries.size > 0 && isOperator(fact.by))
          tries.delete(idOf(fact.by, fact.resource.plural, fact.object.metadata))
        return undefined
      }
      if (fact.kind !== 'sent' || !fact.call.startsWith('patch ')) return undefined
      const [, path = ''] = fact.call.split(' ')
      const id = idOf(fact.by, path.split('/')[0] ?? '', fact)
      const count = (tries.get(id) ?? 0) + 1
      tries.set(id, count)
      return count > MOST_TRIES ? `${id}: ${count} patches in a row had no effect` : undefined
    },
  }
}

const OWED = [CustomCredentials, OrphanedCredentials, SecretTasks, Jobs, Namespaces]

export const bounds: readonly Invariant[] = [
  {
    id: 'L2 bound',
    says: 'A task that was claimed ends within its time-out and a minute.',
    begin: inTime([SecretTasks], ends),
  },
  {
    id: 'L3 bound',
    says: 'What is owed a deletion is tried within a minute of being due, and deleted or handed over within ten days.',
    begin: inTime(OWED, revocations),
  },
  {
    id: 'L4',
    says: 'A version that is due, by request, by interval or for a leak, is begun within a minute.',
    begin: inTime(
      [CustomCredentials, SecretTasks, Namespaces, CredentialsProviders, ClusterCredentialsProviders],
      starts,
    ),
  },
  {
    id: 'L4 expiry',
    says: 'A version at the end of its time to live is given up within a minute, once nobody needs it any more.',
    begin: inTime([CustomCredentials, SecretTasks, Namespaces], expiries),
  },
  {
    id: 'L5 bound',
    says: 'A deleted credential is gone within its deletion budget.',
    begin: inTime([CustomCredentials], farewells),
  },
  {
    id: 'L8',
    says: 'A task is claimed within a minute of its turn, whatever fails elsewhere.',
    begin: inTime([SecretTasks, CustomCredentials], claims),
  },
  {
    id: 'L9',
    says: 'The lease is renewed or taken over within its duration and five seconds.',
    begin: inTime([leases], leadership),
  },
  {
    id: 'L10',
    says: 'Twenty patches of one object in a row never go without effect.',
    begin: progress,
  },
]
