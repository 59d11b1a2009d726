import type { Draw, Target } from './draw.ts'
import { KINDS, type KindName } from './kinds/index.ts'
import type { Json } from './sequence.ts'

/** A body with metadata: every object says where it belongs, as cluster-scoped ones of other sequences are about. */
export function bodyOf(draw: Draw, { kind, name }: Target, body: Json): Json {
  const own = (body['metadata'] ?? {}) as Json
  return {
    ...body,
    metadata: {
      name,
      ...(KINDS[kind].resource.namespaced && { namespace: '<place>' }),
      ...own,
      labels: { in: '<place>', app: draw.one(['x', 'y']), ...(own['labels'] as Json | undefined) },
      ...(draw.chance(0.3) && { finalizers: ['customcredentials.dev/hold'] }),
      ...(draw.chance(0.1) && { annotations: { note: '1' } }),
      ...(draw.chance(0.1) && { ownerReferences: [ownerOf(draw)] }),
    },
  }
}

/** An owner that is there, was there, or is somebody else by now. */
export function ownerOf(draw: Draw): Json {
  const owner = draw.one(draw.targets) as Target
  const { group, version, kind } = KINDS[owner.kind].resource
  return {
    apiVersion: group === '' ? version : `${group}/${version}`,
    kind,
    name: owner.name,
    uid: `<uid ${draw.seen(owner)}>`,
    ...(draw.chance(0.3) && { controller: true }),
    ...(draw.chance(0.2) && { blockOwnerDeletion: true }),
  }
}

const SELECTORS = ['app=x', 'app!=x', 'app in (x,y)', 'app,tier', '!tier', 'tier notin (back)', 'app==y,!tier'] as const

export function selectorFor(draw: Draw, kind: KindName): string {
  const selector = draw.one(SELECTORS)
  return KINDS[kind].resource.namespaced ? selector : `${selector},in=<place>`
}
