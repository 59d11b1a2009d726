import type { PinnedProvider } from '../api/generated.ts'
import type { Caches } from '../caches.ts'
import type { Provider } from './resolve.ts'

interface Pin {
  readonly provider: PinnedProvider
  readonly credential: { readonly namespace: string }
}

/** The provider that a task or a version names, by UID: one re-created under the same name is another one. */
export function pinned(caches: Caches, { provider, credential }: Pin): Provider | undefined {
  const { kind, name, uid } = provider
  const found =
    kind === 'ClusterCredentialsProvider'
      ? caches.clusterProviders.get({ name })
      : caches.providers.get({ namespace: credential.namespace, name })
  return found?.metadata.uid === uid ? found : undefined
}
