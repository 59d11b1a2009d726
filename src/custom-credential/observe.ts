import type { CustomCredential } from '../api/generated.ts'
import { annotation, CustodyKind, label, MANAGER } from '../api/labels.ts'
import type { Key, KubeObject } from '../api/meta.ts'
import type { Caches } from '../caches.ts'
import { pinned } from '../credentials-provider/pinned.ts'
import { type Provider, providerKind } from '../credentials-provider/resolve.ts'
import { dataKeys } from '../kube/data-owners.ts'
import { runsOf, specIn } from '../secret-task/run-facts.ts'
import type { StrandedRuns } from '../secret-task/stranded-runs.ts'
import { isReadable, versionOf } from '../custody/input-secrets.ts'
import type { CustodyFacts, FormerFacts, InputFacts, Snapshot, TargetFacts, Trouble } from './snapshot.ts'
import { isMerged } from './delivery/ownership.ts'
import { targetName } from './delivery/target.ts'

/** What the caches do not tell. */
interface Circumstances {
  readonly now: number
  readonly custodyNamespace: string
  readonly stranded: StrandedRuns
  readonly trouble: Trouble
}

/** Gathers what is known about one credential from the caches; undefined when it is gone. */
export function observe(
  caches: Caches,
  key: Key,
  { now, custodyNamespace, stranded, trouble }: Circumstances,
): Snapshot | undefined {
  const credential = caches.credentials.get(key)
  if (credential === undefined) return undefined
  const { uid, namespace = '' } = credential.metadata
  const secrets = caches.secrets.by('byCredential', uid)
  const tasks = caches.tasks.by('byCredential', uid).filter(isOwn)
  const jobs = caches.jobs.by('byCredential', uid).filter(isOwn)
  const custody = secrets.filter((secret) => isOwn(secret) && liesInCustody(secret, custodyNamespace)).map(custodyOf)
  const shown = secrets.filter(({ metadata }) => metadata.namespace === namespace && isTarget(metadata))
  const name = targetName({ credential })
  return {
    now,
    credential,
    namespace: caches.namespaces.get({ name: namespace }),
    provider: providerOf(caches, credential),
    makers: makersOf(caches, credential),
    tasks,
    runs: runsOf(jobs, { caches, stranded, now }),
    custody,
    orphans: caches.orphans.by('byCredential', uid),
    target: shown.filter(({ metadata }) => metadata.name === name).map(targetOf)[0],
    formers: shown.filter(({ metadata }) => metadata.name !== name).map(formerOf),
    inputs: inputsOf(caches, credential, { custody, custodyNamespace }),
    trouble,
  }
}

/** Of the Secrets that the spec names, and that earlier runs may read, those that are there. */
function inputsOf(
  caches: Caches,
  { metadata, spec }: CustomCredential,
  { custody, custodyNamespace }: Pick<Snapshot, 'custody'> & Pick<Circumstances, 'custodyNamespace'>,
): InputFacts[] {
  const { namespace = '' } = metadata
  const named = Object.values(spec.secretParameters ?? {}).map(({ name }) => name)
  const names = new Set([...named, ...custody.flatMap(({ inputSecrets = [] }) => inputSecrets)])
  return [...names].flatMap((name) => {
    const secret = caches.secrets.get({ namespace, name }) ?? caches.otherSecrets.get({ namespace, name })
    return secret !== undefined && isReadable(secret, custodyNamespace) ? [{ name, version: versionOf(secret) }] : []
  })
}

/** What an OrphanedCredential has made is its own to account for. */
export const isOwn = ({ metadata }: KubeObject): boolean => metadata.labels?.[label.orphan] === undefined

const liesInCustody = ({ metadata }: KubeObject, custodyNamespace: string): boolean =>
  metadata.namespace === custodyNamespace && metadata.labels?.[label.custody] !== undefined

export function providerOf(caches: Caches, credential: CustomCredential): Provider | undefined {
  const { name } = credential.spec.providerRef
  if (providerKind(credential) === 'ClusterCredentialsProvider') return caches.clusterProviders.get({ name })
  return caches.providers.get({ namespace: credential.metadata.namespace ?? '', name })
}

function makersOf(caches: Caches, credential: CustomCredential): Provider[] {
  const { namespace = '' } = credential.metadata
  const makers = new Map((credential.status.versions ?? []).map(({ provider }) => [provider.uid, provider]))
  makers.delete(providerOf(caches, credential)?.metadata.uid ?? '')
  return [...makers.values()].flatMap((provider) => pinned(caches, { provider, credential: { namespace } }) ?? [])
}

/** What a Secret in custody tells by its metadata. */
export function custodyOf({ metadata }: KubeObject): CustodyFacts {
  const { name, labels, annotations } = metadata
  const listed = (key: string): string[] => annotations?.[key]?.split(',') ?? []
  return {
    name,
    custody: (labels?.[label.custody] ?? CustodyKind.kit) as CustodyFacts['custody'],
    taskId: labels?.[label.task],
    credentialsId: annotations?.[annotation.credentialsId],
    ...(annotations?.[annotation.adopted] !== undefined && { adopted: true }),
    origin: specIn(annotations?.[annotation.taskSpec]),
    find: listed(annotation.capabilities).includes('find'),
    inputSecrets: listed(annotation.inputSecrets),
    copied: annotations?.[annotation.copied],
    keys: dataKeys(metadata),
  }
}

/** Not what lies in custody, nor what a run of an orphan has. */
const isTarget = ({ labels }: KubeObject['metadata']): boolean =>
  [label.custody, label.task, label.orphan].every((key) => labels?.[key] === undefined)

function targetOf({ metadata }: KubeObject): TargetFacts {
  const { uid, resourceVersion, labels = {}, annotations = {} } = metadata
  const version = annotations[annotation.version]
  return {
    uid,
    version: version === undefined ? undefined : Number(version),
    rendition: annotations[annotation.rendition],
    own: dataKeys(metadata, MANAGER),
    resourceVersion,
    marks: { labels, annotations },
  }
}

function formerOf(secret: KubeObject): FormerFacts {
  const facts = targetOf(secret)
  const { name, deletionTimestamp } = secret.metadata
  const [own, all] = [facts.own?.length ?? 0, dataKeys(secret.metadata)?.length ?? 0]
  const isMade = isMerged(secret) || (own > 0 && own === all)
  return { ...facts, name, isMade: deletionTimestamp === undefined && isMade }
}
