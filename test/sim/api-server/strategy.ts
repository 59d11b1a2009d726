import { isDeepStrictEqual } from 'node:util'
import { GROUP } from '../../../src/api/labels.ts'
import type { KubeObject, ObjectMeta, Resource } from '../../../src/api/meta.ts'
import { Jobs, Namespaces, Pods, Secrets } from '../../../src/api/resources.ts'
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

export const hasStatus = (resource: Resource): boolean =>
  resource.group === GROUP || [Jobs, Pods, Namespaces].some((kind) => isOf(resource, kind))

const hasGeneration = (resource: Resource): boolean => resource.group === GROUP || isOf(resource, Jobs)

/** Defaults, prunes and judges what is about to be stored; throws `Invalid`. */
function admitted(resource: Resource, object: Stored, old?: Stored): Stored {
  if (isOf(resource, Secrets)) {
    const secret = storedSecret(object)
    validateSecret(secret, old)
    return secret
  }
  const schema = schemaOf(resource)
  if (!schema) return object
  const result = shaped(schema, object, old) as Stored
  const wrong = violations(schema, result, old)
  if (wrong.length > 0) throw invalid(`${resource.kind} "${object.metadata.name}" is invalid: ${wrong.join('; ')}`)
  return result
}

/**
 * The namespace controller's hold on a namespace. Really it is in `spec.finalizers`; here it is an ordinary finalizer, so
 * that namespaces end as everything else does.
 */
const NAMESPACE_FINALIZER = 'kubernetes'

function namespace(object: Stored): Stored {
  const { labels, finalizers, name } = object.metadata
  const metadata: ObjectMeta = {
    ...object.metadata,
    labels: { ...labels, 'kubernetes.io/metadata.name': name },
    finalizers: [...(finalizers ?? []), NAMESPACE_FINALIZER],
  }
  return { ...object, metadata, status: { phase: 'Active' } }
}

/** A manifest, its metadata set by the server, as it is stored. */
export function created(resource: Resource, manifest: Stored): Stored {
  const object: Stored = {
    ...(hasStatus(resource) ? without(manifest, 'status') : manifest),
    apiVersion: resource.group ? `${resource.group}/${resource.version}` : resource.version,
    kind: resource.kind,
    metadata: hasGeneration(resource) ? { ...manifest.metadata, generation: 1 } : manifest.metadata,
  }
  return admitted(resource, isOf(resource, Namespaces) ? namespace(object) : object)
}

/** A write to the main resource leaves the status alone. */
function mainWrite(resource: Resource, next: Stored, current: Stored): Stored {
  const result: Stored = {
    ...(hasStatus(resource) ? without(next, 'status') : next),
    ...(hasStatus(resource) && 'status' in current && { status: current.status }),
    apiVersion: current.apiVersion,
    kind: current.kind,
    metadata: updatedMetadata(next.metadata, current.metadata),
  } as Stored
  const object = admitted(resource, result, current)
  const { generation } = current.metadata
  if (generation === undefined || isDeepStrictEqual(object.spec, current.spec)) return object
  return { ...object, metadata: { ...object.metadata, generation: generation + 1 } }
}

/** What a write makes of an object; `current` itself where nothing changes. A write to the status leaves the rest alone. */
export function updated(resource: Resource, next: Stored, current: Stored, subresource?: 'status'): Stored {
  const result =
    subresource === undefined
      ? mainWrite(resource, next, current)
      : admitted(resource, { ...without(current, 'status'), ...('status' in next && { status: next.status }) }, current)
  return isDeepStrictEqual(result, current) ? current : result
}
