import { type KubeObject, keyOf, type Resource } from '../../../src/api/meta.ts'
import type { World } from '../world.ts'

const by = 'a hostile person'

interface Removal {
  readonly propagation?: 'Background' | 'Foreground' | 'Orphan'
  readonly force?: boolean
  readonly which?: (object: KubeObject) => boolean
}

export function removeAll(
  world: World,
  resource: Resource,
  { propagation = 'Background', force = false, which = () => true }: Removal = {},
): void {
  for (const object of world.server.list(resource).items.filter(which)) {
    world.hostile(`delete ${resource.plural}`, keyOf(object))
    world.server.remove(resource, keyOf(object), { by, propagation, force })
  }
}

export function editAll(
  world: World,
  resource: Resource,
  merge: object,
  which: (object: KubeObject) => boolean = () => true,
): void {
  for (const object of world.server.list(resource).items.filter(which)) {
    world.hostile(`edit ${resource.plural}`, keyOf(object))
    world.server.patch(resource, keyOf(object), { merge }, { by })
  }
}

export function strip(world: World, resource: Resource, name: string): void {
  for (const object of world.server.list(resource).items) {
    const { finalizers = [] } = object.metadata
    if (!finalizers.includes(name)) continue
    world.hostile(`strip ${resource.plural}`, keyOf(object))
    const merge = { metadata: { finalizers: finalizers.filter((other) => other !== name) } }
    world.server.patch(resource, keyOf(object), { merge }, { by })
  }
}
