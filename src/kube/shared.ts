/** So many are known again; then it begins anew. A few megabytes, against hundreds. */
const REMEMBERED = 50_000

/**
 * Has what is equal held once. Most of a cache is text, and most of that stands in many objects: a UID in all that belongs
 * to a credential, a task's ID in its Job, in custody and in a history, the words of an enumeration everywhere.
 */
export class Shared {
  readonly #texts = new Map<string, string>()
  readonly #values = new Map<string, object>()

  /** The same object, with each of its texts in place of an equal one: nobody can tell. */
  texts<T extends object>(object: T): T {
    const fields = object as Record<string, unknown>
    for (const field of Object.keys(fields)) {
      const value = fields[field]
      if (typeof value === 'string') fields[field] = first(this.#texts, value, value)
      else if (typeof value === 'object' && value !== null) this.texts(value)
    }
    return object
  }

  /** A small object that stands in many larger ones, none of which may change it. */
  value<T extends object>(object: T): T {
    return first(this.#values, JSON.stringify(object), object) as T
  }
}

function first<T>(known: Map<string, T>, key: string, value: T): T {
  const there = known.get(key)
  if (there !== undefined) return there
  if (known.size >= REMEMBERED) known.clear()
  known.set(key, value)
  return value
}
