import type { OrphanedCredential, UnresolvedCredential } from '../../src/api/generated.ts'
import { credentialOf, findable } from '../../src/custom-credential/creation/orders.ts'
import { orphanManifest } from '../../src/orphaned-credential/record.ts'
import type { RunFacts } from '../../src/secret-task/run-facts.ts'
import type { CustodyFacts, Snapshot, Trouble } from '../../src/custom-credential/snapshot.ts'
import { aCredential, aProvider, type CredentialBuilder, START } from './builders.ts'
import { aKit, type TaskBuilder } from './builders-tasks.ts'

/** What a decision about `team-a/orders-database` is made from: an accepted provider, the kit, and nothing else at first. */
export class SnapshotBuilder {
  readonly snapshot: Snapshot

  constructor(snapshot: Snapshot) {
    this.snapshot = snapshot
  }

  of(credential: CredentialBuilder): SnapshotBuilder {
    return this.with({ credential: credential.object })
  }

  at(now: number): SnapshotBuilder {
    return this.with({ now })
  }

  tasks(...tasks: readonly TaskBuilder[]): SnapshotBuilder {
    return this.with({ tasks: tasks.map(({ object }) => object) })
  }

  jobs(...runs: readonly RunFacts[]): SnapshotBuilder {
    return this.with({ runs })
  }

  custody(...custody: readonly CustodyFacts[]): SnapshotBuilder {
    return this.with({ custody: [aKit(), ...custody] })
  }

  /** The target Secret shows this version, in this rendition. */
  showing(version: number, rendition?: string): SnapshotBuilder {
    return this.with({ target: { uid: 'target-uid', version, rendition } })
  }

  trouble(trouble: Trouble): SnapshotBuilder {
    return this.with({ trouble })
  }

  with(more: Partial<Snapshot>): SnapshotBuilder {
    return new SnapshotBuilder({ ...this.snapshot, ...more })
  }
}

const namespace = { metadata: { name: 'team-a', uid: 'namespace-uid', resourceVersion: '1' } }

export const terminatingNamespace = {
  metadata: { ...namespace.metadata, deletionTimestamp: new Date(START).toISOString() },
}

export const aSnapshot = (): SnapshotBuilder =>
  new SnapshotBuilder({
    now: START,
    credential: aCredential().object,
    namespace,
    provider: aProvider(),
    makers: [],
    tasks: [],
    runs: [],
    custody: [aKit()],
    orphans: [],
    target: undefined,
    formers: [],
    inputs: [],
    trouble: {},
  })

/** The orphan that the operator makes of an obligation. */
export const anOrphan = (owed: UnresolvedCredential, s: Snapshot = aSnapshot().snapshot): OrphanedCredential => {
  const manifest = orphanManifest(credentialOf(s), { ...owed, find: findable(owed, s) })
  return {
    ...manifest,
    metadata: { ...manifest.metadata, uid: '0f6a7a52-0001-4a35-9b0e-3f4f5be2c001', resourceVersion: '1' },
    status: { state: 'Owed', attempts: 0 },
  }
}
