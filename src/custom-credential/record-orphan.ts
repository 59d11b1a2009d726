import { v5 as uuidv5 } from 'uuid'
import type { OrphanedCredential, UnresolvedCredential } from '../api/generated.ts'
import { finalizer, label, MANAGER } from '../api/labels.ts'
import type { Manifest } from '../api/meta.ts'
import { OrphanedCredentials } from '../api/resources.ts'
import { isAlreadyExists } from '../kube/errors.ts'
import type { Ports } from './ports.ts'
import { findable } from './orders.ts'
import type { Snapshot } from './snapshot.ts'

/** Makes an obligation durable outside of the credential and its namespace. The name is derived: twice is once. */
export async function recordOrphan({ api, caches }: Ports, s: Snapshot, owed: UnresolvedCredential): Promise<void> {
  try {
    caches.orphans.remember(await api.create(OrphanedCredentials, orphanManifest(s, owed)))
  } catch (error) {
    if (!isAlreadyExists(error)) throw error
  }
}

export function orphanManifest(s: Snapshot, owed: UnresolvedCredential): Manifest<OrphanedCredential> {
  const { namespace = '', name, uid } = s.credential.metadata
  const { originTaskId, credentialsId, version, reason, since, provider, kit } = owed
  return {
    apiVersion: 'customcredentials.dev/v1alpha1',
    kind: 'OrphanedCredential',
    metadata: {
      name: `${name}-${uuidv5(`${originTaskId}/${credentialsId ?? ''}`, uid)}`,
      labels: { [label.managedBy]: MANAGER, [label.credential]: name, [label.credentialUid]: uid },
      finalizers: [finalizer.owed],
    },
    spec: {
      credential: { namespace, name, uid },
      originTaskId,
      ...(credentialsId !== undefined && { credentialsId }),
      version,
      reason,
      since,
      provider,
      kit,
      find: credentialsId === undefined && findable(owed, s),
    },
  }
}
