import * as v from 'valibot'
import { compiled, costProblem } from './patterns.ts'

/** What a parameter or an output of a provider may be. */
export type Value = string | number | boolean

/** One entry of a provider's `schema.parameters` or `schema.credentials`. */
export interface Field {
  readonly name: string
  readonly type: 'string' | 'integer' | 'boolean' | 'enum'
  readonly required?: boolean
  /** The texts that an enum may be. */
  readonly values?: readonly string[]
  /** What a string must match somewhere, in RE2 syntax (both as in Kubernetes' own schemas). */
  readonly pattern?: string
  /** Bounds of an integer, inclusive. */
  readonly minimum?: number
  readonly maximum?: number
  readonly default?: Value
}

export type Checked =
  | { readonly ok: true; readonly values: Readonly<Record<string, Value>> }
  | { readonly ok: false; readonly problems: readonly string[] }

/** IBM's limit for one string; it also keeps an input below what Linux accepts as one environment variable (128 KiB). */
const MAX_CHARACTERS = 100_000

/**
 * What one match may cost, in characters times instructions of the compiled pattern: about 50 ms. Linear is not yet quick:
 * a counted repetition makes thousands of instructions, and a tenant's provider must not hold up everybody's operator.
 */
const MAX_MATCH = 1_000_000

/** Names that are not in the schema come from whoever sends them: enough of them to see the mistake. */
const MAX_UNKNOWN = { names: 10, characters: 64 }

const mustBe =
  (what: string) =>
  ({ input }: { readonly input: unknown }): string =>
    input === undefined ? 'is required, but missing' : `must be ${what}`

const never = () => false

function stringSchema({ pattern }: Field) {
  const text = v.pipe(
    v.string(mustBe('a string')),
    v.check((input) => input.isWellFormed(), 'must be valid Unicode'),
    v.maxLength(MAX_CHARACTERS, `is longer than ${MAX_CHARACTERS} characters`),
  )
  if (pattern === undefined) return text
  const expression = compiled(pattern)
  if (typeof expression === 'string') return v.pipe(text, v.check(never, expression))
  return v.pipe(
    text,
    v.check(
      (input) => input.length * expression.programSize() <= MAX_MATCH,
      'is too long for the pattern in its schema',
    ),
    // Not `test`, which keeps the states that it has been in with the expression: up to 8 MiB.
    v.check((input) => expression.matcher(input).find(), `must match ${pattern}`),
  )
}

function schemaOf(field: Field) {
  switch (field.type) {
    case 'string':
      return stringSchema(field)
    case 'enum':
      return v.picklist(field.values ?? [], mustBe(`one of ${(field.values ?? []).join(', ')}`))
    case 'boolean':
      return v.boolean(mustBe('a boolean'))
    case 'integer': {
      const { minimum = Number.MIN_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER } = field
      return v.pipe(
        v.number(mustBe('an integer')),
        v.safeInteger('must be an integer that a JSON number holds exactly'),
        v.minValue(minimum, `must be at least ${minimum}`),
        v.maxValue(maximum, `must be at most ${maximum}`),
      )
    }
  }
}

/** The same of texts, as a Secret holds them. Keys that are not in the schema are left out. */
export function checkTexts(fields: readonly Field[], texts: Readonly<Record<string, string>>): Checked {
  const known = fields.filter(({ name }) => Object.hasOwn(texts, name))
  return checkValues(
    fields,
    Object.fromEntries(known.map((field) => [field.name, valueOf(field, texts[field.name] ?? '')])),
  )
}

/** The inverse of `String`, as far as there is one. */
function valueOf({ type }: Field, text: string): Value {
  if (type === 'integer' && /^-?\d+$/.test(text)) return Number(text)
  if (type === 'boolean' && /^(true|false)$/.test(text)) return text === 'true'
  return text
}

/** A problem for each name in `given` that the schema does not know. */
export function unknownNames(fields: readonly { readonly name: string }[], given: object): string[] {
  const known = fields.map(({ name }) => name)
  return Object.keys(given)
    .filter((name) => !known.includes(name))
    .slice(0, MAX_UNKNOWN.names)
    .map(
      (name) =>
        `${name.slice(0, MAX_UNKNOWN.characters)}: is not in the provider's schema, which has ${known.join(', ') || 'no entries'}`,
    )
}

/**
 * Holds `values` against a provider's schema: every problem at once, each a sentence that begins with the name; or the
 * values with defaults filled in, in the schema's order. A problem never quotes a value: outputs are secrets.
 */
export function checkValues(fields: readonly Field[], values: Readonly<Record<string, unknown>>): Checked {
  const tooLarge = costProblem(fields)
  if (tooLarge !== undefined) return { ok: false, problems: [tooLarge] }
  const problems = unknownNames(fields, values)
  const accepted: [string, Value][] = []
  for (const field of fields) {
    const given = Object.hasOwn(values, field.name) ? values[field.name] : field.default
    if (given === undefined && field.required !== true) continue
    const result = v.safeParse(schemaOf(field), given, { abortPipeEarly: true })
    if (result.success) accepted.push([field.name, result.output])
    else problems.push(...result.issues.map(({ message }) => `${field.name}: ${message}`))
  }
  return problems.length === 0 ? { ok: true, values: Object.fromEntries(accepted) } : { ok: false, problems }
}
