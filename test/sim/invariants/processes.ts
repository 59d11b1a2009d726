import { CustomCredentials, OrphanedCredentials, Secrets } from '../../../src/api/resources.ts'
import { RIGHT_MISSING } from '../api-server/rights.ts'
import type { Checker, Invariant } from '../observe/invariant.ts'
import { isOperator } from './reading.ts'

/** Kinds that only the leader writes; the gateway of any process ends tasks and puts things into custody. */
const OF_THE_LEADER = new Set([CustomCredentials, OrphanedCredentials, Secrets].map(({ plural }) => plural))

/** An object that is made anew is another one: it was there before neither of them. */
function nothingUndone(): Checker {
  const lastBy = new Map<string, string>()
  return {
    on(fact, { leader }) {
      if (fact.kind !== 'object' || !OF_THE_LEADER.has(fact.resource.plural) || !isOperator(fact.by)) return undefined
      const { uid, name } = fact.object.metadata
      const before = lastBy.get(uid)
      lastBy.set(uid, fact.by)
      const isUndone = fact.type === 'changed' && before === leader && before !== undefined && fact.by !== leader
      return isUndone ? `${fact.by} has changed ${name}, which ${before} had written as the leader` : undefined
    },
  }
}

/** Errors by which a program says that it is wrong, and not the world. */
const DEFECT = /\b(TypeError|ReferenceError|RangeError|SyntaxError|AssertionError)\b|a store handler failed/

const sound = (): Checker => ({
  on(fact) {
    if (fact.kind === 'failed' && !fact.why.startsWith('LeadershipLost'))
      return `${fact.by} ended by itself: ${fact.why}`
    if (fact.kind === 'refused' && fact.why.includes(RIGHT_MISSING)) return `${fact.by} has no right to ${fact.call}`
    if (fact.kind !== 'text' || !isOperator(fact.by)) return undefined
    const [defect] = DEFECT.exec(fact.text) ?? []
    return defect && `${fact.by} runs into a defect of its own: ${fact.text.slice(0, 300)}`
  },
})

export const processes: readonly Invariant[] = [
  {
    id: 'S23',
    says: 'What the leader has written is not changed by a process that has lost the lease to it.',
    begin: nothingUndone,
  },
  {
    id: 'S32',
    says: 'No process of the operator ends by itself but for want of leadership, meets an error of its own making, or asks for what it has no right to.',
    begin: sound,
  },
]
