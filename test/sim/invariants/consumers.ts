import type { CredentialVersion } from '../../../src/api/generated.ts'
import { annotation } from '../../../src/api/labels.ts'
import { CustomCredentials, Secrets } from '../../../src/api/resources.ts'
import type { Fact } from '../observe/facts.ts'
import type { Checker, Invariant } from '../observe/invariant.ts'
import type { State } from '../observe/state.ts'
import { changeOf, isExposed, isLapsed, isOperator, orderedDeletions, wanted } from './reading.ts'

/**
 * What a credential gives up at the end of its life, or because people want it gone at once: who comes back for another, or
 * takes the moment back, before it is deleted has no claim to it.
 */
function givenUp(fact: Fact, state: State): string[] {
  const { object } = changeOf(fact, CustomCredentials) ?? {}
  if (object === undefined) return []
  const { versions = [], unresolved = [] } = object.status
  const reasonsFor = ({ taskId }: CredentialVersion): string[] =>
    unresolved.filter(({ originTaskId }) => originTaskId === taskId).map(({ reason }) => reason)
  return versions
    .filter(
      (version) =>
        (reasonsFor(version).includes('Expired') && isLapsed(version, object, state)) ||
        (reasonsFor(version).length > 0 && isExposed(version, object, state)),
    )
    .map(({ credentialsId }) => credentialsId)
}

/** Tells what is adopted after others have edited Secrets: it may be no login any more. */
function adoptedOnceEdited(): (fact: Fact) => string[] {
  let isEdited = false
  return (fact) => {
    isEdited ||= fact.kind === 'hostile' && fact.act.startsWith('edit secrets')
    const { annotations = {} } = changeOf(fact, Secrets)?.object.metadata ?? {}
    return isEdited && annotations[annotation.adopted] !== undefined
      ? [annotations[annotation.credentialsId] ?? '']
      : []
  }
}

function noneRefused(): Checker {
  const ordered = orderedDeletions()
  const undone = new Set<string>()
  const gone = new Set<string>()
  const writtenByOthers = new Set<string>()
  const spoilt = adoptedOnceEdited()
  const learn = (fact: Fact, state: State): void => {
    const order = ordered(fact)
    if (fact.kind === 'upstream' && fact.type === 'deleted' && order === undefined) undone.add(fact.credentialsId)
    for (const id of givenUp(fact, state)) gone.add(id)
    for (const id of spoilt(fact)) undone.add(id)
    const secret = changeOf(fact, Secrets)
    if (secret === undefined) return
    const { namespace = '', name } = secret.object.metadata
    if (isOperator(secret.by)) writtenByOthers.delete(`${namespace}/${name}`)
    else writtenByOthers.add(`${namespace}/${name}`)
  }
  return {
    on(fact, state) {
      learn(fact, state)
      if (fact.kind !== 'login' || fact.ok) return undefined
      const isWanted = wanted(state).some(({ metadata }) => metadata.uid === fact.credentialUid)
      const isExcused = gone.has(fact.credentialsId) || undone.has(fact.credentialsId)
      if (!isWanted || isExcused || writtenByOthers.has(fact.secret)) return undefined
      return `a consumer of Secret ${fact.secret} was refused with ${fact.credentialsId}`
    },
  }
}

export const consumers: readonly Invariant[] = [
  {
    id: 'S7 logins',
    says: 'Who logs in with what a target Secret tells, or told within the overlap, gets in, but where a provider undid it unasked, or people wanted it gone at once.',
    begin: noneRefused,
  },
]
