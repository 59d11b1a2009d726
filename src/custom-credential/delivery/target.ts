import type { CredentialVersion, CustomCredential } from '../../api/generated.ts'
import { annotation, GROUP, label, MANAGER } from '../../api/labels.ts'
import type { KubeObject, Manifest } from '../../api/meta.ts'
import type { Secret } from '../../api/resources.ts'
import type { PatchOperation } from '../../kube/port.ts'
import { keysOf, mergedKeys } from './merge.ts'
import { namedBy, namedOn, without } from './named.ts'
import { isMerged, isToMerge } from './ownership.ts'
import type { Payload } from './template.ts'

/** The Secret that consumers read, in the namespace of the credential. */
export const targetName = ({ credential }: { readonly credential: CustomCredential }): string =>
  credential.spec.target?.name ?? credential.metadata.name

/** As the API has it: in base64. */
export const encoded = (payload: Payload): Record<string, string> =>
  Object.fromEntries(Object.entries(payload).map(([name, text]) => [name, Buffer.from(text).toString('base64')]))

interface Delivery {
  readonly credential: CustomCredential
  readonly version: CredentialVersion
  /** The keys of the Secret. */
  readonly data: Payload
  readonly rendition: string | undefined
  /** It was the target before, under this name: the write has to change it, whatever it shows. */
  readonly isReturning?: boolean
}

/** The Secret that consumers read, made new. */
export function targetManifest(delivery: Delivery): Manifest<Secret> {
  const { credential, data } = delivery
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      namespace: credential.metadata.namespace ?? '',
      name: targetName({ credential }),
      labels: targetLabels(credential),
      annotations: targetAnnotations(delivery),
    },
    type: credential.spec.target?.type ?? 'Opaque',
    data: encoded(data),
  }
}

/**
 * The same in place of another version: one atomic write, on condition that the Secret is the one that was seen. Labels
 * and annotations that others have set stay, and those that an earlier spec has named go. One of people's own keeps their keys
 * as well: it has to be seen whole.
 */
export function targetPatch(secret: Secret, delivery: Delivery): PatchOperation[] {
  const { uid, resourceVersion, labels, annotations } = secret.metadata
  const { credential } = delivery
  const data = encoded(delivery.data)
  const merges = isToMerge(secret, credential)
  const former = namedOn(secret)
  const own = [annotation.rendition, annotation.named, annotation.retained, annotation.provider, annotation.returned]
  const kept = without(annotations, [...former.annotations, ...own])
  // The labels and annotations of what is people's own are theirs to choose.
  const marks = merges ? { [label.merged]: 'true', ...ownerLabels(credential) } : targetLabels(credential)
  const noted = merges ? { ...versionAnnotations(delivery), ...keysOf(data) } : targetAnnotations(delivery)
  return [
    { op: 'test', path: '/metadata/uid', value: uid },
    { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion },
    {
      op: 'add',
      path: '/metadata/labels',
      value: { ...without(labels, former.labels), ...marks },
    },
    { op: 'add', path: '/metadata/annotations', value: { ...kept, ...noted } },
    ...(merges ? mergedKeys(secret, data) : [{ op: 'add', path: '/data', value: data } as const]),
  ]
}

/** Whether the Secret has these values, under their own names. */
export const holds = (secret: Secret, payload: Payload): boolean =>
  Object.entries(encoded(payload)).every(([name, value]) => secret.data?.[name] === value)

/** The same Secret once its credential is gone and the version stays valid: nobody's but its consumers', with what adopts it. */
export function keptPatch(
  secret: KubeObject,
  { metadata }: CustomCredential,
  version: CredentialVersion,
): PatchOperation[] {
  const { kind, name } = version.provider
  const record = { [annotation.retained]: metadata.uid, [annotation.provider]: `${kind}/${name}` }
  return unownedPatch(secret, { ...without(secret.metadata.annotations, [annotation.keys]), ...record })
}

/** The same Secret once its credential is gone and revoked, and its spec wants it to stay: nothing of ours is on it. */
export function leftPatch(secret: KubeObject): PatchOperation[] {
  const { annotations = {} } = secret.metadata
  const ours = Object.keys(annotations).filter((key) => key.startsWith(`${GROUP}/`))
  return unownedPatch(secret, without(annotations, ours))
}

function unownedPatch(secret: KubeObject, annotations: Readonly<Record<string, string>>): PatchOperation[] {
  const { uid, resourceVersion, labels } = secret.metadata
  const marks = [label.credential, label.credentialUid, isMerged(secret) ? label.merged : label.managedBy]
  return [
    { op: 'test', path: '/metadata/uid', value: uid },
    { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion },
    { op: 'add', path: '/metadata/labels', value: without(labels, marks) },
    { op: 'add', path: '/metadata/annotations', value: annotations },
  ]
}

const ownerLabels = ({ metadata }: CustomCredential): Record<string, string> => ({
  [label.credential]: metadata.name,
  [label.credentialUid]: metadata.uid,
})

const targetLabels = (credential: CustomCredential): Record<string, string> => ({
  ...credential.spec.target?.labels,
  [label.managedBy]: MANAGER,
  ...ownerLabels(credential),
})

const versionAnnotations = ({
  credential,
  version,
  rendition,
  isReturning = false,
}: Delivery): Record<string, string> => ({
  [annotation.version]: String(version.version),
  [annotation.credentialsId]: version.credentialsId,
  ...(rendition !== undefined && { [annotation.rendition]: rendition }),
  ...(isReturning && { [annotation.returned]: String(credential.metadata.generation) }),
})

const targetAnnotations = (delivery: Delivery): Record<string, string> => ({
  ...delivery.credential.spec.target?.annotations,
  ...versionAnnotations(delivery),
  ...namedBy(delivery.credential.spec.target),
})
