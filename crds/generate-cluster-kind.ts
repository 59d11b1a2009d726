import { parse, stringify } from 'yaml'

const HEADER = '# Made by `npm run generate` from credentialsproviders.yaml and overlay/. Do not edit.\n'

/** A merge patch (RFC 7386) without deletions: objects are merged, everything else is replaced. */
function merge(base: unknown, patch: unknown): unknown {
  if (!isObject(base) || !isObject(patch)) return patch
  const added = Object.entries(patch).map(
    ([key, value]) => [key, key in base ? merge(base[key], value) : value] as const,
  )
  return { ...base, ...Object.fromEntries(added) }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The CRD of the cluster-scoped provider kind: the namespaced one, and what the overlay says otherwise. */
export function clusterKind(namespaced: string, overlay: string): string {
  const crd = parse(namespaced) as { spec: { versions: [{ schema: { openAPIV3Schema: unknown } }] } }
  const { schema, ...identity } = parse(overlay) as { schema: unknown }
  const [version] = crd.spec.versions
  version.schema.openAPIV3Schema = merge(version.schema.openAPIV3Schema, schema)
  return HEADER + stringify(merge(crd, identity), { lineWidth: 120, aliasDuplicateObjects: false })
}
