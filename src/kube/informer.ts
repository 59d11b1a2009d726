import type { KubeObject } from '../api/meta.ts'
import { Reflector, type ReflectorOptions } from './reflector.ts'
import { Store, type StoreOptions } from './store.ts'

export type InformerOptions<T extends KubeObject, I extends string> = ReflectorOptions<T> & StoreOptions<T, I>

/** A store that is kept in step with the API server. */
export interface Informer<T extends KubeObject = KubeObject, I extends string = string> {
  /** Plural of the resource, for logs and health. */
  readonly resource: string
  readonly store: Store<T, I>
  /** Lists and watches until `signal` is aborted, and then resolves. Call it once. */
  start(signal: AbortSignal): Promise<void>
  /** Resolves when the first list is in the store. */
  synced(): Promise<void>
  /** Lists exactly: resolves once the store holds a state no older than this call. */
  refresh(): Promise<void>
  /** How long ago the API server last told us anything; about a minute at most while all is well. */
  silentForMs(): number
}

/** With `metadataOnly`, `T` is `KubeObject`: a Secret's metadata, say, and never its data. */
export function createInformer<T extends KubeObject, I extends string = never>(
  options: InformerOptions<T, I>,
): Informer<T, I> {
  const store = new Store<T, I>(options)
  const reflector = new Reflector<T>(store, options)
  return {
    resource: options.resource.plural,
    store,
    start: (signal) => reflector.run(signal),
    synced: () => store.whenSynced(),
    refresh: () => reflector.refresh(),
    silentForMs: () => reflector.silentForMs(),
  }
}
