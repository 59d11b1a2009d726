import { Secrets } from '../../../src/api/resources.ts'
import type { Fact } from '../observe/facts.ts'
import type { Checker, Invariant } from '../observe/invariant.ts'
import { changeOf, isOperator } from './reading.ts'

/** Every secret value of a simulated world begins with this. */
export const CANARY = 'canary-'

/**
 * How the canary looks within base64 whatever stands before and after it: for each of the three offsets, the characters
 * that the canary alone decides.
 */
const inBase64 = [0, 1, 2].map((offset) => {
  const encoded = Buffer.from('\0'.repeat(offset) + CANARY).toString('base64')
  return encoded.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + CANARY.length) * 8) / 6))
})

const LEAK = new RegExp([CANARY, ...inBase64].join('|'))

/** Where secret values must not be; undefined for a fact that has no such place. A Secret may hold them only as data. */
function publicText(fact: Fact): readonly [where: string, text: string] | undefined {
  if (fact.kind === 'text') return [`the log of ${fact.by}`, fact.text]
  if (fact.kind !== 'object' || fact.type === 'deleted') return undefined
  const where = `${fact.resource.plural}/${fact.object.metadata.name}`
  if (changeOf(fact, Secrets) === undefined) return [where, JSON.stringify(fact.object)]
  return isOperator(fact.by) ? [where, JSON.stringify(fact.object.metadata)] : undefined
}

const noLeak = (): Checker => ({
  on(fact) {
    const [where, text] = publicText(fact) ?? []
    const leak = text === undefined ? null : LEAK.exec(text)
    return leak ? `a secret value shows in ${where}, at offset ${leak.index}` : undefined
  },
})

export const secrets: readonly Invariant[] = [
  {
    id: 'S17',
    says: 'No secret value, plain or in base64, stands in a log or in an object but the data of a Secret.',
    begin: noLeak,
  },
]
