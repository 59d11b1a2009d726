import type { KubeObject } from '../../api/meta.ts'
import { SecretMetadata } from '../../api/resources.ts'
import type { KubeApi } from '../../kube/port.ts'

/** A Secret as the API server has it now, by its metadata alone: what it holds may be none of our business. */
export async function lookAt(
  api: KubeApi,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): Promise<KubeObject | undefined> {
  const selection = { namespace, fieldSelector: `metadata.name=${name}`, metadataOnly: true }
  return (await api.list(SecretMetadata, selection)).items[0]
}
