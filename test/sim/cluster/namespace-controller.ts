import { keyOf } from '../../../src/api/meta.ts'
import { Namespaces } from '../../../src/api/resources.ts'
import { NAMESPACED } from './kinds.ts'
import { WorkQueue } from './work-queue.ts'
import type { World } from './world.ts'

const BY = { by: 'namespace-controller' }
const REACTION_MS = 100

/** The namespace controller: empties a namespace that is being deleted, waits for finalizers, and lets it go. */
export class NamespaceController {
  readonly #world: World

  constructor(world: World) {
    this.#world = world
    const terminating = new Set<string>()
    const queue = new WorkQueue(world.scheduler, 'namespace-controller', (name) => {
      this.#empty(name)
    })
    world.server.subscribe(({ resource, object, type }) => {
      const { name, namespace = name, deletionTimestamp } = object.metadata
      if (resource.plural === Namespaces.plural) {
        if (type === 'deleted' || deletionTimestamp === undefined) terminating.delete(name)
        else terminating.add(name)
      }
      if (terminating.has(namespace)) queue.add(namespace, REACTION_MS)
    })
  }

  #empty(name: string): void {
    const { server } = this.#world
    const namespace = server.find(Namespaces, { name })
    if (namespace?.metadata.deletionTimestamp === undefined) return
    let left = 0
    for (const resource of NAMESPACED) {
      for (const object of server.list(resource, { namespace: name }).items) {
        left += 1
        const { uid, deletionTimestamp } = object.metadata
        if (deletionTimestamp !== undefined) continue
        server.remove(resource, keyOf(object), { ...BY, uid, propagation: 'Background' })
      }
    }
    if (left > 0 || (namespace.spec?.finalizers ?? []).length === 0) return
    server.patch(Namespaces, { name }, { merge: { spec: { finalizers: [] } }, subresource: 'finalize' }, BY)
  }
}
