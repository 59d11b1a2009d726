import type { SecretTask, SecretTaskSpec } from '../api/generated.ts'
import { label } from '../api/labels.ts'
import { createTaskId } from '../api/task-id.ts'
import type { Caches } from '../caches.ts'
import { kitName } from '../custody/kit.ts'

/**
 * Whether the operator ordered this task. Nobody else can put a revocation kit into custody, and its name is derived from
 * the run that the task describes; a deletion must besides be owed, by the credential's status or by an
 * OrphanedCredential. A task made by hand under a predictable name is therefore never run.
 */
export function isOrdered(
  caches: Caches,
  { custodyNamespace, revocationNamespace }: { custodyNamespace: string; revocationNamespace: string },
  task: SecretTask,
): boolean {
  const { metadata, spec } = task
  const { uid } = spec.credential
  const kit = caches.secrets.get({ namespace: custodyNamespace, name: spec.kit })
  if (spec.kit !== kitName(uid, spec) || kit?.metadata.labels?.[label.credentialUid] !== uid) return false
  if (metadata.labels?.[label.orphan] !== undefined) return isOwedByOrphan(caches, task, revocationNamespace)
  const credential = caches.credentials.get(spec.credential)
  if (credential?.metadata.uid !== uid || metadata.namespace !== spec.credential.namespace) return false
  if (spec.type === 'create_credentials') return metadata.name === createTaskId(uid, spec)
  return (credential.status.unresolved ?? []).some((owed) => isSame(owed, spec))
}

/** The revocation namespace is the operator's: tasks there run on behalf of an OrphanedCredential. */
function isOwedByOrphan({ orphans }: Caches, { metadata, spec }: SecretTask, revocationNamespace: string): boolean {
  const orphan = orphans.get({ name: metadata.labels?.[label.orphan] ?? '' })
  return metadata.namespace === revocationNamespace && orphan !== undefined && isSame(orphan.spec, spec)
}

type Owed = Pick<SecretTaskSpec, 'originTaskId' | 'credentialsId'>

const isSame = (a: Owed, b: Owed): boolean => a.originTaskId === b.originTaskId && a.credentialsId === b.credentialsId
