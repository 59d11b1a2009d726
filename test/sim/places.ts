/** A fault of a plan: what happens at the n-th occasion (from 1) that a place is met. */
export interface PlannedFault {
  /** Such as `write patch secrettasks/status`. */
  readonly place: string
  readonly nth: number
  readonly fault: string
}

/** By place: how what was met there stood, occasion by occasion. */
export type Occasions = ReadonlyMap<string, readonly string[]>

/** Notes the occasions at which something could go wrong, and tells what the plan has for each. */
export class Places {
  readonly occasions = new Map<string, string[]>()
  /** The faults that were met. */
  readonly met: PlannedFault[] = []
  readonly #faults: Map<string, PlannedFault>
  #closed = false

  constructor(faults: readonly PlannedFault[]) {
    this.#faults = new Map(faults.map((fault) => [`${fault.place}#${fault.nth}`, fault]))
  }

  /** `standing`: of the object that is written, read or told of, where that is known. */
  meet = (place: string, standing = ''): string | undefined => {
    if (this.#closed) return undefined
    const occasions = this.occasions.get(place) ?? []
    this.occasions.set(place, occasions)
    const nth = occasions.push(standing)
    const fault = this.#faults.get(`${place}#${nth}`)
    if (fault !== undefined) this.met.push(fault)
    return fault?.fault
  }

  /** From now on nothing goes wrong any more. */
  close(): void {
    this.#closed = true
  }
}
