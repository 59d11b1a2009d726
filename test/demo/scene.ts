import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkout } from '../cluster/host/folders.ts'
import type { ApplicationLog } from './application-log.ts'
import type { Diary } from './diary.ts'
import { apply } from './install.ts'
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

/** It can be seen what becomes of what people do. */
export interface Told extends Demo {
  readonly view: View
  readonly diary: Diary
  /** The date by the operator's calendar, in milliseconds since the epoch. */
  readonly now: () => number
}

/** The demo once its application runs. */
export interface Scene extends Told {
  readonly log: ApplicationLog
}

/** The namespace of the team whose story it is. */
export const NAMESPACE = 'shop'
export const IN_SHOP = `--namespace=${NAMESPACE}`

/** Shows a manifest of deploy/demo and applies it; `namespace` for one that names none. */
export async function introduce({ world, narrator }: Demo, file: string, namespace?: string): Promise<void> {
  const path = `deploy/demo/${file}`
  narrator.quote(readFileSync(join(checkout, path), 'utf8'))
  narrator.command(`kubectl apply -f ${file}`)
  await apply(world, path, namespace)
}
