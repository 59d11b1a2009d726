import { annotation, CustodyKind, finalizer, label } from '../../../src/api/labels.ts'
import {
  CustomCredentials,
  Jobs,
  OrphanedCredentials,
  type Secret,
  Secrets,
  SecretTasks,
} from '../../../src/api/resources.ts'
import type { CustomCredential } from '../../../src/api/generated.ts'
import type { Checker, Invariant } from '../observe/invariant.ts'
import type { State } from '../observe/state.ts'
import { renderingFault, showsOneOf } from './rendering.ts'
import { isServed } from './rights.ts'
import { covers, exists, first, isOrphaned, ours, standsFor, untilRobbed, versionsInUse, wanted } from './reading.ts'

const atRest = (judge: (state: State) => string | undefined) => untilRobbed((): Checker => ({ atRest: judge }))

function allReady(state: State): string | undefined {
  const unready = wanted(state).find(
    (credential) =>
      !credential.status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') &&
      !isBarredByLegacy(state, credential) &&
      isServed(state, credential),
  )
  const ready = unready?.status.conditions?.find(({ type }) => type === 'Ready')
  return unready && `${unready.metadata.name} is not ready: ${ready?.reason ?? 'it has no condition'}`
}

/** A Secret that was left to people has the name, and nobody has said that it is to be adopted. */
const isBarredByLegacy = (state: State, { metadata, spec, status }: CustomCredential): boolean =>
  spec.adopt === undefined &&
  state.all(Secrets).get(`${metadata.namespace ?? ''}/${status.target?.name ?? ''}`)?.metadata.annotations?.[
    annotation.retained
  ] !== undefined

function allDelivered(state: State): string | undefined {
  for (const { metadata, status } of wanted(state)) {
    const { namespace = '', name, generation } = metadata
    if (status.currentVersion === undefined) continue
    const target = state.all(Secrets).get(`${namespace}/${status.target?.name ?? ''}`)
    const version = target?.metadata.annotations?.[annotation.version]
    if (version !== String(status.currentVersion)) {
      return `${name} is at version ${status.currentVersion}, its Secret at ${version ?? 'none'}`
    }
    if (target && isEdited(state, target)) return `the Secret of ${name} does not hold what was reported`
    if (status.observedGeneration !== generation) return `${name} has not looked at its generation ${generation}`
  }
  return undefined
}

function allRendered(state: State): string | undefined {
  for (const credential of wanted(state)) {
    const { metadata, status } = credential
    const target = state.all(Secrets).get(`${metadata.namespace ?? ''}/${status.target?.name ?? ''}`)
    const fault = target && status.currentVersion !== undefined ? renderingFault(credential, target, state) : undefined
    if (fault !== undefined) return `the Secret of ${metadata.name} ${fault}`
  }
  return undefined
}

/** Somebody has edited it. What is in custody no more was delivered before. */
function isEdited(state: State, target: Secret): boolean {
  const id = target.metadata.annotations?.[annotation.credentialsId]
  const reported = [...state.all(Secrets).values()].filter(
    ({ metadata }) => metadata.labels?.[label.custody] === CustodyKind.version,
  )
  const isKept = reported.some(({ metadata }) => metadata.annotations?.[annotation.credentialsId] === id)
  return isKept && !showsOneOf(target, reported)
}

/** A Job that was judged and released stays until its time to live is over. */
function allJudged(state: State): string | undefined {
  const open = first(state, SecretTasks, ({ status }) => ['queued', 'processing'].includes(status.state))
  if (open) return `${open.metadata.name} is still ${open.status.state}`
  const held = first(state, Jobs, ({ metadata }) => metadata.finalizers?.includes(finalizer.jobRelease) === true)
  if (held) return `Job ${held.metadata.name} is still held`
  const [working] = state.working.values()
  return working && `a container of ${working} is still at work`
}

function upstreamMatches(state: State): string | undefined {
  const credentials = [...state.all(CustomCredentials).values()]
  const versions = credentials.flatMap(versionsInUse)
  const owed = credentials.flatMap(({ status }) => status.unresolved ?? [])
  // A suspect one has been replaced because its provider may have undone it.
  const missing = versions.find(({ credentialsId, suspect }) => !state.live.has(credentialsId) && suspect === undefined)
  if (missing) return `version ${missing.version} is in use and ${missing.credentialsId} does not exist upstream`
  const extra = ours(state).find(
    (live) =>
      !versions.some((version) => standsFor(version, live)) &&
      !owed.some((entry) => covers(entry, live)) &&
      !isOrphaned(state, live),
  )
  return extra && `${extra.credentialsId} of ${extra.originTaskId} exists upstream and nothing names it`
}

function allGone(state: State): string | undefined {
  const stuck = first(state, CustomCredentials, ({ metadata }) => metadata.deletionTimestamp !== undefined)
  return stuck && `${stuck.metadata.name} was deleted and is still there`
}

/** What was made for a credential goes with it, however late it came; an orphan keeps what its revocation needs. */
function nothingLeft(state: State): string | undefined {
  const isOwned = (uid: string) =>
    exists(state, uid) || first(state, OrphanedCredentials, ({ spec }) => spec.credential.uid === uid) !== undefined
  const secret = first(state, Secrets, ({ metadata: { labels } }) => {
    const uid = labels?.[label.credentialUid]
    return uid !== undefined && !isOwned(uid)
  })
  if (secret) return `Secret ${secret.metadata.name} is left of a credential that is gone`
  const task = first(state, SecretTasks, ({ spec }) => !isOwned(spec.credential.uid))
  return task && `task ${task.metadata.name} is left of a credential that is gone`
}

export const rest: readonly Invariant[] = [
  { id: 'L1', says: 'At rest each credential that is to exist is Ready.', begin: atRest(allReady) },
  {
    id: 'L1 delivered',
    says: 'At rest the target Secret shows the current version as it was reported, and the status is about the spec as it is.',
    begin: atRest(allDelivered),
  },
  {
    id: 'L1 rendered',
    says: 'At rest the target Secret looks as its spec asks for, and shows the previous version while that is in use.',
    begin: atRest(allRendered),
  },
  { id: 'L2', says: 'At rest every run has been judged: no task is open and no Job held.', begin: atRest(allJudged) },
  {
    id: 'L3',
    says: 'At rest what exists upstream is what versions in use name, what is still owed a deletion, and what is left to people.',
    begin: atRest(upstreamMatches),
  },
  {
    id: 'L5',
    says: 'At rest no deleted credential is left, nor a Secret or a task that was made for it.',
    begin: atRest((state) => allGone(state) ?? nothingLeft(state)),
  },
]
