import { keyOf } from '../../api/meta.ts'
import { Secrets } from '../../api/resources.ts'
import { copyManifest, isClusterLogin } from '../../custody/input-secrets.ts'
import type { Ports } from './ports.ts'
import type { Snapshot } from '../snapshot.ts'

/** Copies an input Secret, as it is now, into custody. One that is gone by now is heard of by the watch. */
export async function copyInput({ api, caches, custodyNamespace }: Ports, s: Snapshot, name: string): Promise<void> {
  const { namespace = '' } = s.credential.metadata
  const secret = await api.get(Secrets, { namespace, name })
  // No run is shown it, and its task says so.
  if (isClusterLogin(secret)) return
  const manifest = copyManifest(custodyNamespace, s.credential.metadata, secret)
  const there = caches.secrets.get({ namespace: custodyNamespace, name: manifest.metadata.name })
  const { metadata } =
    there === undefined
      ? await api.create(Secrets, manifest)
      : await api.patch(Secrets, keyOf(there), {
          operations: [
            { op: 'replace', path: '/metadata/resourceVersion', value: there.metadata.resourceVersion },
            { op: 'add', path: '/metadata/annotations', value: manifest.metadata.annotations },
            { op: 'add', path: '/data', value: manifest.data },
          ],
        })
  caches.secrets.remember({ metadata })
}
