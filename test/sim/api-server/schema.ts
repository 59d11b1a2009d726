import { readdirSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { GROUP } from '../../../src/api/labels.ts'
import type { Resource } from '../../../src/api/meta.ts'
import { isRecord, type Json } from './json.ts'

/** A structural schema (apiextensions.k8s.io/v1), as far as our CRDs use it. */
export interface Schema {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean'
  readonly format?: string
  readonly default?: unknown
  readonly enum?: readonly unknown[]
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: Schema
  readonly items?: Schema
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly minProperties?: number
  readonly maxProperties?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly multipleOf?: number
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'map' | 'set'
  readonly 'x-kubernetes-list-map-keys'?: readonly string[]
  readonly 'x-kubernetes-validations'?: readonly { readonly rule: string; readonly message: string }[]
}

interface Crd {
  readonly spec: {
    readonly names: { readonly plural: string }
    readonly versions: readonly { readonly schema: { readonly openAPIV3Schema: Schema } }[]
  }
}

const CRDS = new URL('../../../crds/', import.meta.url)

/** Metadata is the server's own: a CRD's schema may restrict it, but neither prunes nor defaults it. */
const withMetadata = (schema: Schema): Schema => ({
  ...schema,
  properties: {
    ...schema.properties,
    metadata: { ...schema.properties?.['metadata'], 'x-kubernetes-preserve-unknown-fields': true },
  },
})

const schemas = new Map(
  readdirSync(CRDS)
    .filter((file) => file.endsWith('.yaml') && file !== 'kustomization.yaml')
    .map((file) => parse(readFileSync(new URL(file, CRDS), 'utf8'), { maxAliasCount: -1 }) as Crd)
    .map(({ spec }) => [spec.names.plural, spec.versions[0]] as const)
    .flatMap(([plural, version]) => (version ? [[plural, withMetadata(version.schema.openAPIV3Schema)]] : [])),
)

/** The schema of a kind of ours; undefined for any other. */
export const schemaOf = (resource: Resource): Schema | undefined =>
  resource.group === GROUP ? schemas.get(resource.plural) : undefined

export const fieldSchema = (schema: Schema, field: string): Schema | undefined =>
  schema.properties?.[field] ?? schema.additionalProperties

/**
 * The value with its defaults and without fields that the schema does not know or that are null. What is the same as in `old` was shaped
 * before; what needs no change is shared.
 */
export function shaped(schema: Schema, value: unknown, old?: unknown): unknown {
  if (value === old) return value
  if (Array.isArray(value)) {
    const { items } = schema
    return items ? value.map((item) => shaped(items, item)) : value
  }
  return isRecord(value) ? shapedRecord(schema, value, isRecord(old) ? old : {}) : value
}

function shapedRecord(schema: Schema, value: Json, old: Json): Json {
  const result: Record<string, unknown> = {}
  for (const [key, item] of Object.entries({ ...defaultsOf(schema), ...value })) {
    const field = fieldSchema(schema, key)
    const present = item ?? field?.default
    if (field && present !== undefined) result[key] = shaped(field, present, old[key])
    else if (!field && schema['x-kubernetes-preserve-unknown-fields']) result[key] = item
  }
  return result
}

/** Schemas never change: what is derived from one is derived once. */
export function perSchema<T>(derive: (schema: Schema) => T): (schema: Schema) => T {
  const derived = new WeakMap<Schema, { readonly value: T }>()
  return (schema) => {
    const known = derived.get(schema)
    if (known) return known.value
    const value = derive(schema)
    derived.set(schema, { value })
    return value
  }
}

const defaultsOf = perSchema((schema): Json => {
  const fields = Object.entries(schema.properties ?? {}).filter(([, field]) => field.default !== undefined)
  return Object.fromEntries(fields.map(([key, field]) => [key, field.default]))
})
