import type { Fact } from '../observe/facts.ts'

/** A fact at a revision of the store. Who made a change is asked only when it is told: by then it is known. */
interface Entry {
  readonly revision: number
  readonly fact: () => Fact | undefined
}

interface Options {
  /** The revision of the last change at some moment between the call and its answer. */
  readonly revision: () => Promise<number>
  readonly tell: (fact: Fact) => void
}

/**
 * Puts what is seen at several places into one order: changes of objects by their revision, and between them what the
 * harness itself has seen, after everything that had happened by then. Nothing is told before all that comes before it is
 * there; no clock is involved.
 */
export class Timeline {
  readonly #options: Options
  readonly #changes: Entry[] = []
  readonly #seen: Entry[] = []
  /** Revisions beyond which something is still to be learned. */
  readonly #holds = new Set<{ readonly after: number }>()
  /** The last revision of which everything is here. */
  #complete: number

  constructor(revision: number, options: Options) {
    this.#complete = revision
    this.#options = options
  }

  /** Changes of one revision or more, in order. */
  take(changes: readonly Entry[], complete: number): void {
    this.#changes.push(...changes)
    this.#complete = Math.max(this.#complete, complete)
    this.#flush()
  }

  /** Keeps back all changes that are not here yet, until the returned function is called. */
  hold(): () => void {
    const hold = { after: this.#complete }
    this.#holds.add(hold)
    return () => {
      if (this.#holds.delete(hold)) this.#flush()
    }
  }

  /** Tells what has just happened. Resolves when it has its place: what is done afterwards comes after it. */
  async tell(fact: Fact): Promise<void> {
    const release = this.hold()
    const revision = await this.#options.revision()
    this.#insert({ revision, fact: () => fact })
    release()
  }

  /** Tells something whose place does not matter. */
  note(fact: Fact): void {
    this.#insert({ revision: this.#complete, fact: () => fact })
    this.#flush()
  }

  #insert(entry: Entry): void {
    const at = this.#seen.findLastIndex(({ revision }) => revision <= entry.revision)
    this.#seen.splice(at + 1, 0, entry)
  }

  #flush(): void {
    const limit = Math.min(...[...this.#holds].map(({ after }) => after))
    for (let next = this.#next(limit); next !== undefined; next = this.#next(limit)) {
      const fact = next.fact()
      if (fact !== undefined) this.#options.tell(fact)
    }
  }

  #next(limit: number): Entry | undefined {
    const [change] = this.#changes
    const [seen] = this.#seen
    const isTurnOfSeen = seen !== undefined && (change === undefined || change.revision > seen.revision)
    if (isTurnOfSeen) return seen.revision <= this.#complete ? this.#seen.shift() : undefined
    return change !== undefined && change.revision <= limit ? this.#changes.shift() : undefined
  }
}
