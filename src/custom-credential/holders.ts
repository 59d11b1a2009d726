import type { CredentialVersion, CustomCredential, OrphanedCredential, PinnedProvider } from '../api/generated.ts'
import type { Caches } from '../caches.ts'

/** Credentials as a provider knows them. */
export interface Credentials {
  readonly credentialsId: string
  readonly provider: Pick<PinnedProvider, 'kind' | 'name'>
  /** Of the object that they belong to. */
  readonly namespace: string | undefined
}

/** Versions of these credentials, and whose they are. */
export const versionsOf = ({ credentials }: Pick<Caches, 'credentials'>, wanted: Credentials) =>
  credentials
    .by('byCredentialsId', wanted.credentialsId)
    .flatMap((credential) =>
      (credential.status.versions ?? [])
        .filter((version) => areSame(wanted, inVersion(credential, version)))
        .map((version) => ({ credential, version })),
    )

/** Orphans that stand for these credentials. */
export const orphansOf = ({ orphans }: Pick<Caches, 'orphans'>, wanted: Credentials): OrphanedCredential[] =>
  orphans
    .by('byCredentialsId', wanted.credentialsId)
    .filter(({ spec }) => areSame(wanted, { ...wanted, ...spec, namespace: spec.credential.namespace }))

export const inVersion = (
  { metadata: { namespace } }: Pick<CustomCredential, 'metadata'>,
  { credentialsId, provider }: Pick<CredentialVersion, 'credentialsId' | 'provider'>,
): Credentials => ({ credentialsId, provider, namespace })

/** By the provider's name: one that is made anew under it stands for the same upstream. */
const areSame = (one: Credentials, other: Credentials): boolean =>
  one.credentialsId === other.credentialsId &&
  one.provider.kind === other.provider.kind &&
  one.provider.name === other.provider.name &&
  (one.provider.kind === 'ClusterCredentialsProvider' || one.namespace === other.namespace)
