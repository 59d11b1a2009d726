import type { ApplicationLog } from './application-log.ts'
import type { Narrator } from './narrator.ts'
import type { Steps } from './steps.ts'
import type { View } from './view.ts'
import type { World } from './world.ts'

export interface Demo {
  readonly world: World
  readonly narrator: Narrator
  readonly steps: Steps
  readonly signal?: AbortSignal
}

/** The demo once its application runs. */
export interface Scene extends Demo {
  readonly view: View
  readonly log: ApplicationLog
}

/** The namespace of the team whose story it is. */
export const NAMESPACE = 'shop'
export const IN_SHOP = `--namespace=${NAMESPACE}`

export async function show({ world, narrator }: Demo, command: readonly string[]): Promise<void> {
  narrator.command(`kubectl ${command.join(' ')}`)
  narrator.quote(await world.kubectl([IN_SHOP, ...command]))
}
