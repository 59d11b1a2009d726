import * as v from 'valibot'
import type { CredentialVersion, CustomCredential, Target } from '../../api/generated.ts'
import { annotation, GROUP, label, MANAGER } from '../../api/labels.ts'
import type { KubeObject, Manifest } from '../../api/meta.ts'
import type { Secret } from '../../api/resources.ts'
import type { PatchOperation } from '../../kube/port.ts'
import type { Payload } from './template.ts'

/** The Secret that consumers read, in the namespace of the credential. */
export const targetName = ({ credential }: { readonly credential: CustomCredential }): string =>
  credential.spec.target?.name ?? credential.metadata.name

const encoded = (payload: Payload): Record<string, string> =>
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

/** Whether the Secret is this very credential's: by UID, not by name. */
export const isOurs = (secret: KubeObject, credential: CustomCredential): boolean =>
  secret.metadata.labels?.[label.credentialUid] === credential.metadata.uid

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
 * and annotations that others have set stay, and those that an earlier spec has named go.
 */
export function targetPatch(secret: KubeObject, delivery: Delivery): PatchOperation[] {
  const { uid, resourceVersion, labels, annotations } = secret.metadata
  const { credential, data } = delivery
  const former = namedOn(secret)
  const own = [annotation.rendition, annotation.named, annotation.retained, annotation.provider, annotation.returned]
  const kept = without(annotations, [...former.annotations, ...own])
  return [
    { op: 'test', path: '/metadata/uid', value: uid },
    { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion },
    { op: 'add', path: '/metadata/labels', value: { ...without(labels, former.labels), ...targetLabels(credential) } },
    { op: 'add', path: '/metadata/annotations', value: { ...kept, ...targetAnnotations(delivery) } },
    { op: 'add', path: '/data', value: encoded(data) },
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
  return unownedPatch(secret, { ...secret.metadata.annotations, ...record })
}

/** The same Secret once its credential is gone and revoked, and its spec wants it to stay: nothing of ours is on it. */
export function leftPatch(secret: KubeObject): PatchOperation[] {
  const { annotations = {} } = secret.metadata
  const ours = Object.keys(annotations).filter((key) => key.startsWith(`${GROUP}/`))
  return unownedPatch(secret, without(annotations, ours))
}

function unownedPatch({ metadata }: KubeObject, annotations: Readonly<Record<string, string>>): PatchOperation[] {
  const { uid, resourceVersion, labels } = metadata
  return [
    { op: 'test', path: '/metadata/uid', value: uid },
    { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion },
    { op: 'add', path: '/metadata/labels', value: without(labels, OWNER_LABELS) },
    { op: 'add', path: '/metadata/annotations', value: annotations },
  ]
}

const OWNER_LABELS = [label.managedBy, label.credential, label.credentialUid]

const targetLabels = ({ metadata, spec }: CustomCredential): Record<string, string> => ({
  ...spec.target?.labels,
  [label.managedBy]: MANAGER,
  [label.credential]: metadata.name,
  [label.credentialUid]: metadata.uid,
})

const targetAnnotations = ({
  credential,
  version,
  rendition,
  isReturning = false,
}: Delivery): Record<string, string> => ({
  ...credential.spec.target?.annotations,
  [annotation.version]: String(version.version),
  [annotation.credentialsId]: version.credentialsId,
  ...(rendition !== undefined && { [annotation.rendition]: rendition }),
  ...(isReturning && { [annotation.returned]: String(credential.metadata.generation) }),
  ...namedBy(credential.spec.target),
})

interface Named {
  readonly labels: readonly string[]
  readonly annotations: readonly string[]
}

/** Remembers whose labels and annotations they are. */
function namedBy({ labels = {}, annotations = {} }: Target = {}): Record<string, string> {
  const named: Named = { labels: Object.keys(labels), annotations: Object.keys(annotations) }
  if (named.labels.length + named.annotations.length === 0) return {}
  return { [annotation.named]: JSON.stringify(named) }
}

/** What somebody else has written there in its place names nothing. */
function namedOn({ metadata }: KubeObject): Named {
  const nothing: Named = { labels: [], annotations: [] }
  try {
    const named = v.safeParse(NAMED, JSON.parse(metadata.annotations?.[annotation.named] ?? ''))
    return named.success ? named.output : nothing
  } catch {
    return nothing
  }
}

const NAMED = v.object({ labels: v.array(v.string()), annotations: v.array(v.string()) })

const without = (map: Readonly<Record<string, string>> = {}, keys: readonly string[]): Record<string, string> =>
  Object.fromEntries(Object.entries(map).filter(([key]) => !keys.includes(key)))
