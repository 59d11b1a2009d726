import type { CustomCredentialStatus } from '../../api/generated.ts'
import { label } from '../../api/labels.ts'
import { Jobs, SecretMetadata, SecretTasks } from '../../api/resources.ts'
import { isOwn } from '../observe.ts'
import type { Ports } from './ports.ts'
import { isOurs } from '../delivery/ownership.ts'
import { lookAt } from './look-at.ts'
import type { Snapshot } from '../snapshot.ts'

/**
 * The finalizer is the last hold on a credential, so what it goes on must not be a cache's silence: one exact look at
 * custody and Jobs. What the decision did not know of is put into the caches, and the decision is taken again.
 */
export async function assertNothingUnseen({ api, caches, custodyNamespace }: Ports, s: Snapshot): Promise<void> {
  const labelSelector = `${label.credentialUid}=${s.credential.metadata.uid}`
  const inCustody = {
    namespace: custodyNamespace,
    labelSelector: `${labelSelector},${label.custody}`,
    metadataOnly: true,
  }
  const custody = await api.list(SecretMetadata, inCustody)
  const jobs = await api.list(Jobs, { labelSelector })
  const unseenSecrets = custody.items.filter(
    (secret) => isOwn(secret) && !s.custody.some(({ name }) => name === secret.metadata.name),
  )
  const unseenJobs = jobs.items.filter((job) => isOwn(job) && !s.runs.some(({ uid }) => uid === job.metadata.uid))
  for (const secret of unseenSecrets) caches.secrets.remember(secret)
  for (const job of unseenJobs) caches.jobs.remember(job)
  if (unseenSecrets.length + unseenJobs.length > 0) {
    throw new Error(`${unseenSecrets.length} Secrets in custody and ${unseenJobs.length} Jobs were not known yet`)
  }
}

/**
 * The status is about to forget the name of a Secret that was the target: one exact look at what is there under that name, since
 * the caches may not have heard of it.
 */
export async function assertFormerKnown(
  { api, caches }: Pick<Ports, 'api' | 'caches'>,
  { credential }: Pick<Snapshot, 'credential'>,
  { target, formerTargets = [] }: CustomCredentialStatus,
): Promise<void> {
  const former = credential.status.target?.name
  if (former === undefined || former === target?.name) return
  const there = await lookAt(api, { namespace: credential.metadata.namespace ?? '', name: former })
  const isKnown = formerTargets.some(({ uid }) => uid === there?.metadata.uid)
  if (there === undefined || isKnown || !isOurs(there, credential)) return
  caches.secrets.remember(there)
  throw new Error(`Secret "${former}" was not known yet`)
}

/**
 * An OrphanedCredential tries on its own: nothing is handed over while a try of the credential's may be under way, not even
 * one whose creation had no answer. So there is one exact look at its tasks.
 */
export async function assertNoTryUnseen(
  { api, caches }: Pick<Ports, 'api' | 'caches'>,
  { credential, tasks }: Pick<Snapshot, 'credential' | 'tasks'>,
): Promise<void> {
  const { namespace = '', uid } = credential.metadata
  const there = await api.list(SecretTasks, { namespace, labelSelector: `${label.credentialUid}=${uid}` })
  const unseen = there.items.filter(
    (task) =>
      task.spec.credential.uid === uid &&
      isOwn(task) &&
      !tasks.some(({ metadata }) => metadata.uid === task.metadata.uid),
  )
  for (const task of unseen) caches.tasks.remember(task)
  if (unseen.length > 0) throw new Error(`${unseen.length} tasks were not known yet`)
}
