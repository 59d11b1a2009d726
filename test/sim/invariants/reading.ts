import type { CredentialVersion, CustomCredential } from '../../../src/api/generated.ts'
import { annotation, label } from '../../../src/api/labels.ts'
import type { KubeObject, Resource } from '../../../src/api/meta.ts'
import {
  ClusterCredentialsProviders,
  CredentialsProviders,
  CustomCredentials,
  OrphanedCredentials,
  Pods,
} from '../../../src/api/resources.ts'
import type { Provider } from '../../../src/credentials-provider/resolve.ts'
import type { Fact, ObjectChange, UpstreamChange } from '../observe/facts.ts'
import type { Checker } from '../observe/invariant.ts'
import type { LiveCredential, State } from '../observe/state.ts'

/** A change of an object of a known kind. */
export interface Change<T extends KubeObject> extends ObjectChange {
  readonly object: T
  readonly previous?: T
}

/** The fact as a change of an object of this kind; undefined where it is none. */
export const changeOf = <T extends KubeObject>(fact: Fact, { plural }: Resource<T>): Change<T> | undefined =>
  fact.kind === 'object' && fact.resource.plural === plural ? (fact as Change<T>) : undefined

export const isOperator = (by: string): boolean => by.startsWith('operator')

/** The task has not ended. */
export const isOpen = (state: string): boolean => state === 'queued' || state === 'processing'

/** Of each kind there are few in a world, so that looking through all is cheap. */
export function first<T extends KubeObject>(
  state: State,
  resource: Resource<T>,
  fits: (object: T) => boolean,
): T | undefined {
  for (const object of state.all(resource).values()) if (fits(object)) return object
  return undefined
}

/** The provider of that UID, of a namespace or of the cluster. */
export const providerBy = (state: State, uid: string): Provider | undefined =>
  first(state, CredentialsProviders, ({ metadata }) => metadata.uid === uid) ??
  first(state, ClusterCredentialsProviders, ({ metadata }) => metadata.uid === uid)

/** The credentials that are to exist. */
export const wanted = (state: State): CustomCredential[] =>
  [...state.all(CustomCredentials).values()].filter(({ metadata }) => metadata.deletionTimestamp === undefined)

/** What exists upstream and is the operator's to account for. */
export const ours = ({ live, theirs }: State): LiveCredential[] =>
  [...live.values()].filter(({ credentialsId }) => !theirs.has(credentialsId))

/** Whether the credential of that UID is there, to stay or to go. */
export const exists = (state: State, uid: string): boolean =>
  first(state, CustomCredentials, ({ metadata }) => metadata.uid === uid) !== undefined

/** What names something that exists upstream, or may: an entry without a credentials ID means all that its run made. */
interface Owed {
  readonly originTaskId: string
  readonly credentialsId?: string
}

export const covers = (owed: Owed, { credentialsId, originTaskId }: LiveCredential): boolean =>
  owed.credentialsId === undefined ? owed.originTaskId === originTaskId : owed.credentialsId === credentialsId

/** A version whose run had two pods stands for what both have made: it says that more is to be looked for when it goes. */
export const standsFor = ({ credentialsId, taskId, startedTwice }: CredentialVersion, live: LiveCredential): boolean =>
  credentialsId === live.credentialsId || (startedTwice === true && taskId === live.originTaskId)

export const isOrphaned = (state: State, live: LiveCredential): boolean =>
  first(state, OrphanedCredentials, ({ spec }) => covers(spec, live)) !== undefined

/** The versions of a status that are not owed a deletion. */
export const versionsInUse = ({ status }: CustomCredential): CredentialVersion[] =>
  (status.versions ?? []).filter(
    ({ taskId, credentialsId }) =>
      !(status.unresolved ?? []).some(
        (owed) => owed.originTaskId === taskId && (owed.credentialsId ?? credentialsId) === credentialsId,
      ),
  )

export const newestInUse = (credential: CustomCredential): CredentialVersion | undefined =>
  versionsInUse(credential)
    .sort((a, b) => a.version - b.version)
    .at(-1)

/** What people ask for a rotation with. */
export const rotateRequest = ({ annotations }: CustomCredential['metadata']): string | undefined =>
  annotations?.[annotation.rotateRequestedAt]

/** The last try was cancelled by hand, and nobody has asked for another since. */
export const isCancelled = ({ metadata, status }: CustomCredential): boolean =>
  status.nextVersion?.cancelledAt !== undefined && rotateRequest(metadata) === status.nextVersion.rotateRequest

/** Its time to live has ended; by whose clock nobody knows once one was set. */
export const isExpired = (
  { expiresAt }: Pick<CredentialVersion, 'expiresAt'>,
  { now, clockSetAt }: Pick<State, 'now' | 'clockSetAt'>,
): boolean => expiresAt !== undefined && (Date.parse(expiresAt) <= now || clockSetAt > -Infinity)

type Moment = Pick<CustomCredential['spec'], 'revokeIssuedBefore' | 'revokeMode'>

/** The moments that people have named for a version. */
function momentsOf({ provider: { uid } }: CredentialVersion, { spec }: CustomCredential, state: State): Moment[] {
  const provider = providerBy(state, uid)
  return provider === undefined ? [spec] : [spec, provider.spec]
}

const isIssuedBefore = ({ startedAt, issuedAfter }: CredentialVersion, { revokeIssuedBefore: moment }: Moment) =>
  moment !== undefined &&
  (startedAt === undefined ||
    Date.parse(startedAt) < Date.parse(moment) ||
    // Whole seconds, rounded down, by a clock that is not set.
    Date.parse(issuedAfter ?? startedAt) + 1000 <= Date.parse(moment))

/** People want everything revoked that was issued so early. */
export const isCondemned = (version: CredentialVersion, credential: CustomCredential, state: State): boolean =>
  condemnedFrom(version, credential, state) !== undefined

/** From when they do, in milliseconds since the epoch; undefined where they do not. */
export function condemnedFrom(
  version: CredentialVersion,
  credential: CustomCredential,
  state: State,
): number | undefined {
  const moments = momentsOf(version, credential, state)
    .filter((moment) => isIssuedBefore(version, moment))
    .map(({ revokeIssuedBefore = '' }) => Date.parse(revokeIssuedBefore))
  return moments.length === 0 ? undefined : Math.min(...moments)
}

/** They want it so at once, whoever uses it, and the moment has come: the one reason to take from consumers what they have. */
export const isExposed = (version: CredentialVersion, credential: CustomCredential, state: State): boolean =>
  isExposedBy(momentsOf(version, credential, state), version, state)

const isExposedBy = (moments: readonly Moment[], version: CredentialVersion, { now, clockSetAt }: State): boolean =>
  moments.some(
    (moment) =>
      moment.revokeMode === 'Immediate' &&
      (Date.parse(moment.revokeIssuedBefore ?? '') <= now || clockSetAt > -Infinity) &&
      isIssuedBefore(version, moment),
  )

/** What people had said of all that a provider has issued, where that one is gone since: what was ordered by it still happens. */
function lastMoments({ provider: { uid } }: CredentialVersion, state: State): Moment[] {
  const provider = state.goneProviders.get(uid)
  return provider === undefined ? [] : [provider.spec]
}

/** It may be revoked though it is locked, or the previous one. */
export const isDistrusted = (version: CredentialVersion, credential: CustomCredential, state: State): boolean =>
  isCondemned(version, credential, state) ||
  lastMoments(version, state).some((moment) => isIssuedBefore(version, moment))

/** It has, and nothing has taken its place, or was to by itself: then it may go under its consumers. */
export const isLapsed = (version: CredentialVersion, { spec, status }: CustomCredential, state: State): boolean =>
  spec.rotation?.interval === undefined &&
  isExpired(version, state) &&
  !(status.versions ?? []).some((other) => other.version > version.version && other.deliveredAt !== undefined)

/** It may go under its consumers: its time is over, or people want it gone. */
export const isGivenUp = (version: CredentialVersion, credential: CustomCredential, state: State): boolean =>
  isLapsed(version, credential, state) ||
  isExposed(version, credential, state) ||
  isExposedBy(lastMoments(version, state), version, state)

/** A version of a credential that is wanted is given up, of these credentials. */
export const areGivenUp = ({ credentialsId }: Pick<LiveCredential, 'credentialsId'>, state: State): boolean =>
  wanted(state).some((credential) =>
    (credential.status.versions ?? []).some(
      (version) => version.credentialsId === credentialsId && isGivenUp(version, credential, state),
    ),
  )

/**
 * Picks the upstream deletions that the operator answers for: those of its delete runs, and the undoing that a refusal of
 * its gateway orders. A provider that undoes what it made without such an order is no fault of the operator's.
 */
export function orderedDeletions(): (fact: Fact) => UpstreamChange | undefined {
  const refused = new Set<string>()
  const pods = new Map<string, { readonly uid: string; readonly taskId: string | undefined }>()
  const learn = (fact: Fact) => {
    const pod = changeOf(fact, Pods)
    if (pod?.type === 'added') {
      const { name, uid, labels } = pod.object.metadata
      pods.set(name, { uid, taskId: labels?.[label.task] })
    }
    // What one of two pods is told is no order to the other.
    if (fact.kind === 'answered' && fact.code >= 400 && fact.code < 500)
      refused.add(`${fact.podUid}/${fact.credentialsId ?? ''}`)
  }
  return (fact) => {
    learn(fact)
    if (fact.kind !== 'upstream' || fact.type !== 'deleted') return undefined
    const by = pods.get(fact.by)
    if (by?.taskId !== fact.originTaskId) return fact
    const isOrdered = refused.has(`${by.uid}/${fact.credentialsId}`) || refused.has(`${by.uid}/`)
    return isOrdered ? fact : undefined
  }
}

/**
 * Deleting is anybody's right, and so is editing what is not the operator's word: nothing may be lost by either, nor by a
 * provider that goes while it is held. What else a person does may take the operator's records away.
 */
const isEndured = (act: string): boolean => /^(delete|edit|strip credentialsproviders) /.test(act)

/**
 * A rule that the operator can keep only while it keeps its records: it is given up for the rest of a run once a person
 * has done worse than to delete, such as to strip a finalizer. Rules about what the operator itself does hold in any case.
 */
export const untilRobbed = (begin: () => Checker) => (): Checker => {
  const { on, atRest } = begin()
  let robbed = false
  return {
    on: (fact, state) => {
      robbed ||= fact.kind === 'hostile' && !isEndured(fact.act)
      return robbed ? undefined : on?.(fact, state)
    },
    atRest: (state) => (robbed ? undefined : atRest?.(state)),
  }
}
