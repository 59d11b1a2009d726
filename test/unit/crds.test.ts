import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it, test } from 'vitest'
import { parse } from 'yaml'
import type { CustomResourceDefinition, Schema } from '../../crds/generate-types.ts'
import { generated } from '../../crds/generate.ts'

const ROOT = `${import.meta.dirname}/../..`
const read = (path: string): string => readFileSync(`${ROOT}/${path}`, 'utf8')

/** What client-side `kubectl apply` can keep in an annotation. */
const MAX_BYTES = 262_144

/** Keywords of JSON Schema that a structural schema forbids, or that this API does without. */
const FORBIDDEN = [
  ...['$ref', 'additionalItems', 'allOf', 'anyOf', 'definitions', 'dependencies', 'deprecated', 'discriminator', 'id'],
  ...['not', 'nullable', 'oneOf', 'patternProperties', 'readOnly', 'uniqueItems', 'writeOnly', 'xml'],
]

type Node = Schema & {
  readonly format?: string
  readonly maxLength?: number
  readonly maxItems?: number
  readonly maxProperties?: number
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'map' | 'set'
  readonly 'x-kubernetes-list-map-keys'?: readonly string[]
  readonly 'x-kubernetes-validations'?: readonly { readonly rule: string; readonly message?: string }[]
}

/** What the API server itself rules over. */
const TYPE_META = ['apiVersion', 'kind', 'metadata']

/** Every node of a schema, with its path. */
function* nodes(schema: Node, path = ''): Generator<readonly [path: string, node: Node]> {
  yield [path, schema]
  for (const [key, child] of Object.entries(schema.properties ?? {})) {
    if (path !== '' || !TYPE_META.includes(key)) yield* nodes(child, `${path}.${key}`)
  }
  if (schema.items) yield* nodes(schema.items, `${path}[]`)
  if (schema.additionalProperties) yield* nodes(schema.additionalProperties, `${path}{}`)
}

const where = (schema: Node, offends: (node: Node) => boolean): string[] =>
  [...nodes(schema)].filter(([, node]) => offends(node)).map(([path]) => path)

const hasUnboundedText = ({ type, format, ...node }: Node): boolean =>
  type === 'string' && node.enum === undefined && node.maxLength === undefined && format !== 'date-time'

const isParameterValue = (node: Node): boolean =>
  node.type === undefined && node['x-kubernetes-preserve-unknown-fields'] === true

const files = readdirSync(`${ROOT}/crds`).filter((name) => name.endsWith('.yaml') && name !== 'kustomization.yaml')

describe.each(files)('%s', (file) => {
  const crd = parse(read(`crds/${file}`)) as CustomResourceDefinition
  const schema: Node = crd.spec.versions[0]?.schema.openAPIV3Schema ?? {}

  it('is named after its kind', () => {
    expect(`${crd.spec.names.plural}.yaml`).toBe(file)
    expect(crd.metadata.name).toBe(`${crd.spec.names.plural}.customcredentials.dev`)
  })

  it('is small enough for client-side apply', () => {
    expect(JSON.stringify(crd).length).toBeLessThan(MAX_BYTES)
  })

  it('gives every node a type, but for the values of parameters', () => {
    expect(where(schema, (node) => node.type === undefined && !isParameterValue(node))).toEqual([])
  })

  it('uses no forbidden keyword', () => {
    expect(where(schema, (node) => FORBIDDEN.some((keyword) => keyword in node))).toEqual([])
    expect(where(schema, (node) => node.properties !== undefined && node.additionalProperties !== undefined)).toEqual(
      [],
    )
  })

  it('describes every field', () => {
    expect(where(schema, (node) => !/^[A-Za-z].*\.$/s.test(node.description ?? ''))).toEqual([])
  })

  it('bounds every text, list and map, so that rules have a cost', () => {
    expect(where(schema, hasUnboundedText)).toEqual([])
    expect(where(schema, (node) => node.type === 'array' && node.maxItems === undefined)).toEqual([])
    expect(
      where(schema, (node) => node.additionalProperties !== undefined && node.maxProperties === undefined),
    ).toEqual([])
  })

  it('says how lists merge, and requires the keys of list-maps', () => {
    const keyless = (node: Node): boolean =>
      node['x-kubernetes-list-type'] === 'map' &&
      !(node['x-kubernetes-list-map-keys'] ?? ['']).every((key) => node.items?.required?.includes(key))
    expect(where(schema, (node) => node.type === 'array' && node['x-kubernetes-list-type'] === undefined)).toEqual([])
    expect(where(schema, keyless)).toEqual([])
  })

  it('requires only fields that exist', () => {
    const dangling = (node: Node): boolean => (node.required ?? []).some((key) => node.properties?.[key] === undefined)
    expect(where(schema, dangling)).toEqual([])
  })

  it('defaults nothing in the spec, and the status always', () => {
    expect(where(schema.properties?.['spec'] ?? {}, (node) => node.default !== undefined)).toEqual([])
    expect(schema.properties?.['status']?.default).toBeDefined()
  })

  it('explains every rule', () => {
    const unexplained = (node: Node): boolean =>
      (node['x-kubernetes-validations'] ?? []).some(({ message = '' }) => message.length < 40)
    expect(where(schema, unexplained)).toEqual([])
  })
})

test('The kustomization installs every kind', () => {
  const { resources } = parse(read('crds/kustomization.yaml')) as { resources: string[] }
  expect(resources).toEqual(files)
})

test('What is generated is what the definitions say', async () => {
  for (const [path, text] of Object.entries(await generated())) {
    expect(read(path), `${path} is stale: npm run generate`).toBe(text)
  }
})
