import type { Condition } from '../../../src/api/generated.ts'
import {
  ClusterCredentialsProviders,
  CredentialsProviders,
  CustomCredentials,
  OrphanedCredentials,
  SecretTasks,
} from '../../../src/api/resources.ts'
import type { Provider } from '../../../src/credentials-provider/resolve.ts'
import type { Fact } from '../observe/facts.ts'
import type { Checker, Invariant } from '../observe/invariant.ts'
import type { State } from '../observe/state.ts'
import { areClocksSet } from './bounds.ts'
import { changeOf, isCondemned, ours } from './reading.ts'
import { inTime, MINUTE, NETWORK_MS, type Wait } from './waits.ts'

/** Which provider has made what exists upstream, by UID, and when. */
function issues() {
  const makers = new Map<string, string>()
  const madeAt = new Map<string, number>()
  return {
    learn(fact: Fact, now: number): void {
      const task = changeOf(fact, SecretTasks)?.object
      if (task) makers.set(task.metadata.name, task.spec.provider.uid)
      if (fact.kind === 'upstream' && fact.type === 'created') madeAt.set(fact.credentialsId, now)
    },
    /** What exists of it that was made before the moment. */
    left: ({ metadata }: Provider, moment: number, state: State): string | undefined =>
      ours(state).find(
        ({ credentialsId, originTaskId }) =>
          makers.get(originTaskId) === metadata.uid && (madeAt.get(credentialsId) ?? Infinity) < moment,
      )?.credentialsId,
  }
}

/** Something is, or may be, to be replaced or revoked. */
function isOwing({ metadata: { uid } }: Provider, state: State): boolean {
  const isIts = ({ provider }: { readonly provider: { readonly uid: string } }) => provider.uid === uid
  const credentials = [...state.all(CustomCredentials).values()]
  return (
    [...state.all(OrphanedCredentials).values()].some(({ spec }) => isIts(spec)) ||
    credentials.some(
      (credential) =>
        credential.status.state === 'deactivated' ||
        (credential.status.unresolved ?? []).some(isIts) ||
        (credential.status.versions ?? []).some((one) => isIts(one) && isCondemned(one, credential, state)),
    )
  )
}

const wordOf = ({ metadata, status }: Provider): Condition['status'] | undefined =>
  status.conditions?.find(
    ({ type, observedGeneration }) => type === 'Revoking' && observedGeneration === metadata.generation,
  )?.status

/** Progress is written at a pace of its own. */
const WORD_MS = MINUTE + NETWORK_MS

function truthful(): Checker {
  const issued = issues()
  const untrue = (provider: Provider, state: State): Wait[] => {
    const { name } = provider.metadata
    const moment = Date.parse(provider.spec.revokeIssuedBefore ?? '')
    if (!(moment <= state.now) || areClocksSet(state)) return []
    const left = issued.left(provider, moment, state)
    const word = wordOf(provider)
    if (left !== undefined && word !== 'True')
      return [{ what: `the word of provider ${name} that ${left} is left`, ms: WORD_MS }]
    if (!isOwing(provider, state) && word !== 'False')
      return [{ what: `the word of provider ${name} that nothing is left`, ms: WORD_MS }]
    return []
  }
  const kinds = [CredentialsProviders, ClusterCredentialsProviders]
  const checker = inTime([...kinds, CustomCredentials, OrphanedCredentials], (state) =>
    kinds.flatMap((kind) => [...state.all<Provider>(kind).values()].flatMap((provider) => untrue(provider, state))),
  )()
  return {
    ...checker,
    on(fact, state) {
      issued.learn(fact, state.now)
      return checker.on?.(fact, state)
    },
  }
}

export const revoking: readonly Invariant[] = [
  {
    id: 'L1 revoking',
    says: 'A provider whose credentials people trust no more says within a minute whether any is left.',
    begin: truthful,
  },
]
