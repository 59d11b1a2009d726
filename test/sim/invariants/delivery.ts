import type { CredentialVersion, CustomCredential } from '../../../src/api/generated.ts'
import { annotation, CustodyKind, label } from '../../../src/api/labels.ts'
import { CustomCredentials, Secrets, type Secret, SecretTasks } from '../../../src/api/resources.ts'
import type { Fact } from '../observe/facts.ts'
import type { Checker, Invariant } from '../observe/invariant.ts'
import type { State } from '../observe/state.ts'
import { isMerged } from './merging.ts'
import { showsBeside, showsOneOf } from './rendering.ts'
import {
  areGivenUp,
  type Change,
  changeOf,
  exists,
  first,
  isCondemned,
  isExpired,
  isOperator,
  orderedDeletions,
  wanted,
} from './reading.ts'

/** The Secret that consumers read. */
const isTarget = ({ metadata }: Secret): boolean =>
  metadata.labels?.[label.custody] === undefined &&
  metadata.labels?.[label.credentialUid] !== undefined &&
  metadata.annotations?.[annotation.version] !== undefined

const ownerOf = ({ metadata }: Secret): string => metadata.labels?.[label.credentialUid] ?? ''
const idOf = ({ metadata }: Secret): string => metadata.annotations?.[annotation.credentialsId] ?? ''

/** What the operator did to a target Secret: what others do to it is theirs to answer for. */
function targetWrite(fact: Fact): Change<Secret> | undefined {
  const change = changeOf(fact, Secrets)
  return change && isOperator(change.by) && isTarget(change.object) ? change : undefined
}

const custodyVersion = (fact: Fact): Secret | undefined => {
  const secret = changeOf(fact, Secrets)
  return secret?.type === 'added' && isPayload(secret.object) ? secret.object : undefined
}

function aliveForConsumers(): Checker {
  const ordered = orderedDeletions()
  return {
    on(fact, state) {
      const deleted = ordered(fact)
      if (deleted === undefined || areGivenUp(deleted, state)) return undefined
      const owners = new Set(wanted(state).map(({ metadata }) => metadata.uid))
      const reads = (secret: Secret): boolean =>
        isTarget(secret) && idOf(secret) === deleted.credentialsId && owners.has(ownerOf(secret))
      const target = first(state, Secrets, reads)
      return target && `${deleted.credentialsId} was deleted upstream while it is in Secret ${target.metadata.name}`
    },
  }
}

function wholeVersion(): Checker {
  const reported: Secret[] = []
  const newest = new Map<string, number>()
  return {
    on(fact, state) {
      const kept = custodyVersion(fact)
      if (kept) reported.push(kept)
      const target = targetWrite(fact)
      if (target === undefined || target.type === 'deleted') return undefined
      const { name, annotations } = target.object.metadata
      const version = annotations?.[annotation.version]
      if (!reported.some((kept) => idOf(kept) === idOf(target.object))) {
        return `Secret ${name} holds version ${version} (${idOf(target.object)}), and custody has never held it`
      }
      if (!showsOneOf(target.object, reported)) {
        return `Secret ${name} does not hold what custody holds of version ${version} (${idOf(target.object)})`
      }
      // A request of a dead process may make the Secret of a credential that is gone: that it goes again is L5's to say.
      if (!exists(state, ownerOf(target.object))) return undefined
      const before = newest.get(`${ownerOf(target.object)} ${name}`) ?? 0
      newest.set(`${ownerOf(target.object)} ${name}`, Number(version))
      return Number(version) < before ? `Secret ${name} went from version ${before} back to ${version}` : undefined
    },
  }
}

const takesLegacy = (fact: Fact): boolean => {
  const { type, by = '', object } = changeOf(fact, Secrets) ?? {}
  return type === 'deleted' && isOperator(by) && object?.metadata.annotations?.[annotation.retained] !== undefined
}

/** What a dead process has sent may come when the spec has just come back to the name: only what the leader does counts. */
const isFormer = ({ object, by }: Change<Secret>, { status }: CustomCredential, { leader }: State): boolean =>
  (status.target?.name !== object.metadata.name || by !== leader) &&
  (status.formerTargets ?? []).some(({ name, uid }) => name === object.metadata.name && uid === object.metadata.uid)

const neverTakenAway = (): Checker => ({
  on(fact, state) {
    if (takesLegacy(fact)) return 'a Secret was removed that was left to people'
    const target = targetWrite(fact)
    if (target === undefined) return undefined
    const owner = wanted(state).find(({ metadata }) => metadata.uid === ownerOf(target.object))
    if (owner === undefined) return undefined
    const { name } = target.object.metadata
    if (target.type === 'deleted' && isFormer(target, owner, state)) return undefined
    if (target.type === 'deleted') return `Secret ${name} was removed though its credential is to exist`
    return Object.keys(target.object.data ?? {}).length === 0 ? `Secret ${name} was left empty` : undefined
  },
})

function durableBeforeAnswer(): Checker {
  const durable = new Set<string>()
  return {
    on(fact, state) {
      const kept = custodyVersion(fact)
      if (kept) durable.add(`${kept.metadata.labels?.[label.task]}/${idOf(kept)}`)
      if (fact.kind !== 'answered' || fact.code !== 200 || fact.credentialsId === undefined) return undefined
      const { taskId, credentialsId } = fact
      if (durable.has(`${taskId}/${credentialsId}`)) return undefined
      const task = first(state, SecretTasks, ({ metadata }) => metadata.name === taskId)
      if (task?.spec.type === 'delete_credentials') return undefined
      return `${credentialsId} of ${taskId} was acknowledged and is not in custody`
    },
  }
}

/** A payload that has ever been away may have been away when it was read. */
function givenUpOnceLost(): Checker {
  const lost = new Set<string>()
  return {
    on(fact, state) {
      const gone = changeOf(fact, Secrets)
      if (gone?.type === 'deleted') lost.add(gone.object.metadata.name)
      const { object } = changeOf(fact, CustomCredentials) ?? {}
      const given = (object?.status.unresolved ?? []).filter(({ reason }) => reason === 'Undelivered')
      const early = given.find(({ originTaskId }) => !lost.has(originTaskId) && isInCustody(state, originTaskId))
      return (
        early && `version ${early.version} was given up as lost, and its payload ${early.originTaskId} is in custody`
      )
    },
  }
}

const isInCustody = (state: State, taskId: string): boolean =>
  first(
    state,
    Secrets,
    ({ metadata: { name, labels } }) => name === taskId && labels?.[label.custody] === CustodyKind.version,
  ) !== undefined

/** Nobody else's keys are in it, and some credential is to have its own there: what it does to others is `S19 keys` to judge. */
const isMergedInto = ({ object, previous }: Change<Secret>, state: State): boolean =>
  isMerged(object) && !(previous !== undefined && exists(state, ownerOf(previous)))

function foreignUntouched(): Checker {
  /** By credential, the Secrets that its spec has named as what it takes over: a write may be on its way when it is edited. */
  const named = new Map<string, Set<string>>()
  /** It has no version yet, and the Secret is nobody's. */
  const isTakenOver = ({ object, previous }: Change<Secret>, state: State): boolean => {
    const owner = first(state, CustomCredentials, ({ metadata }) => metadata.uid === ownerOf(object))
    return (
      previous !== undefined &&
      !exists(state, ownerOf(previous)) &&
      owner !== undefined &&
      owner.status.currentVersion === undefined &&
      named.get(owner.metadata.uid)?.has(object.metadata.name) === true
    )
  }
  return {
    on(fact, state) {
      const { metadata, spec } = changeOf(fact, CustomCredentials)?.object ?? {}
      if (spec?.adopt !== undefined && metadata !== undefined)
        named.set(metadata.uid, (named.get(metadata.uid) ?? new Set()).add(spec.adopt.secretName))
      const target = targetWrite(fact)
      if (target?.previous === undefined || ownerOf(target.previous) === ownerOf(target.object)) return undefined
      if (isTakenOver(target, state) || isMergedInto(target, state)) return undefined
      return `Secret ${target.object.metadata.name} was overwritten though it did not belong to that credential`
    },
  }
}

/** One that is at its end, or has leaked, goes even where the Secret cannot be written. */
function hiddenBeforeDeletion(): Checker {
  let isRefused = false
  return {
    on(fact, state) {
      isRefused ||= fact.kind === 'refused' && /^write \w+ secrets$/.test(fact.call)
      const task = changeOf(fact, SecretTasks)
      if (task?.type !== 'added') return undefined
      const { credentialsId, credential } = task.object.spec
      const owner = wanted(state).find(({ metadata }) => metadata.uid === credential.uid)
      const version = owner?.status.versions?.find((known) => known.credentialsId === credentialsId)
      if (owner === undefined || version === undefined) return undefined
      if (isRefused && (isExpired(version, state) || isCondemned(version, owner, state))) return undefined
      return isShownBeside(owner, version, state)
        ? `${task.object.metadata.name} is to delete version ${version.version}, which the Secret still shows beside`
        : undefined
    },
  }
}

function isShownBeside(
  { metadata, status }: CustomCredential,
  { credentialsId }: CredentialVersion,
  state: State,
): boolean {
  const target = state.all(Secrets).get(`${metadata.namespace ?? ''}/${status.target?.name ?? ''}`)
  const payload = first(state, Secrets, (secret) => isPayload(secret) && idOf(secret) === credentialsId)
  return target !== undefined && payload !== undefined && showsBeside(target, payload)
}

const isPayload = ({ metadata: { labels } }: Secret): boolean => labels?.[label.custody] === CustodyKind.version

export const delivery: readonly Invariant[] = [
  {
    id: 'S7',
    says: 'What the consumers of a credential read is not deleted upstream on our order, but where its time is over, or people want it gone at once.',
    begin: aliveForConsumers,
  },
  {
    id: 'S7 shown',
    says: 'A version that has been displaced leaves the Secret, which shows it beside another, before its deletion is ordered.',
    begin: hiddenBeforeDeletion,
  },
  {
    id: 'S9',
    says: 'The consumers read all of one version, exactly as reported, under its number and ID, and never an older one than before.',
    begin: wholeVersion,
  },
  {
    id: 'S10',
    says: 'The operator never removes or empties the Secret of a credential that is to exist, but one that its status tells of as a former target, nor one that it has left to people.',
    begin: neverTakenAway,
  },
  {
    id: 'S11',
    says: 'A creation is acknowledged only after what was reported has been durable in custody.',
    begin: durableBeforeAnswer,
  },
  {
    id: 'S9 lost',
    says: 'A version is given up as undelivered only where custody has lost its payload.',
    begin: givenUpOnceLost,
  },
  {
    id: 'S19',
    says: 'The operator never writes over a Secret of another owner, but over one without that is to be adopted, once.',
    begin: foreignUntouched,
  },
]
