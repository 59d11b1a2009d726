import { ON_CREDENTIALS } from './disturbances/credentials.ts'
import type { Disturbances } from './disturbances/disturbance.ts'
import { MACHINERY } from './disturbances/machinery.ts'
import { ON_RUNS } from './disturbances/runs.ts'
import type { ObjectChange } from './observe/facts.ts'
import type { World } from './world.ts'

/** What may befall the world at any change of it, by name. */
export const DISTURBANCES: Disturbances = { ...MACHINERY, ...ON_CREDENTIALS, ...ON_RUNS }

export function strike(world: World, name: string, change: ObjectChange): void {
  DISTURBANCES[name]?.strike(world, change)
}
