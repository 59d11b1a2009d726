import type { SecretTask } from '../api/generated.ts'
import type { Key, KubeObject } from '../api/meta.ts'
import type { Job, Pod } from '../api/resources.ts'
import type { Field } from '../credentials-provider/schema.ts'
import type { Custody } from '../custody/versions.ts'
import type { KubeApi } from '../kube/port.ts'
import type { Clock, Random } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logger.ts'

/** A cache of watched objects: what it lacks is read from the API server, what it refuses is read again. */
export interface Cache<T> {
  get(key: Key): T | undefined
  /** Receives the server's answer to a write of ours, so that the cache is not older than it. */
  remember(object: T): void
}

/** All that the gateway needs of the operator around it. */
export interface GatewayPorts {
  readonly api: KubeApi
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly tasks: Cache<SecretTask>
  readonly pods: Cache<Pod>
  readonly jobs: Cache<Job>
  /** Metadata of the Secrets in custody. */
  readonly custody: Cache<KubeObject>
  readonly custodyNamespace: string
  /** `schema.credentials` of the provider that the task is pinned to. Rejects where it cannot be told. */
  outputSchema(task: SecretTask): Promise<readonly Field[]>
  /** Receives the outputs that a create task is about to end with, so that a leader in this process need not read them. */
  handOff(taskId: string, data: Readonly<Record<string, string>>): void
}

export const custodyOf = ({ api, custody, custodyNamespace }: GatewayPorts): Custody => ({
  api,
  namespace: custodyNamespace,
  remember: ({ metadata }) => {
    custody.remember({ metadata })
  },
})
