import { Secrets } from '../../../src/api/resources.ts'
import type { Checker, Invariant } from '../observe/invariant.ts'
import { changeOf, isOperator, orderedDeletions, wanted } from './reading.ts'

function noneRefused(): Checker {
  const ordered = orderedDeletions()
  const undone = new Set<string>()
  const writtenByOthers = new Set<string>()
  return {
    on(fact, state) {
      const order = ordered(fact)
      if (fact.kind === 'upstream' && fact.type === 'deleted' && order === undefined) undone.add(fact.credentialsId)
      const secret = changeOf(fact, Secrets)
      if (secret !== undefined) {
        const { namespace = '', name } = secret.object.metadata
        if (isOperator(secret.by)) writtenByOthers.delete(`${namespace}/${name}`)
        else writtenByOthers.add(`${namespace}/${name}`)
      }
      if (fact.kind !== 'login' || fact.ok) return undefined
      const isWanted = wanted(state).some(({ metadata }) => metadata.uid === fact.credentialUid)
      if (!isWanted || undone.has(fact.credentialsId) || writtenByOthers.has(fact.secret)) return undefined
      return `a consumer of Secret ${fact.secret} was refused with ${fact.credentialsId}`
    },
  }
}

export const consumers: readonly Invariant[] = [
  {
    id: 'S7 logins',
    says: 'Who logs in with what a target Secret tells, or told within the overlap, gets in, but where a provider undid it unasked.',
    begin: noneRefused,
  },
]
