import type { CustomCredential, SecretTask } from '../../src/api/generated.ts'
import { annotation, label } from '../../src/api/labels.ts'
import type { ObjectMeta } from '../../src/api/meta.ts'
import type { Job, Pod } from '../../src/api/resources.ts'

/** An object as it is, or as it is to be made. */
export interface Standing {
  readonly metadata: Pick<ObjectMeta, 'labels' | 'annotations' | 'deletionTimestamp'>
}

/** What says most about an object of these kinds: the rest is much the same for all of them. */
const STANDS: Readonly<Record<string, (object: never) => readonly unknown[]>> = {
  customcredentials: ({ status, spec }: Partial<CustomCredential>) => [
    status?.state,
    (status?.unresolved ?? []).length > 0 && 'owing',
    spec?.suspend === true && 'suspended',
  ],
  secrettasks: ({ spec, status }: Partial<SecretTask>) => [spec?.type, status?.state],
  jobs: ({ metadata, status }: Pick<Job, 'metadata' | 'status'>) => [
    metadata.labels?.[label.action],
    metadata.annotations?.[annotation.fence] !== undefined && 'fence',
    status?.conditions?.find((condition) => condition.status === 'True')?.type,
  ],
  pods: ({ status }: Pick<Pod, 'status'>) => [status?.phase],
  secrets: ({ metadata: { labels } }: Standing) => [labels?.[label.custody] ?? labels?.[label.managedBy]],
}

/** How an object stands, in a few words: what befalls it is much the same as for any other that stands so. */
export function standingOf(plural: string, object: Standing | undefined): string {
  if (object === undefined) return 'none'
  const said = STANDS[plural]?.(object as never) ?? []
  const isGoing = object.metadata.deletionTimestamp !== undefined && 'going'
  return [...said, isGoing].filter(Boolean).join(' ')
}
