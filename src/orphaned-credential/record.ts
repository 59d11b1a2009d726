import { v5 as uuidv5 } from 'uuid'
import type { CredentialReference, OrphanedCredential, UnresolvedCredential } from '../api/generated.ts'
import { finalizer, label, MANAGER } from '../api/labels.ts'
import type { Manifest } from '../api/meta.ts'
import { OrphanedCredentials } from '../api/resources.ts'
import type { Caches } from '../caches.ts'
import type { KubeApi } from '../kube/port.ts'
import { unlessThere } from '../kube/writes.ts'

/** Makes an obligation durable outside of the credential and its namespace. The name is derived: twice is once. */
export async function recordOrphan(
  { api, caches }: { api: KubeApi; caches: Pick<Caches, 'orphans'> },
  credential: CredentialReference,
  owed: UnresolvedCredential,
): Promise<void> {
  const orphan = await unlessThere(api.create(OrphanedCredentials, orphanManifest(credential, owed)))
  if (orphan) caches.orphans.remember(orphan)
}

/** The name is also a label of its tasks and Jobs, and a label takes 63 characters: what a UUID and a hyphen leave of it. */
const READABLE_CHARACTERS = 26

/** Whether nobody revokes it until a person has asked for that. */
export const isLeftToPeople = (reason: UnresolvedCredential['reason']): boolean =>
  reason === 'Retained' || reason === 'IdInUse'

/** `owed.find`: whether the provider can find what an unknown run made. */
export function orphanManifest(
  { namespace, name, uid }: CredentialReference,
  owed: UnresolvedCredential,
): Manifest<OrphanedCredential> {
  const { originTaskId, credentialsId, version, trigger, reason, since, notBefore, provider, kit, find = false } = owed
  return {
    apiVersion: 'customcredentials.dev/v1alpha1',
    kind: 'OrphanedCredential',
    metadata: {
      name: `${name.slice(0, READABLE_CHARACTERS)}-${uuidv5(`${originTaskId}/${credentialsId ?? ''}`, uid)}`,
      labels: { [label.managedBy]: MANAGER, [label.credential]: name, [label.credentialUid]: uid },
      finalizers: [finalizer.owed],
    },
    spec: {
      credential: { namespace, name, uid },
      originTaskId,
      ...(credentialsId !== undefined && { credentialsId }),
      version,
      trigger: isLeftToPeople(reason) ? 'secret_version_data_deletion' : trigger,
      reason,
      since,
      ...(notBefore !== undefined && { notBefore }),
      provider,
      kit,
      find: credentialsId === undefined && find,
    },
  }
}
