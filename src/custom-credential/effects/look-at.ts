import type { KubeObject } from '../../api/meta.ts'
import { SecretMetadata, type Secret, Secrets } from '../../api/resources.ts'
import { isNotFound } from '../../kube/errors.ts'
import type { KubeApi } from '../../kube/port.ts'

/** A Secret as the API server has it now, by its metadata alone: what it holds may be none of our business. */
export async function lookAt(
  api: KubeApi,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): Promise<KubeObject | undefined> {
  const selection = { namespace, fieldSelector: `metadata.name=${name}`, metadataOnly: true }
  return (await api.list(SecretMetadata, selection)).items[0]
}

/** What was seen of a Secret, whole and as it is now; undefined where it is gone, or another has taken its place. */
export async function readWhole(api: KubeApi, { metadata }: KubeObject): Promise<Secret | undefined> {
  const { namespace = '', name, uid } = metadata
  try {
    const secret = await api.get(Secrets, { namespace, name })
    return secret.metadata.uid === uid ? secret : undefined
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}
