import type { ObjectChange } from '../observe/facts.ts'
import type { World } from '../world.ts'

/** What may befall the world at any change of it. */
export interface Disturbance {
  /** Of the catalogue of faults. */
  readonly catalogue: string
  /** What the workload asks for can not be reached any more, and need not be. */
  readonly moot?: true
  readonly strike: (world: World, change: ObjectChange) => void
}

/** By the name that a plan has for it. */
export type Disturbances = Readonly<Record<string, Disturbance>>

export const MINUTE_MS = 60_000
export const DAY_MS = 86_400_000
