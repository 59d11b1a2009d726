import type { Mutant } from './mutant.ts'

/** Bugs in whom a provider of the cluster serves, and where. */
export const rights: readonly Mutant[] = [
  {
    name: 'selector-admits-all',
    says: 'A provider of the cluster that serves some namespaces serves all.',
    pattern: 'mistaken identity',
    file: 'src/credentials-provider/resolve.ts',
    find: 'return selector !== undefined && namespace !== undefined && selects(selector, namespace.metadata.labels ?? {})',
    replace: 'return selector !== undefined && namespace !== undefined',
  },
  {
    name: 'jobs-at-the-tenant',
    says: 'The Jobs of a provider of the cluster run in the namespace of the credential.',
    pattern: 'leak',
    file: 'src/credentials-provider/resolve.ts',
    find: "jobNamespace: 'jobNamespace' in spec ? spec.jobNamespace : (credential.metadata.namespace ?? ''),",
    replace: "jobNamespace: credential.metadata.namespace ?? '',",
  },
  {
    name: 'admission-unheard-of',
    says: 'That a namespace is served by now is noticed only when something else happens.',
    pattern: 'missed event',
    file: 'src/custom-credential/controller.ts',
    find: "queueAll(caches.credentials.by('byNamespace', object.metadata.name))",
    replace: "queueAll(caches.credentials.by('byNamespace', `${object.metadata.name}/`))",
  },
]
