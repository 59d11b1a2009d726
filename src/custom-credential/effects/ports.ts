import type { Caches } from '../../caches.ts'
import type { EventRecorder } from '../../kube/events.ts'
import type { KubeApi } from '../../kube/port.ts'
import type { Payload } from '../delivery/template.ts'

/** What effects need. */
export interface Ports {
  readonly api: KubeApi
  readonly caches: Caches
  readonly events: Pick<EventRecorder, 'record'>
  readonly custodyNamespace: string
  /** Payloads that this process has just taken into custody: spares the read before delivery. */
  readonly handedOff: (taskId: string) => Payload | undefined
}
