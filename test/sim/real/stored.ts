import { GROUP } from '../../../src/api/labels.ts'
import type { KubeObject, Resource } from '../../../src/api/meta.ts'
import * as resources from '../../../src/api/resources.ts'
import { schemaOf, shaped } from '../api-server/schema.ts'
import type { KeyChange } from './etcd.ts'

/** A change as the API server would tell it, but for who made it. */
export interface StoredChange {
  readonly revision: number
  readonly resource: Resource
  readonly type: 'added' | 'changed' | 'deleted'
  readonly object: KubeObject
  readonly previous?: KubeObject
}

const KNOWN = new Map(Object.values(resources).map((resource) => [resource.plural, resource as Resource]))

/** Of `/registry/<plural>/…`, or `/registry/<group>/<plural>/…` for what a CRD defines. */
function resourceOf(key: string): Resource | undefined {
  const [, registry, first = '', second = ''] = key.split('/')
  if (registry !== 'registry') return undefined
  const plural = first === GROUP ? second : first
  return KNOWN.get(plural) ?? { group: '', version: '', plural, kind: plural, namespaced: false }
}

/**
 * What a key of the API server's store says about an object; undefined where it says nothing about one. The store holds
 * objects as they were written: versions are added, and the defaults that a reader would be served.
 */
export function storedChange({ key, revision, value, previous }: KeyChange): StoredChange | undefined {
  const resource = resourceOf(key)
  if (resource === undefined) return undefined
  const read = (text: string | undefined): KubeObject | undefined => {
    const object = text === undefined ? undefined : parsed(text, KNOWN.has(resource.plural))
    if (object === undefined) return undefined
    const schema = schemaOf(resource)
    const metadata = { ...object.metadata, resourceVersion: String(revision) }
    return Object.freeze({ ...((schema ? shaped(schema, object) : object) as KubeObject), metadata })
  }
  const before = read(previous)
  const object = read(value) ?? before
  if (object === undefined) return undefined
  const type = value === undefined ? 'deleted' : before === undefined ? 'added' : 'changed'
  return { revision, resource, type, object, ...(before !== undefined && type !== 'deleted' && { previous: before }) }
}

/** The server keeps some things of its own that are no objects. */
function parsed(text: string, isNeeded: boolean): KubeObject | undefined {
  try {
    const object = JSON.parse(text) as Partial<KubeObject> | null
    if (typeof object?.metadata?.name === 'string') return object as KubeObject
  } catch {
    if (isNeeded) throw new Error('the API server does not store JSON: start its cluster as `readable`')
  }
  return undefined
}
