import type { CustomCredential } from '../../../src/api/generated.ts'
import type { ProviderSetting } from '../people.ts'
import type { PlannedFault } from '../places.ts'
import type { World } from '../world.ts'

/** One thing that people do, and what has to come of it whatever goes wrong. */
export interface Step {
  readonly what: string
  readonly act: (world: World) => void
  readonly reached: (world: World) => boolean
}

export interface Workload {
  readonly name: string
  readonly says: string
  /** What goes wrong in every run of it. */
  readonly given?: readonly PlannedFault[]
  /** The provider of both teams; made with the kit, for an upstream whose names it chooses, unless told otherwise. */
  readonly provider?: ProviderSetting
  /** Processes of the operator, one of which leads. Absent means one. */
  readonly replicas?: number
  readonly steps: readonly Step[]
}

export type Spec = Partial<CustomCredential['spec']>
