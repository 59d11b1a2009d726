import type { CustomCredential } from '../../../src/api/generated.ts'
import { annotation, finalizer, label } from '../../../src/api/labels.ts'
import { CustomCredentials, Jobs, type Secret, Secrets, SecretTasks } from '../../../src/api/resources.ts'
import type { Fact } from '../observe/facts.ts'
import type { Checker, Invariant } from '../observe/invariant.ts'
import type { LiveCredential, State } from '../observe/state.ts'
import { changeOf, covers, first, isOpen, isOrphaned, ours, standsFor, untilRobbed } from './reading.ts'

const inStatus = ({ status }: CustomCredential, live: LiveCredential): boolean =>
  (status.versions ?? []).some((version) => standsFor(version, live)) ||
  (status.unresolved ?? []).some((owed) => covers(owed, live))

const inCustody = ({ metadata }: Secret, { credentialsId }: LiveCredential): boolean =>
  metadata.labels?.[label.custody] !== undefined && metadata.annotations?.[annotation.credentialsId] === credentialsId

/** Ordered by how often each is the one that answers. */
const isAccountedFor = (state: State, live: LiveCredential): boolean =>
  first(state, CustomCredentials, (credential) => inStatus(credential, live)) !== undefined ||
  first(state, SecretTasks, ({ metadata, status }) => metadata.name === live.originTaskId && isOpen(status.state)) !==
    undefined ||
  first(
    state,
    Jobs,
    ({ metadata }) =>
      metadata.name === live.originTaskId && metadata.finalizers?.includes(finalizer.jobRelease) === true,
  ) !== undefined ||
  first(state, Secrets, (secret) => inCustody(secret, live)) !== undefined ||
  isOrphaned(state, live) ||
  [...state.working.values()].includes(live.originTaskId)

const EVIDENCE = new Set(['customcredentials', 'secrettasks', 'jobs', 'secrets', 'orphanedcredentials'])

/** Only what may take evidence away, or add something to be accounted for, calls for another look. */
const mayUnsettle = (fact: Fact): boolean =>
  (fact.kind === 'object' && fact.type !== 'added' && EVIDENCE.has(fact.resource.plural)) ||
  (fact.kind === 'container' && fact.type === 'ended') ||
  (fact.kind === 'upstream' && fact.type === 'created')

const accountedFor = (): Checker => ({
  on(fact, state) {
    if (state.live.size === 0 || !mayUnsettle(fact)) return undefined
    const lost = ours(state).find((live) => !isAccountedFor(state, live))
    return lost && `${lost.credentialsId} of ${lost.originTaskId} exists upstream and nothing accounts for it`
  },
})

function oneIdPerVersion(): Checker {
  const ids = new Map<string, string>()
  const next = new Map<string, number>()
  return {
    on(fact) {
      const change = changeOf(fact, CustomCredentials)
      if (change === undefined || change.type === 'deleted') return undefined
      const { metadata, status } = change.object
      for (const { version, credentialsId } of status.versions ?? []) {
        const at = `${metadata.uid}/${version}`
        const known = ids.get(at) ?? credentialsId
        ids.set(at, known)
        if (known !== credentialsId) return `version ${version} of ${metadata.name} was ${known}, now ${credentialsId}`
      }
      const before = next.get(metadata.uid) ?? 0
      const now = status.nextVersion?.number ?? before
      next.set(metadata.uid, Math.max(before, now))
      return now < before ? `the next version of ${metadata.name} went from ${before} back to ${now}` : undefined
    },
  }
}

export const accounting: readonly Invariant[] = [
  {
    id: 'S5',
    says: 'Each credential that exists upstream, and is not left to people, is accounted for in the cluster, by a record or by a run not yet judged.',
    begin: untilRobbed(accountedFor),
  },
  {
    id: 'S8',
    says: 'A version number stands for one credentials ID for ever, and counts upwards.',
    begin: oneIdPerVersion,
  },
]
