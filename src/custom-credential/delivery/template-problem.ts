import { createHash } from 'node:crypto'
import { type Context, type Template, Tokenizer, TypeGuards } from 'liquidjs'
import type { CredentialSchema } from '../../api/generated.ts'
import { memory } from '../../api/memory.ts'
import { cut } from '../../api/text.ts'
import { contextOf, engine, FILTERS, TAGS, undefinedIn } from './liquid.ts'
import type { Templates } from './template.ts'

const HINTS: readonly (readonly [RegExp, string])[] = [
  [/^tag "/, `The tags are ${TAGS.join(', ')}.`],
  [/^undefined filter/, `The filters are ${FILTERS.join(', ')}.`],
]

type Outputs = readonly Pick<CredentialSchema, 'name' | 'required'>[]

/**
 * In UTF-16 units, of all texts of a Secret together, and of their outputs and tags: they are looked at in one go, which
 * takes 0.1 s at worst, for nobody's may hold up the operator.
 */
const MOST = { text: 65_536, code: 4_096 }

/** By their content: whatever else of an object changes, its texts are looked at once. */
const verdictOn = memory<string | undefined>()

/**
 * Why the texts can not be rendered, as far as it is known before there is a version: what the provider's schema promises
 * has to do, with a previous version and without. Without a schema only the texts themselves are looked at.
 */
export function templateProblem(templates: Templates, outputs: Outputs | undefined): string | undefined {
  return verdictOn(idOf(templates, outputs), () => sizeProblem(templates) ?? firstProblem(templates, outputs))
}

function idOf(templates: Templates, outputs: Outputs | undefined): string {
  const promised = outputs?.map(({ name, required = false }) => [name, required])
  return createHash('sha256')
    .update(JSON.stringify([templates, promised]))
    .digest('base64')
}

function sizeProblem(templates: Templates): string | undefined {
  const text = sum(Object.values(templates).map(({ length }) => length))
  const what =
    text > MOST.text
      ? `texts have more than ${MOST.text} characters`
      : sum(Object.values(templates).map(codeSize)) > MOST.code &&
        `outputs and tags have more than ${MOST.code} characters`
  return what ? `spec.target.template: its ${what} together: shorten them, or make two credentials.` : undefined
}

const sum = (sizes: readonly number[]): number => sizes.reduce((total, size) => total + size, 0)

function codeSize(text: string): number {
  try {
    const tokens = new Tokenizer(text).readTopLevelTokens(engine.options)
    return sum(tokens.filter((token) => !TypeGuards.isHTMLToken(token)).map(({ begin, end }) => end - begin))
  } catch {
    // It does not parse either, which is told for itself.
    return 0
  }
}

function firstProblem(templates: Templates, outputs: Outputs | undefined): string | undefined {
  const found = Object.entries(templates).map(([key, text]) => [key, textProblem(text, outputs)] as const)
  const [key, why] = found.find(([, what]) => what !== undefined) ?? []
  return why === undefined ? undefined : `spec.target.template: ${key ?? ''}: ${why}`
}

function textProblem(text: string, outputs: Outputs | undefined): string | undefined {
  try {
    const parsed = engine.parse(text)
    const paths = pathsIn(parsed)
    return outputs && (nameProblem(paths, outputs) ?? absenceProblem(parsed, paths, outputs))
  } catch (error) {
    const said = cut(error instanceof Error ? error.message : '', 256)
    const hint = HINTS.find(([begins]) => begins.test(said))?.[1]
    return [`${said}.`, ...(hint === undefined ? [] : [hint])].join(' ')
  }
}

type Path = readonly unknown[]

const pathsIn = (parsed: Template[]): Path[] =>
  Object.values(engine.analyzeSync(parsed, { partials: false }).globals).flatMap((variables) =>
    variables.map((variable) => variable.toArray()),
  )

/** Only outputs have a name, those of the previous version under `previous`; of a text its `size` is known. */
function nameProblem(paths: readonly Path[], outputs: Outputs): string | undefined {
  const names = outputs.map(({ name }) => name)
  const isKnown = ([root, ...rest]: Path): boolean => {
    const [name, ...more] = root === 'previous' ? rest : [root, ...rest]
    if (name === undefined) return true
    // A name in brackets that is made of a value is a path of its own.
    if (typeof name !== 'string' || !names.includes(name)) return false
    return more.length === 0 || (more.length === 1 && more[0] === 'size')
  }
  const unknown = paths.find((path) => !isKnown(path))
  return unknown && `${cut(unknown.join('.'), 128)} is not among the provider's outputs, which are ${names.join(', ')}.`
}

/** Fits every filter that wants something of a text. */
const SAMPLE = 'AAAA'

/** Of little room, and of no time: the verdict is always the same. */
const SAMPLE_LIMITS = { memoryLimit: 100_000, renderLimit: Infinity }

/** What need not be there has to be asked for: an optional output, and the previous version. */
function absenceProblem(parsed: Template[], paths: readonly Path[], outputs: Outputs): string | undefined {
  const sure = outputs.filter(({ required }) => required === true)
  const least = Object.fromEntries(sure.map(({ name }) => [name, SAMPLE]))
  const missing = [undefined, least].map((previous) => missingIn(parsed, contextOf(least, previous, SAMPLE_LIMITS)))
  const name = missing.find((one) => one !== undefined)
  if (name === undefined) return undefined
  if (name === 'previous') return 'there is not always a previous version: ask for it with {% if previous %}.'
  return paths.some((path) => path.join('.') === name)
    ? `${name} need not be among the outputs: ask for it with {% if ${name} %}, or give it a default.`
    : 'a name in brackets can not be made of a value: write the name itself.'
}

function missingIn(parsed: Template[], context: Context): string | undefined {
  try {
    engine.renderSync(parsed, context)
    return undefined
  } catch (error) {
    return undefinedIn(error)
  }
}
