import { isDeepStrictEqual } from 'node:util'
import { GROUP } from '../../../src/api/labels.ts'
import type { KubeObject, Resource } from '../../../src/api/meta.ts'
import { Deployments, type Job, Jobs, type Namespace, Namespaces, Pods, Secrets } from '../../../src/api/resources.ts'
import { builtinSchema } from './builtin-schemas.ts'
import { storedJob, validateJob } from './jobs.ts'
import { validateMetadata } from './metadata-rules.ts'
import { storedNamespace } from './namespaces.ts'
import { without } from './json.ts'
import { updatedMetadata } from './metadata.ts'
import { invalid } from './refusals.ts'
import { schemaOf, shaped } from './schema.ts'
import { storedSecret, validateSecret } from './secrets.ts'
import { violations } from './validation.ts'

/** Any object, by the parts that the server treats apart. */
export type Stored = KubeObject & { readonly spec?: unknown; readonly status?: unknown }

export const isOf = (resource: Resource, kind: Resource): boolean =>
  resource.group === kind.group && resource.plural === kind.plural

const hasStatus = (resource: Resource): boolean =>
  resource.group === GROUP || [Jobs, Pods, Namespaces, Deployments].some((kind) => isOf(resource, kind))

/** `finalize`: the namespace controller's word that a namespace is empty. */
export type Subresource = 'status' | 'finalize'

export const hasSubresource = (resource: Resource, subresource: Subresource): boolean =>
  subresource === 'finalize' ? isOf(resource, Namespaces) : hasStatus(resource)

/** Whether a new object is stored without the status that every reader is shown: the schema's default. */
export const lacksStatus = (resource: Resource): boolean =>
  schemaOf(resource)?.properties?.['status']?.default !== undefined

const hasGeneration = (resource: Resource): boolean =>
  resource.group === GROUP || isOf(resource, Jobs) || isOf(resource, Deployments)

/** Completes and judges what is about to be stored; throws `Invalid`. */
function admitted(resource: Resource, object: Stored, old?: Stored): Stored {
  validateMetadata(object.metadata)
  const schema = schemaOf(resource) ?? builtinSchema(resource)
  if (!schema) return object
  const result = stored(resource, object, old)
  if (isOf(resource, Secrets)) validateSecret(result, old)
  if (isOf(resource, Jobs)) validateJob(result as Job, old as Job | undefined)
  const wrong = violations(schema, result, old)
  if (wrong.length > 0) throw invalid(`${resource.kind} "${object.metadata.name}" is invalid: ${wrong.join('; ')}`)
  return result
}

/** With all that the server adds. */
function stored(resource: Resource, object: Stored, old: Stored | undefined): Stored {
  if (isOf(resource, Secrets)) return storedSecret(object)
  if (isOf(resource, Jobs)) return storedJob(object as Job, old as Job | undefined)
  if (isOf(resource, Namespaces)) return storedNamespace(object as Namespace, old as Namespace | undefined)
  const schema = schemaOf(resource)
  return schema ? (shaped(schema, object, old) as Stored) : object
}

/** A manifest, its metadata set by the server, as it is stored. */
export function created(resource: Resource, manifest: Stored): Stored {
  const object: Stored = {
    ...(hasStatus(resource) ? without(manifest, 'status') : manifest),
    apiVersion: resource.group ? `${resource.group}/${resource.version}` : resource.version,
    kind: resource.kind,
    metadata: hasGeneration(resource) ? { ...manifest.metadata, generation: 1 } : manifest.metadata,
  }
  return admitted(resource, object)
}

/** A write to the main resource leaves the status alone. */
function mainWrite(resource: Resource, next: Stored, current: Stored): Stored {
  const result: Stored = {
    ...(hasStatus(resource) ? without(next, 'status') : next),
    ...(hasStatus(resource) && 'status' in current && { status: current.status }),
    ...(isOf(resource, Namespaces) && { spec: current.spec }),
    apiVersion: current.apiVersion,
    kind: current.kind,
    metadata: updatedMetadata(next.metadata, current.metadata),
  } as Stored
  const object = admitted(resource, result, current)
  const { generation } = current.metadata
  if (generation === undefined || isDeepStrictEqual(object.spec, current.spec)) return object
  return { ...object, metadata: { ...object.metadata, generation: generation + 1 } }
}

function write(resource: Resource, next: Stored, current: Stored, subresource: Subresource | undefined): Stored {
  if (subresource === undefined) return mainWrite(resource, next, current)
  if (subresource === 'finalize') return { ...current, spec: next.spec }
  const status = 'status' in next && { status: next.status }
  return admitted(resource, { ...without(current, 'status'), ...status }, current)
}

/** What a write makes of an object; `current` itself where nothing changes. A write to the status leaves the rest alone. */
export function updated(resource: Resource, next: Stored, current: Stored, subresource?: Subresource): Stored {
  const result = write(resource, next, current, subresource)
  return isDeepStrictEqual(result, current) ? current : result
}
