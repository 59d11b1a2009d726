import type { Namespace } from '../../../src/api/resources.ts'

/** A namespace as the server stores it. The namespace controller holds it, apart from the finalizers that all objects have. */
export function storedNamespace(namespace: Namespace, old: Namespace | undefined): Namespace {
  const { labels, name } = namespace.metadata
  return {
    ...namespace,
    metadata: { ...namespace.metadata, labels: { ...labels, 'kubernetes.io/metadata.name': name } },
    ...(!old && { spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } }),
  }
}

/** Whether the namespace controller has not emptied it. */
export const isOccupied = ({ spec }: Namespace): boolean => (spec?.finalizers ?? []).length > 0
