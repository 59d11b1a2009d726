import type { CredentialVersion, CustomCredential } from '../api/generated.ts'
import { annotation, label, MANAGER } from '../api/labels.ts'
import type { KubeObject, Manifest } from '../api/meta.ts'
import type { Secret } from '../api/resources.ts'
import type { PatchOperation } from '../kube/port.ts'

/** The Secret that consumers read, in the namespace of the credential. */
export const targetName = ({ credential }: { readonly credential: CustomCredential }): string =>
  credential.spec.target?.name ?? credential.metadata.name

/** The outputs of a version as text. */
export type Payload = Readonly<Record<string, string>>

const encoded = (payload: Payload): Record<string, string> =>
  Object.fromEntries(Object.entries(payload).map(([name, text]) => [name, Buffer.from(text).toString('base64')]))

interface Delivery {
  readonly credential: CustomCredential
  readonly version: CredentialVersion
  readonly payload: Payload
}

/** Whether the Secret is this very credential's: by UID, not by name. */
export const isOurs = (secret: KubeObject, credential: CustomCredential): boolean =>
  secret.metadata.labels?.[label.credentialUid] === credential.metadata.uid

/** The Secret that consumers read, made new. */
export function targetManifest({ credential, version, payload }: Delivery): Manifest<Secret> {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      namespace: credential.metadata.namespace ?? '',
      name: targetName({ credential }),
      labels: targetLabels(credential),
      annotations: targetAnnotations(version),
    },
    type: 'Opaque',
    data: encoded(payload),
  }
}

/**
 * The same in place of another version: one atomic write, on condition that the Secret is the one that was seen. Labels
 * and annotations that others have set stay.
 */
export function targetPatch(secret: KubeObject, { credential, version, payload }: Delivery): PatchOperation[] {
  const { uid, resourceVersion, labels, annotations } = secret.metadata
  return [
    { op: 'test', path: '/metadata/uid', value: uid },
    { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion },
    { op: 'add', path: '/metadata/labels', value: { ...labels, ...targetLabels(credential) } },
    { op: 'add', path: '/metadata/annotations', value: { ...annotations, ...targetAnnotations(version) } },
    { op: 'add', path: '/data', value: encoded(payload) },
  ]
}

const targetLabels = ({ metadata }: CustomCredential): Record<string, string> => ({
  [label.managedBy]: MANAGER,
  [label.credential]: metadata.name,
  [label.credentialUid]: metadata.uid,
})

const targetAnnotations = ({ version, credentialsId }: CredentialVersion): Record<string, string> => ({
  [annotation.version]: String(version),
  [annotation.credentialsId]: credentialsId,
})
