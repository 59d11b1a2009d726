import type { PlannedFault } from './places.ts'

/** Everything that determines a run: the same plan gives the same run, to the byte. */
export interface Plan {
  readonly workload: string
  /** Of the latencies and the operators' jitter. 0: calm, every way takes a millisecond. */
  readonly seed: number
  readonly faults: readonly PlannedFault[]
}
