import type { KubeObject } from '../api/meta.ts'
import { Namespaces } from '../api/resources.ts'
import type { KubeApi } from './port.ts'

/**
 * A namespace as the API server has it now, by its metadata; undefined where there is none. By a list, for which the operator
 * needs no right beyond those of its watch.
 */
export async function namespaceNow(api: KubeApi, name: string): Promise<KubeObject | undefined> {
  return (await api.list(Namespaces, { fieldSelector: `metadata.name=${name}`, metadataOnly: true })).items[0]
}
