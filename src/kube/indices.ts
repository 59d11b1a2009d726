/** Derives the values under which an object is found, e.g. the UIDs of its owners. Must depend on the object alone. */
export type Indexer<T> = (object: T) => readonly string[]

/** Finds keys by what their objects are about. Says nothing of the objects themselves: the store holds those. */
export class Indices<T, I extends string> {
  readonly #indexers: readonly (readonly [I, Indexer<T>])[]
  /** One key by itself where there is one, as for most values: a set takes several times the room. */
  readonly #keys = new Map<I, Map<string, string | Set<string>>>()

  constructor(indexers: Readonly<Record<I, Indexer<T>>>) {
    this.#indexers = Object.entries(indexers) as [I, Indexer<T>][]
    for (const [index] of this.#indexers) this.#keys.set(index, new Map())
  }

  find(index: I, value: string): Iterable<string> {
    const found = this.#keys.get(index)?.get(value) ?? []
    return typeof found === 'string' ? [found] : found
  }

  add(key: string, object: T): void {
    for (const [index, indexer] of this.#indexers) {
      const values = this.#keys.get(index)
      for (const value of indexer(object)) {
        const keys = values?.get(value)
        if (keys === undefined) values?.set(value, key)
        else if (typeof keys === 'string') values?.set(value, new Set([keys, key]))
        else keys.add(key)
      }
    }
  }

  remove(key: string, object: T): void {
    for (const [index, indexer] of this.#indexers) {
      const values = this.#keys.get(index)
      for (const value of indexer(object)) {
        const keys = values?.get(value)
        if (typeof keys === 'object') keys.delete(key)
        if (keys === key || (typeof keys === 'object' && keys.size === 0)) values?.delete(value)
      }
    }
  }
}
