import { kitManifest } from '../../custody/kit.ts'
import type { Run } from '../../credentials-provider/resolve.ts'
import { Secrets } from '../../api/resources.ts'
import { orThere } from '../../kube/writes.ts'
import type { Ports } from './ports.ts'
import type { Snapshot } from '../snapshot.ts'

/** Puts into custody what a later deletion needs. The name is derived from the content: one that is there is the same. */
export async function storeKit({ api, caches, custodyNamespace }: Ports, s: Snapshot, run: Run): Promise<void> {
  if (s.provider?.metadata.generation !== run.provider.generation) throw new Error('the provider has just changed')
  const { template, schema, capabilities = [] } = s.provider.spec
  const jobNamespaceUid = caches.namespaces.get({ name: run.jobNamespace })?.metadata.uid
  const kit = { ...run, jobNamespaceUid, template, outputs: schema.credentials, capabilities }
  const manifest = kitManifest(custodyNamespace, s.credential.metadata, kit)
  const { metadata } = await orThere(api.create(Secrets, manifest), () =>
    api.get(Secrets, { namespace: custodyNamespace, name: manifest.metadata.name }),
  )
  caches.secrets.remember({ metadata })
}
