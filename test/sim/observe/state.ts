import type { KubeObject, Resource } from '../../../src/api/meta.ts'
import type { Fact } from './facts.ts'

/** A credential that exists upstream. */
export interface LiveCredential {
  readonly credentialsId: string
  readonly originTaskId: string
}

/** The world as the facts so far tell it. */
export class State {
  readonly #objects = new Map<string, Map<string, KubeObject>>()
  /** By credentials ID: what exists upstream now. */
  readonly live = new Map<string, LiveCredential>()
  /** UIDs of the pods whose container is at work, with their task. */
  readonly working = new Map<string, string>()

  /** All objects of a kind, by `namespace/name` (`/name` where the kind has no namespace). */
  all<T extends KubeObject>({ plural }: Resource<T>): ReadonlyMap<string, T> {
    return (this.#objects.get(plural) ?? new Map()) as ReadonlyMap<string, T>
  }

  take(fact: Fact): void {
    switch (fact.kind) {
      case 'object': {
        const { resource, object } = fact
        const objects = this.#objects.get(resource.plural) ?? new Map<string, KubeObject>()
        this.#objects.set(resource.plural, objects)
        const at = `${object.metadata.namespace ?? ''}/${object.metadata.name}`
        if (fact.type === 'deleted') objects.delete(at)
        else objects.set(at, object)
        return
      }
      case 'upstream': {
        const { credentialsId, originTaskId } = fact
        if (fact.type === 'deleted') this.live.delete(credentialsId)
        else this.live.set(credentialsId, { credentialsId, originTaskId })
        return
      }
      case 'container':
        if (fact.type === 'started') this.working.set(fact.podUid, fact.taskId)
        else this.working.delete(fact.podUid)
        return
      default:
        return
    }
  }
}
