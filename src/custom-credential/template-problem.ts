import type { Template } from 'liquidjs'
import type { CredentialSchema } from '../api/generated.ts'
import { cut } from '../api/text.ts'
import { engine, FILTERS, TAGS, undefinedIn, variablesOf } from './liquid.ts'
import type { Templates } from './template.ts'

const HINTS: readonly (readonly [RegExp, string])[] = [
  [/^tag "/, `The tags are ${TAGS.join(', ')}.`],
  [/^undefined filter/, `The filters are ${FILTERS.join(', ')}.`],
]

type Outputs = readonly Pick<CredentialSchema, 'name' | 'required'>[]

const verdicts = new WeakMap<
  Templates,
  { readonly outputs: Outputs | undefined; readonly problem: string | undefined }
>()

/**
 * Why the texts can not be rendered, as far as it is known before there is a version: what the provider's schema promises
 * has to do, with a previous version and without. Without a schema only the texts themselves are looked at.
 */
export function templateProblem(templates: Templates, outputs: Outputs | undefined): string | undefined {
  const known = verdicts.get(templates)
  if (known !== undefined && known.outputs === outputs) return known.problem
  const found = Object.entries(templates).map(([key, text]) => [key, textProblem(text, outputs)] as const)
  const [key, why] = found.find(([, what]) => what !== undefined) ?? []
  const problem = why === undefined ? undefined : `spec.target.template: ${key ?? ''}: ${why}`
  verdicts.set(templates, { outputs, problem })
  return problem
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

/** What need not be there has to be asked for: an optional output, and the previous version. */
function absenceProblem(parsed: Template[], paths: readonly Path[], outputs: Outputs): string | undefined {
  const sure = outputs.filter(({ required }) => required === true)
  const least = Object.fromEntries(sure.map(({ name }) => [name, SAMPLE]))
  const missing = [undefined, least].map((previous) => missingIn(parsed, variablesOf(least, previous)))
  const name = missing.find((one) => one !== undefined)
  if (name === undefined) return undefined
  if (name === 'previous') return 'there is not always a previous version: ask for it with {% if previous %}.'
  return paths.some((path) => path.join('.') === name)
    ? `${name} need not be among the outputs: ask for it with {% if ${name} %}, or give it a default.`
    : 'a name in brackets can not be made of a value: write the name itself.'
}

function missingIn(parsed: Template[], variables: object): string | undefined {
  try {
    // Without a limit on time, so that the verdict is always the same; the length of the text is limit enough.
    engine.renderSync(parsed, variables, { renderLimit: Infinity })
    return undefined
  } catch (error) {
    return undefinedIn(error)
  }
}
