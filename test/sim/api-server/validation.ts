import { Environment, EvaluationError } from '@marcbachmann/cel-js'
import { parseDuration } from '../../../src/api/duration.ts'
import { isRecord } from './json.ts'
import { fieldSchema, perSchema, type Schema } from './schema.ts'

/** In code points. */
const length = (value: unknown) => (typeof value === 'string' ? Array.from(value).length : undefined)
const count = (value: unknown) => (Array.isArray(value) ? value.length : undefined)
const fields = (value: unknown) => (isRecord(value) ? Object.keys(value).length : undefined)
const amount = (value: unknown) => (typeof value === 'number' ? value : undefined)
const atLeast = (size: number, limit: number) => size >= limit
const atMost = (size: number, limit: number) => size <= limit

const LIMITS = [
  ['minLength', length, atLeast],
  ['maxLength', length, atMost],
  ['minItems', count, atLeast],
  ['maxItems', count, atMost],
  ['minProperties', fields, atLeast],
  ['maxProperties', fields, atMost],
  ['minimum', amount, atLeast],
  ['maximum', amount, atMost],
  ['multipleOf', amount, (size: number, unit: number) => size % unit === 0],
] as const

const TYPES: Readonly<Record<NonNullable<Schema['type']>, (value: unknown) => boolean>> = {
  object: isRecord,
  array: Array.isArray,
  string: (value) => typeof value === 'string',
  integer: Number.isInteger,
  number: (value) => typeof value === 'number',
  boolean: (value) => typeof value === 'boolean',
}

const FORMATS: Readonly<Record<string, (value: unknown) => boolean>> = {
  'date-time': (value) =>
    typeof value === 'string' && /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/.test(value),
  byte: (value) => typeof value === 'string' && Buffer.from(value, 'base64').toString('base64') === value,
}

export const fitsType = ({ type }: Schema, value: unknown): boolean => type === undefined || TYPES[type](value)
export const fitsFormat = ({ format = '' }: Schema, value: unknown): boolean => FORMATS[format]?.(value) ?? true

/** Whether two items of a list, which is a set or a map, are the same. */
function hasDuplicates(schema: Schema, value: unknown): boolean {
  const { 'x-kubernetes-list-type': type = 'atomic', 'x-kubernetes-list-map-keys': keys = [] } = schema
  if (type === 'atomic' || !Array.isArray(value)) return false
  const identity = (item: unknown) => (type === 'map' && isRecord(item) ? keys.map((key) => item[key]) : item)
  return new Set(value.map((item) => JSON.stringify(identity(item)))).size < value.length
}

/** Most schemas have none. */
const limitsOf = perSchema((schema) =>
  LIMITS.flatMap(([keyword, measure, admits]) => {
    const limit = schema[keyword]
    return limit === undefined ? [] : [{ keyword, measure, admits, limit }]
  }),
)

function limitViolations(schema: Schema, value: unknown): string[] {
  return limitsOf(schema).flatMap(({ keyword, measure, admits, limit }) => {
    const size = measure(value)
    return size === undefined || admits(size, limit) ? [] : [`${keyword} is ${limit}`]
  })
}

const patternOf = perSchema(({ pattern }) => (pattern === undefined ? undefined : new RegExp(pattern)))
const fitsPattern = (schema: Schema, value: unknown): boolean =>
  typeof value !== 'string' || (patternOf(schema)?.test(value) ?? true)

function keywordViolations(schema: Schema, value: unknown): string[] {
  if (!fitsType(schema, value)) return [`must be of type ${schema.type ?? 'any'}`]
  const found: string[] = []
  if (!fitsFormat(schema, value)) found.push(`must be of format ${schema.format ?? 'any'}`)
  if (hasDuplicates(schema, value)) found.push('must hold no duplicates')
  if (schema.enum && !schema.enum.includes(value)) found.push(`must be one of ${schema.enum.join(', ')}`)
  if (!fitsPattern(schema, value)) found.push(`must match ${schema.pattern ?? 'anything'}`)
  const missing = isRecord(value) ? (schema.required ?? []).filter((field) => !Object.hasOwn(value, field)) : []
  return [...found, ...limitViolations(schema, value), ...missing.map((field) => `${field} is required`)]
}

const cel = new Environment({ enableOptionalTypes: true, unlistedVariablesAreDyn: true })
const durationOf = cel.parse('duration(text)')

interface Rule {
  /** Compares with what was: not judged where nothing was. */
  readonly transition: boolean
  readonly holds: (variables: { self: unknown; oldSelf: unknown }) => unknown
  readonly message: string
}

const rulesOf = perSchema((schema): readonly Rule[] =>
  (schema['x-kubernetes-validations'] ?? []).map(({ rule, message }) => ({
    transition: /\boldSelf\b/.test(rule),
    holds: cel.parse(rule),
    message,
  })),
)

/** The value as CEL sees it: a string of the format `duration`, wherever it stands, is a duration. */
function celValue(schema: Schema, value: unknown): unknown {
  if (schema.format === 'duration' && typeof value === 'string')
    return durationOf({ text: `${parseDuration(value) / 1000}s` })
  if (!isRecord(value) || !hasDurations(schema)) return value
  const fields = Object.entries(value).map(([key, item]) => {
    const field = fieldSchema(schema, key)
    return [key, field ? celValue(field, item) : item] as const
  })
  return Object.fromEntries(fields)
}

const hasDurations: (schema: Schema) => boolean = perSchema(
  ({ format, properties }) => format === 'duration' || Object.values(properties ?? {}).some(hasDurations),
)

/** A rule that can not be evaluated does not hold. */
function passes(rule: () => unknown): boolean {
  try {
    return rule() === true
  } catch (error) {
    if (error instanceof EvaluationError) return false
    throw error
  }
}

function ruleViolations(schema: Schema, value: unknown, old: unknown): string[] {
  const rules = rulesOf(schema)
  if (rules.length === 0) return []
  const variables = { self: celValue(schema, value), oldSelf: celValue(schema, old) }
  return rules
    .filter(({ transition, holds }) => !(transition && old === undefined) && !passes(() => holds(variables)))
    .map(({ message }) => message)
}

/**
 * Everything that a schema, with its CEL rules, holds against a value, each with the path to it. What is the same as in
 * `old` is not judged again (validation ratcheting). Items of lists count as new: no rule of ours is about the change of
 * one.
 */
export function violations(schema: Schema, value: unknown, old: unknown, path = ''): string[] {
  if (value === old) return []
  // Rules take well-formed values for granted, as on the real server.
  const keywords = keywordViolations(schema, value)
  const below: string[] = []
  if (Array.isArray(value) && schema.items) {
    for (const [i, item] of value.entries()) below.push(...violations(schema.items, item, undefined, `${path}[${i}]`))
  } else if (isRecord(value)) {
    for (const [key, item] of Object.entries(value)) {
      const field = fieldSchema(schema, key)
      if (field) below.push(...violations(field, item, isRecord(old) ? old[key] : undefined, `${path}.${key}`))
    }
  }
  const here = keywords.length + below.length > 0 ? keywords : ruleViolations(schema, value, old)
  return [...here.map((message) => `${path || '.'}: ${message}`), ...below]
}
