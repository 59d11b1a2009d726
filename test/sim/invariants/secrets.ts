import { CustodyKind, label } from '../../../src/api/labels.ts'
import { type Secret, Secrets } from '../../../src/api/resources.ts'
import type { Fact, ObjectChange } from '../observe/facts.ts'
import type { Checker, Invariant } from '../observe/invariant.ts'
import { findLeak, OVERLAP, reader } from './canaries.ts'
import { changeOf, isOperator } from './reading.ts'

interface PublicText {
  readonly where: string
  readonly text: string
}

type Read = ReturnType<typeof reader>
type SecretChange = ObjectChange & { readonly object: Secret }

/** A version in custody, a copy of an input there, and the consumers' Secret: what secret values are for. */
const mayHold = ({ metadata: { labels } }: Secret): boolean =>
  ([CustodyKind.version, CustodyKind.copy, undefined] as (string | undefined)[]).includes(labels?.[label.custody])

/** What a person puts on a Secret is theirs to answer for; what the operator keeps about a credential holds no value of it. */
function textOfSecret({ object, by }: SecretChange, textOf: Read): string | undefined {
  if (!isOperator(by)) return undefined
  const { data = {}, ...rest } = object
  if (mayHold(object)) return textOf(rest)
  const decoded = Object.values(data).map((encoded) => Buffer.from(encoded, 'base64').toString())
  return textOf(rest) + decoded.join('')
}

/** A log line: what stands in its fields, or, where it has none, what it says. */
function textOfLine(line: string, textOf: Read): string {
  const from = line.indexOf('{')
  if (from < 0) return line
  try {
    return line.slice(0, from) + textOf(JSON.parse(line.slice(from)) as object) + line
  } catch {
    return line
  }
}

/** What everybody may read of a fact; undefined where there is nothing. */
function publicText(fact: Fact, textOf: Read): PublicText | undefined {
  if (fact.kind === 'text') return { where: `the log of ${fact.by}`, text: textOfLine(fact.text, textOf) }
  // What is shown to whom is for S18 to judge.
  if (fact.kind === 'shown')
    return fact.code === 200 ? undefined : { where: `the answer about ${fact.id}`, text: fact.body }
  if (fact.kind === 'answered') return { where: `the answer about ${fact.taskId}`, text: fact.body ?? '' }
  if (fact.kind !== 'object' || fact.type === 'deleted') return undefined
  const secret = changeOf(fact, Secrets)
  const text = secret ? textOfSecret(secret, textOf) : textOf(fact.object)
  return text === undefined ? undefined : { where: `${fact.resource.plural}/${fact.object.metadata.name}`, text }
}

function noLeak(): Checker {
  const textOf = reader()
  let lastLine = ''
  return {
    on(fact) {
      const found = publicText(fact, textOf)
      if (found === undefined) return undefined
      const text = fact.kind === 'text' ? lastLine + found.text : found.text
      if (fact.kind === 'text') lastLine = fact.text.slice(-OVERLAP)
      const at = findLeak(text)
      return at === undefined ? undefined : `a secret value shows in ${found.where}, at offset ${at} of its text`
    },
  }
}

export const secrets: readonly Invariant[] = [
  {
    id: 'S17',
    says: 'No part of a secret value, plain, encoded or split, stands in a log, an answer or an object but the data of the Secrets that are for it.',
    begin: noLeak,
  },
]
