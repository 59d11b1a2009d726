import type { CustomCredential } from '../../../src/api/generated.ts'
import { annotation, label } from '../../../src/api/labels.ts'
import type { KubeObject, Resource } from '../../../src/api/meta.ts'
import {
  ClusterCredentialsProviders,
  CredentialsProviders,
  CustomCredentials,
  Namespaces,
  Secrets,
} from '../../../src/api/resources.ts'
import type { Provider } from '../../../src/credentials-provider/resolve.ts'
import { leases } from '../../../src/kube/lease-record.ts'
import type { Fact, ObjectChange } from './facts.ts'

/** What a credential that no run has made has in place of its create task. */
export const BY_HAND = 'by hand'

const PROVIDERS = new Set([CredentialsProviders, ClusterCredentialsProviders].map(({ plural }) => plural))

/** A credential that exists upstream. */
export interface LiveCredential {
  readonly credentialsId: string
  readonly originTaskId: string
}

/** The world as the facts so far tell it. Times are milliseconds since the epoch: virtual ones in the simulator. */
export class State {
  readonly #objects = new Map<string, Map<string, KubeObject>>()
  /** By credentials ID: what exists upstream now. */
  readonly live = new Map<string, LiveCredential>()
  /** Credentials IDs that people look after: made by hand, or left to them with the target Secret (`Retain`). */
  readonly theirs = new Set<string>()
  /** Providers that are gone, by UID: what was ordered while they were there still happens. */
  readonly goneProviders = new Map<string, Provider>()
  /** UIDs of the pods whose container is at work, with their task. */
  readonly working = new Map<string, string>()
  /** When the last fact was, or, at rest, the end. */
  now = -Infinity
  /** When something last went wrong that may hold the operator up: a fault, a person out of turn, a change of leaders. */
  troubledAt = -Infinity
  /** When a process's wall clock was last set, or gave way to another one's that may differ. */
  clockSetAt = -Infinity
  /** Identity of the process that holds the lease. */
  leader: string | undefined

  /** All objects of a kind, by `namespace/name` (`/name` where the kind has no namespace). */
  all<T extends KubeObject>({ plural }: Resource<T>): ReadonlyMap<string, T> {
    return (this.#objects.get(plural) ?? new Map()) as ReadonlyMap<string, T>
  }

  /** `at`: when the fact was. */
  take(fact: Fact, at: number): void {
    this.now = at
    switch (fact.kind) {
      case 'object':
        this.#takeChange(fact)
        return
      case 'upstream': {
        const { credentialsId, originTaskId } = fact
        if (fact.type === 'created' && originTaskId === BY_HAND) this.theirs.add(credentialsId)
        if (fact.type === 'deleted') this.live.delete(credentialsId)
        else this.live.set(credentialsId, { credentialsId, originTaskId })
        return
      }
      case 'container':
        if (fact.type === 'started') this.working.set(fact.podUid, fact.taskId)
        else this.working.delete(fact.podUid)
        return
      case 'fault':
        if (fact.fault.includes('clock')) this.clockSetAt = at
        if (!fact.fault.startsWith('clock')) this.troubledAt = at
        return
      case 'hostile':
        this.troubledAt = at
        return
      default:
        return
    }
  }

  #takeChange({ resource, object, type }: ObjectChange): void {
    const objects = this.#objects.get(resource.plural) ?? new Map<string, KubeObject>()
    this.#objects.set(resource.plural, objects)
    const at = `${object.metadata.namespace ?? ''}/${object.metadata.name}`
    if (type === 'deleted') objects.delete(at)
    else objects.set(at, object)
    if (type === 'deleted' && PROVIDERS.has(resource.plural))
      this.goneProviders.set(object.metadata.uid, object as Provider)
    if (resource.plural === leases.plural) this.#takeLease(object)
    if (resource.plural === Secrets.plural) this.#takeLegacy(object)
    if (resource.plural === CustomCredentials.plural) this.#takeAdoption(object as CustomCredential)
  }

  /** Not what goes with its namespace at once. */
  #takeLegacy({ metadata: { namespace = '', labels, annotations } }: KubeObject): void {
    const isGoing = this.all(Namespaces).get(`/${namespace}`)?.metadata.deletionTimestamp !== undefined
    const left = annotations?.[annotation.retained] !== undefined ? annotations[annotation.credentialsId] : undefined
    if (left !== undefined && !isGoing) this.theirs.add(left)
    const isTarget = labels?.[label.credentialUid] !== undefined && labels[label.custody] === undefined
    if (isTarget) this.theirs.delete(annotations?.[annotation.credentialsId] ?? '')
  }

  #takeAdoption({ metadata, status }: CustomCredential): void {
    if (metadata.deletionTimestamp !== undefined) return
    for (const { adopted, credentialsId } of status.versions ?? []) if (adopted) this.theirs.delete(credentialsId)
  }

  #takeLease({ spec }: KubeObject & { readonly spec?: { readonly holderIdentity?: string } }): void {
    const holder = spec?.holderIdentity
    const isFirst = this.leader === undefined
    if (holder === this.leader) return
    this.leader = holder
    if (isFirst) return
    this.troubledAt = this.now
    // Only where clocks have been set may the new leader's differ.
    if (this.clockSetAt > -Infinity) this.clockSetAt = this.now
  }
}
