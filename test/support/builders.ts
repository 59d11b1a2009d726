import { parseDuration } from '../../src/api/duration.ts'
import type {
  CredentialsProvider,
  CredentialVersion,
  CustomCredential,
  CustomCredentialStatus,
  PinnedProvider,
  UnresolvedCredential,
} from '../../src/api/generated.ts'
import { annotation, finalizer } from '../../src/api/labels.ts'
import { createTaskId } from '../../src/api/task-id.ts'
import type { Run } from '../../src/credentials-provider/resolve.ts'
import { kitName } from '../../src/custody/kit.ts'
import { parametersHash } from '../../src/custom-credential/creation/changes.ts'
import { CREDENTIAL_UID } from './task-run.ts'

/** Every story begins here. */
export const START = Date.UTC(2026, 0, 1)

/** `after('10m')`: that long after the start, in milliseconds since the epoch. */
export const after = (duration = '0s'): number => START + parseDuration(duration)

/** The same as a timestamp. */
export const at = (duration = '0s'): string => new Date(after(duration)).toISOString()

export const pinned: PinnedProvider = {
  kind: 'CredentialsProvider',
  name: 'postgres',
  uid: 'provider-uid',
  generation: 1,
}
/** Another one. */
export const elsewhere: PinnedProvider = { ...pinned, name: 'postgres-next', uid: 'next-uid' }
export const run: Run = {
  provider: pinned,
  parameters: { database: 'orders' },
  jobNamespace: 'team-a',
  timeoutSeconds: 600,
}
export const KIT = kitName(CREDENTIAL_UID, run)

/** The ID of the run that makes a version. */
export const maker = (version: number, attempt = 1): string => createTaskId(CREDENTIAL_UID, { version, attempt })

/** A version made by its first attempt, whose credentials are `role-<version>`. */
export const aVersion = (version: number, more: Partial<CredentialVersion> = {}): CredentialVersion => ({
  version,
  taskId: maker(version),
  credentialsId: `role-${version}`,
  trigger: 'secret_creation',
  issuedAfter: at(),
  startedAt: at(),
  createdAt: at(),
  provider: pinned,
  kit: KIT,
  parametersHash: parametersHash(run),
  ...more,
})

export const delivered = (version: number, when = at(), more: Partial<CredentialVersion> = {}): CredentialVersion =>
  aVersion(version, { issuedAfter: when, startedAt: when, createdAt: when, deliveredAt: when, ...more })

/** What is owed for a version: its credentials, `role-<version>`. */
export const owedBy = (version: number, more: Partial<UnresolvedCredential> = {}): UnresolvedCredential => ({
  originTaskId: maker(version),
  credentialsId: `role-${version}`,
  version,
  trigger: 'manual_secret_rotation',
  reason: 'Superseded',
  since: at(),
  attempts: 0,
  provider: pinned,
  kit: KIT,
  ...more,
})

/** What a run whose outcome is unknown may have made: owed without credentials ID. */
export function unknownOf(version: number, more: Partial<UnresolvedCredential> = {}): UnresolvedCredential {
  const { credentialsId: _unknown, ...owed } = owedBy(version, { reason: 'OutcomeUnknown', ...more })
  return owed
}

/** `team-a/orders-database`, seen by the operator, held by its finalizer, without versions unless said otherwise. */
export class CredentialBuilder {
  readonly object: CustomCredential

  constructor(object: CustomCredential) {
    this.object = object
  }

  rotating(interval: string, minOverlap?: string): CredentialBuilder {
    return this.spec({ rotation: { interval, ...(minOverlap !== undefined && { minOverlap }) } })
  }

  spec(more: Partial<CustomCredential['spec']>): CredentialBuilder {
    return this.#with({ spec: { ...this.object.spec, ...more } })
  }

  status(more: Partial<CustomCredentialStatus>): CredentialBuilder {
    return this.#with({ status: { ...this.object.status, ...more } })
  }

  metadata(more: Partial<CustomCredential['metadata']>): CredentialBuilder {
    return this.#with({ metadata: { ...this.object.metadata, ...more } })
  }

  /** With these versions; the next one has the number after the last. */
  having(...versions: readonly CredentialVersion[]): CredentialBuilder {
    const number = Math.max(0, ...versions.map(({ version }) => version)) + 1
    return this.status({ versions, nextVersion: { number, attempts: 0, failures: 0 } })
  }

  owing(...unresolved: readonly UnresolvedCredential[]): CredentialBuilder {
    return this.status({ unresolved })
  }

  asking(rotateRequest: string): CredentialBuilder {
    return this.metadata({ annotations: { [annotation.rotateRequestedAt]: rotateRequest } })
  }

  deleted(when = at()): CredentialBuilder {
    return this.metadata({ deletionTimestamp: when })
  }

  /** As a person has just made it. */
  unseen(): CredentialBuilder {
    const { finalizers: _none, ...metadata } = this.object.metadata
    return this.#with({ metadata, status: { observedGeneration: 0 } })
  }

  #with(more: Partial<CustomCredential>): CredentialBuilder {
    return new CredentialBuilder({ ...this.object, ...more })
  }
}

export const aCredential = (): CredentialBuilder =>
  new CredentialBuilder({
    metadata: {
      namespace: 'team-a',
      name: 'orders-database',
      uid: CREDENTIAL_UID,
      resourceVersion: '1',
      generation: 1,
      finalizers: [finalizer.revocation],
    },
    spec: { providerRef: { name: 'postgres' }, parameters: { database: 'orders' } },
    status: { observedGeneration: 1 },
  })

/** The accepted provider `team-a/postgres`, that can find what a run has made. */
export const aProvider = (more: Partial<CredentialsProvider['spec']> = {}): CredentialsProvider => ({
  metadata: { namespace: 'team-a', name: 'postgres', uid: pinned.uid, resourceVersion: '1', generation: 1 },
  spec: {
    template: { spec: { containers: [{ name: 'provider', image: 'registry.example/postgres-provider:1.0' }] } },
    schema: {
      parameters: [{ name: 'database', type: 'string', required: true }],
      credentials: [{ name: 'username', type: 'string', required: true }],
    },
    capabilities: ['find'],
    ...more,
  },
  status: {
    observedGeneration: 1,
    conditions: [
      {
        type: 'Accepted',
        status: 'True',
        observedGeneration: 1,
        lastTransitionTime: at(),
        reason: 'Accepted',
        message: '',
      },
    ],
  },
})
