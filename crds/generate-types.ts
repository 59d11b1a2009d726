import { parse } from 'yaml'

/** The part of a CRD's schema that a type is made of. */
export interface Schema {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean'
  readonly description?: string
  readonly enum?: readonly (string | number)[]
  readonly default?: unknown
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: Schema
  readonly items?: Schema
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean
}

export interface CustomResourceDefinition {
  readonly metadata: { readonly name: string }
  readonly spec: {
    readonly names: { readonly kind: string; readonly plural: string }
    readonly scope: 'Cluster' | 'Namespaced'
    readonly versions: readonly { readonly name: string; readonly schema: { readonly openAPIV3Schema: Schema } }[]
  }
}

/**
 * Names of the types, by the end of their path in the schema; the first match counts. The same name in several places
 * is one type, so the places must agree. An object without a name here is named after its kind and path; an enum
 * without one is written where it stands.
 */
const NAMES: readonly (readonly [path: RegExp, name: string])[] = [
  [/\.conditions\[\]$/, 'Condition'],
  [/\.conditions\[\]\.status$/, 'ConditionStatus'],
  [/\.providerRef$/, 'ProviderReference'],
  [/\.provider$/, 'PinnedProvider'],
  [/(\.provider|\.providerRef)\.kind$/, 'ProviderKind'],
  [/\.credential$/, 'CredentialReference'],
  [/\.(errors\[\]|lastError)$/, 'TaskError'],
  [/\.trigger$/, 'TaskTrigger'],
  [/^SecretTask\.spec\.type$/, 'TaskType'],
  [/^SecretTask\.status\.state$/, 'TaskState'],
  [/^SecretTask\.status\.outcome$/, 'TaskOutcome'],
  [/^SecretTask\.status\.result$/, 'TaskResult'],
  [/^SecretTask\.status\.jobRef$/, 'JobReference'],
  [/^CustomCredential\.status\.state$/, 'CredentialState'],
  [/^CustomCredential\.status\.versions\[\]$/, 'CredentialVersion'],
  [/^CustomCredential\.status\.history\[\]$/, 'PastVersion'],
  [/^CustomCredential\.status\.unresolved\[\]$/, 'UnresolvedCredential'],
  [/^CustomCredential\.status\.nextVersion$/, 'NextVersion'],
  [/^CustomCredential\.status\.lastFailure$/, 'TaskFailure'],
  [/^CustomCredential\.status\.restarts\[\]$/, 'Restart'],
  [/^CustomCredential\.status\.formerTargets\[\]$/, 'FormerTarget'],
  [/^CustomCredential\.spec\.locks\[\]$/, 'LockRequest'],
  [/^CustomCredential\.spec\.adopt$/, 'AdoptRequest'],
  [/^CustomCredential\.status\.locks\[\]$/, 'Lock'],
  [/^CustomCredential\.spec\.rotation$/, 'Rotation'],
  [/\.restartTargets\[\]$/, 'RestartTarget'],
  [/\.(restartTargets|restarts)\[\]\.kind$/, 'RestartKind'],
  [/^CustomCredential\.spec\.target$/, 'Target'],
  [/\.target\.previousKeys$/, 'PreviousKeys'],
  [/\.reason$/, 'UnresolvedReason'],
  [/\.template$/, 'PodTemplate'],
  [/\.template\.spec$/, 'PodTemplateSpec'],
  [/\.containers\[\]$/, 'ProviderContainer'],
  [/Provider\.spec\.schema$/, 'ProviderSchema'],
  [/Provider\.status$/, 'ProviderStatus'],
  [/\.schema\.parameters\[\]$/, 'ParameterSchema'],
  [/\.schema\.credentials\[\]$/, 'CredentialSchema'],
  [/\.schema\.parameters\[\]\.type$/, 'ParameterType'],
  [/\.schema\.credentials\[\]\.type$/, 'FieldType'],
  [/^CustomCredential\.spec\.secretParameters\{\}$/, 'SecretParameter'],
  [/^SecretTask\.spec\.secretParameters\{\}$/, 'SecretReference'],
  [/\.capabilities\[\]$/, 'Capability'],
  [/\.allowedNamespaces$/, 'AllowedNamespaces'],
  [/\.rotation\.window$/, 'RotationWindow'],
  [/\.selector$/, 'LabelSelector'],
  [/\.matchExpressions\[\]$/, 'LabelSelectorRequirement'],
]

const HEADER = `// Made from crds/*.yaml by \`npm run generate\`. Do not edit.
import type { KubeObject } from './meta.ts'

/** Value of a parameter. */
export type ParameterValue = string | number | boolean
`

const capitalised = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)

function nameOf(path: string, schema: Schema): string | undefined {
  const named = NAMES.find(([end]) => end.test(path))?.[1]
  if (named !== undefined && (schema.enum ?? schema.properties) !== undefined) return named
  if (schema.properties === undefined) return undefined
  return path.replaceAll('[]', 'Item').split('.').map(capitalised).join('')
}

/** Renders schemas as types, and keeps the named ones, each after those that it is made of. */
class Declarations {
  readonly #texts = new Map<string, string>()

  /** The expression that stands for a schema. Throws if two places disagree on what a name means. */
  typeOf(path: string, schema: Schema): string {
    const name = nameOf(path, schema)
    if (name === undefined) return this.#anonymous(path, schema)
    const text = schema.enum ? `export type ${name} = ${literals(schema.enum)}` : this.#interface(path, name, schema)
    const known = this.#texts.get(name)
    if (known !== undefined && known !== text)
      throw new Error(`${path} differs from another ${name}:\n${known}\n${text}`)
    this.#texts.set(name, text)
    return name
  }

  /** One of our kinds. What every object has comes from `KubeObject`. */
  addKind(kind: string, schema: Schema): void {
    const own = Object.entries(schema.properties ?? {}).filter(([key]) => key === 'spec' || key === 'status')
    this.typeOf(kind, { ...schema, properties: Object.fromEntries(own) })
    const text = this.#texts.get(kind) ?? ''
    this.#texts.set(kind, text.replace(`interface ${kind} {`, `interface ${kind} extends KubeObject {`))
  }

  toString(): string {
    return [...this.#texts.values()].map((text) => `\n${text}\n`).join('')
  }

  #anonymous(path: string, schema: Schema): string {
    if (schema.enum) return literals(schema.enum)
    switch (schema.type) {
      case 'array':
        return listOf(this.typeOf(`${path}[]`, schema.items ?? {}))
      case 'object': {
        const value = schema.additionalProperties
        return `Readonly<Record<string, ${value ? this.typeOf(`${path}{}`, value) : 'unknown'}>>`
      }
      case 'integer':
        return 'number'
      case undefined:
        return 'ParameterValue'
      default:
        return schema.type
    }
  }

  #interface(path: string, name: string, schema: Schema): string {
    const fields = Object.entries(schema.properties ?? {}).flatMap(([key, value]) => {
      const filled = value.default !== undefined || schema.required?.includes(key)
      return [...comment(value, '  '), `  readonly ${key}${filled ? '' : '?'}: ${this.typeOf(`${path}.${key}`, value)}`]
    })
    const open = schema['x-kubernetes-preserve-unknown-fields'] ? ['  readonly [field: string]: unknown'] : []
    return [...comment(schema, ''), `export interface ${name} {`, ...fields, ...open, '}'].join('\n')
  }
}

const literals = (values: readonly (string | number)[]): string =>
  values.map((value) => JSON.stringify(value)).join(' | ')
const listOf = (item: string): string => (/^[\w<>, ]+$/.test(item) ? `readonly ${item}[]` : `readonly (${item})[]`)

/** A doc comment, wrapped at the width of the repository. */
function comment({ description }: Schema, indent: string): string[] {
  if (description === undefined) return []
  if (description.length <= 108) return [`${indent}/** ${description} */`]
  const lines = description.match(/\S.{0,108}(?=\s|$)/g) ?? []
  return [`${indent}/**`, ...lines.map((line) => `${indent} * ${line}`), `${indent} */`]
}

/**
 * TypeScript for what the API server returns: everything is read-only, and a field that the schema gives a default is
 * there. Takes the CRDs' text; the result is yet to be formatted.
 */
export function typesOf(crds: readonly string[]): string {
  const declarations = new Declarations()
  for (const crd of crds) {
    const { spec } = parse(crd) as CustomResourceDefinition
    for (const { schema } of spec.versions) declarations.addKind(spec.names.kind, schema.openAPIV3Schema)
  }
  return HEADER + declarations.toString()
}
