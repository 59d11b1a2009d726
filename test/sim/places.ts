/** A fault of a plan: what happens at the n-th occasion (from 1) that a place is met. */
export interface PlannedFault {
  /** Such as `write patch secrettasks/status`. */
  readonly place: string
  readonly nth: number
  readonly fault: string
}

/** Counts the occasions at which something could go wrong, and tells what the plan has for each. */
export class Places {
  readonly counts = new Map<string, number>()
  /** The faults that were met. */
  readonly met: PlannedFault[] = []
  readonly #faults: Map<string, PlannedFault>
  #closed = false

  constructor(faults: readonly PlannedFault[]) {
    this.#faults = new Map(faults.map((fault) => [`${fault.place}#${fault.nth}`, fault]))
  }

  meet = (place: string): string | undefined => {
    if (this.#closed) return undefined
    const nth = (this.counts.get(place) ?? 0) + 1
    this.counts.set(place, nth)
    const fault = this.#faults.get(`${place}#${nth}`)
    if (fault !== undefined) this.met.push(fault)
    return fault?.fault
  }

  /** From now on nothing goes wrong any more. */
  close(): void {
    this.#closed = true
  }
}
