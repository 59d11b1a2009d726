import { label } from '../api/labels.ts'
import type { ObjectMeta } from '../api/meta.ts'
import { Jobs, SecretMetadata } from '../api/resources.ts'
import type { Ports } from './ports.ts'
import type { Snapshot } from './snapshot.ts'

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
  const unseenSecrets = custody.items.filter(({ metadata }) => !s.custody.some(({ name }) => name === metadata.name))
  const unseenJobs = jobs.items.filter(
    ({ metadata }) => isOwn(metadata) && !s.runs.some(({ uid }) => uid === metadata.uid),
  )
  for (const secret of unseenSecrets) caches.secrets.remember(secret)
  for (const job of unseenJobs) caches.jobs.remember(job)
  if (unseenSecrets.length + unseenJobs.length > 0) {
    throw new Error(`${unseenSecrets.length} Secrets in custody and ${unseenJobs.length} Jobs were not known yet`)
  }
}

/** What an OrphanedCredential has made is its own to account for. */
const isOwn = ({ labels }: ObjectMeta): boolean => labels?.[label.orphan] === undefined
