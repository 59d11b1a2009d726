import type { Fact } from '../observe/facts.ts'
import type { Scheduler } from '../scheduler.ts'
import type { Server } from './server.ts'

/** Asked at every place where something may go wrong; the answer names what does. */
export type Place = (where: string) => string | undefined

/** What every part of the cluster works with. */
export interface World {
  readonly server: Server
  readonly scheduler: Scheduler
  readonly tell: (fact: Fact) => void
  readonly place: Place
}
