import type { CustomCredential, OrphanedCredential, PinnedProvider, SecretTaskSpec } from '../api/generated.ts'
import { annotation } from '../api/labels.ts'
import type { KubeObject } from '../api/meta.ts'
import type { Caches } from '../caches.ts'
import { areOneProvider } from '../credentials-provider/resolve.ts'
import { specIn } from '../secret-task/run-facts.ts'

/** Credentials as a provider knows them. */
export interface Credentials {
  readonly credentialsId: string
  readonly provider: Pick<PinnedProvider, 'kind' | 'name'>
  /** Of the object that they belong to. */
  readonly namespace: string | undefined
}

interface Entry {
  readonly credentialsId?: string
  readonly provider: Credentials['provider']
}

/** The objects of which some entry is about these credentials: versions that they have, or deletions that they owe. */
export const holdersOf = (
  { credentials }: Pick<Caches, 'credentials'>,
  wanted: Credentials,
  entriesIn: (credential: CustomCredential) => readonly Entry[],
): CustomCredential[] =>
  credentials
    .by('byCredentialsId', wanted.credentialsId)
    .filter((credential) =>
      entriesIn(credential).some((entry) => areSame(wanted, entry, credential.metadata.namespace)),
    )

/** Orphans that stand for these credentials. */
export const orphansOf = ({ orphans }: Pick<Caches, 'orphans'>, wanted: Credentials): OrphanedCredential[] =>
  orphans
    .by('byCredentialsId', wanted.credentialsId)
    .filter(({ spec }) => areSame(wanted, spec, spec.credential.namespace))

/** What lies in custody about these credentials, whether or not a status tells of it yet. */
export const keptOf = (
  { secrets }: Pick<Caches, 'secrets'>,
  custodyNamespace: string,
  wanted: Credentials,
): KubeObject[] =>
  secrets.by('byCredentialsId', wanted.credentialsId).filter(({ metadata: { namespace, annotations } }) => {
    const spec: Partial<SecretTaskSpec> | undefined = specIn(annotations?.[annotation.taskSpec])
    const { provider, credential } = spec ?? {}
    if (namespace !== custodyNamespace || provider === undefined || credential === undefined) return false
    return areSame(wanted, { credentialsId: wanted.credentialsId, provider }, credential.namespace)
  })

const areSame = (one: Credentials, other: Entry, namespace: string | undefined): boolean =>
  one.credentialsId === other.credentialsId &&
  areOneProvider(one.provider, other.provider) &&
  (one.provider.kind === 'ClusterCredentialsProvider' || one.namespace === namespace)
