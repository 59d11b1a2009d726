import type { CustomCredentialSpec, ParameterSchema, SecretReference } from '../api/generated.ts'
import { checkValues, type Field, unknownNames, type Value } from './schema.ts'

/** What goes into a run. */
export interface Inputs {
  readonly values: Readonly<Record<string, Value>>
  /** By input of type `secret_id`: the Secret that its container may read. */
  readonly secrets: Readonly<Record<string, SecretReference>>
}

export type CheckedInputs =
  | { readonly ok: true; readonly inputs: Inputs }
  /** Every problem, as sentences. */
  | { readonly ok: false; readonly problem: string }

type ValueSchema = ParameterSchema & Pick<Field, 'type'>

/** The inputs whose values stand in `spec.parameters`. */
export const valueFields = (schema: readonly ParameterSchema[] = []): readonly ValueSchema[] =>
  schema.filter((field): field is ValueSchema => field.type !== 'secret_id')

/**
 * In bytes, of all values together. They stand in an annotation of each Job and of what custody keeps, and annotations have
 * 256 KiB: there has to be room for what a deletion names besides, or what was made could never be revoked.
 */
const MOST_BYTES = 128 * 1024

/** Holds what a credential sets against a provider's schema; defaults are filled in. */
export function checkInputs(
  schema: readonly ParameterSchema[] = [],
  { parameters = {}, secretParameters = {} }: Pick<CustomCredentialSpec, 'parameters' | 'secretParameters'>,
): CheckedInputs {
  const fields = valueFields(schema)
  const references = schema.filter(({ type }) => type === 'secret_id')
  const misplaced = misplacedIn(parameters, references, 'spec.secretParameters')
  const values = checkValues(fields, parameters)
  const problems = {
    'spec.parameters': misplaced.length > 0 ? misplaced : values.ok ? sizeProblems(values.values) : values.problems,
    'spec.secretParameters': problemsOf(secretParameters, references, fields),
  }
  if (values.ok && Object.values(problems).every(({ length }) => length === 0)) {
    const secrets = Object.entries(secretParameters).map(([input, { name }]) => [input, { name }] as const)
    return { ok: true, inputs: { values: values.values, secrets: Object.fromEntries(secrets) } }
  }
  const sentences = Object.entries(problems).flatMap(([field, found]) =>
    found.length === 0 ? [] : [`${field}: ${found.join('; ')}.`],
  )
  return { ok: false, problem: sentences.join(' ') }
}

function sizeProblems(values: Inputs['values']): string[] {
  if (Buffer.byteLength(JSON.stringify(values)) <= MOST_BYTES) return []
  return [
    'more than 128 KiB of JSON, with the defaults: shorten them, or have what is long in a Secret (secretParameters)',
  ]
}

function problemsOf(
  given: Readonly<Record<string, SecretReference>>,
  references: readonly ParameterSchema[],
  fields: readonly ParameterSchema[],
): string[] {
  const misplaced = misplacedIn(given, fields, 'spec.parameters')
  if (misplaced.length > 0) return misplaced
  const missing = references.filter(({ name, required }) => required === true && !Object.hasOwn(given, name))
  return [
    ...unknownNames(references, given),
    ...missing.map(({ name }) => `${name}: is required, but missing: name a Secret for it`),
  ]
}

/** What the schema knows under a type that has its values elsewhere. */
const misplacedIn = (given: object, others: readonly ParameterSchema[], where: string): string[] =>
  others
    .filter(({ name }) => Object.hasOwn(given, name))
    .map(({ name, type }) => `${name}: is of type ${type}, and belongs in ${where}`)
