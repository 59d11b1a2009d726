interface Event {
  readonly at: number
  readonly order: number
  readonly what: string
  readonly run: () => void
  cancelled: boolean
}

/**
 * Virtual time and everything that is going to happen in it. Events run one at a time, in the order of their time and,
 * where that is the same, of their making; between two of them everything settles that waits for nothing else.
 */
export class Scheduler {
  #now: number
  #order = 0
  readonly #heap: Event[] = []
  /** Events that have run. */
  count = 0

  constructor(startMs: number) {
    this.#now = startMs
  }

  /** Milliseconds since the epoch. */
  now = (): number => this.#now

  /** Runs `event` after `ms`; `what` names it in the story. The returned function cancels it. */
  after(ms: number, what: string, event: () => void): () => void {
    const entry = { at: this.#now + Math.max(0, ms), order: this.#order++, what, run: event, cancelled: false }
    this.#push(entry)
    return () => {
      entry.cancelled = true
    }
  }

  /** Runs what is due until `endMs`, or until `done`, which is asked after each event. */
  async runUntil(endMs: number, done: () => boolean): Promise<void> {
    await settle()
    for (let event = this.#pop(endMs); event; event = this.#pop(endMs)) {
      this.#now = Math.max(this.#now, event.at)
      this.count += 1
      event.run()
      await settle()
      if (done()) return
    }
    this.#now = Math.max(this.#now, endMs)
  }

  /** What is going to happen until `endMs`, in no order. */
  upcoming(endMs: number): string[] {
    return this.#heap.filter(({ at, cancelled }) => !cancelled && at <= endMs).map(({ what }) => what)
  }

  #pop(endMs: number): Event | undefined {
    for (let first = this.#heap[0]; first && first.at <= endMs; first = this.#heap[0]) {
      const last = this.#heap.pop() as Event
      if (this.#heap.length > 0) this.#sink(last)
      if (!first.cancelled) return first
    }
    return undefined
  }

  #push(event: Event): void {
    const heap = this.#heap
    let at = heap.push(event) - 1
    for (let up = (at - 1) >> 1; at > 0 && isBefore(event, heap[up] as Event); up = (at - 1) >> 1) {
      heap[at] = heap[up] as Event
      at = up
    }
    heap[at] = event
  }

  #sink(event: Event): void {
    const heap = this.#heap
    let at = 0
    for (;;) {
      const left = 2 * at + 1
      const right = heap[left + 1]
      const down = right && isBefore(right, heap[left] as Event) ? left + 1 : left
      const below = heap[down]
      if (!below || !isBefore(below, event)) break
      heap[at] = below
      at = down
    }
    heap[at] = event
  }
}

const isBefore = (a: Event, b: Event): boolean => a.at < b.at || (a.at === b.at && a.order < b.order)

/** So many are asked for at once: a turn of the event loop costs more than most events. */
const IMMEDIATES = 64
let due = 0
let resume: (() => void) | undefined

/** An immediate runs when no promise is left that could go on by itself; that holds for each of those that are due together. */
const settle = (): Promise<void> =>
  new Promise((resolve) => {
    resume = resolve
    if (due > 0) return
    due = IMMEDIATES
    for (let nth = 0; nth < IMMEDIATES; nth++) setImmediate(onImmediate)
  })

function onImmediate(): void {
  due -= 1
  const next = resume
  resume = undefined
  next?.()
}
