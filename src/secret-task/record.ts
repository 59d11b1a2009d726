import type { SecretTask } from '../api/generated.ts'
import { annotation, label } from '../api/labels.ts'
import type { Shared } from '../kube/shared.ts'
import { withoutManagedFields } from '../kube/store.ts'
import { isTerminal } from './end.ts'

/** What a task that is over is still asked for: whose it is, and which request it was to answer. */
const LABELS: readonly string[] = [label.credentialUid, label.orphan]
const ANNOTATIONS: readonly string[] = [annotation.rotateRequestedAt]

/**
 * What is kept of a task. Of one that is over, and most are, no more than is ever asked of its record: how a creation ran,
 * since what it made is undone in the same way, though not how a deletion did. The status stays whole: a report that comes
 * late is written into it.
 */
export function recordOf(task: SecretTask, shared: Pick<Shared, 'value'>): SecretTask {
  if (!isTerminal(task)) return withoutManagedFields(task)
  const { metadata, spec, status } = task
  const { name, namespace, uid, resourceVersion, creationTimestamp, deletionTimestamp } = metadata
  return {
    metadata: {
      name,
      uid,
      resourceVersion,
      ...(namespace !== undefined && { namespace }),
      ...(creationTimestamp !== undefined && { creationTimestamp }),
      ...(deletionTimestamp !== undefined && { deletionTimestamp }),
      ...(metadata.labels && { labels: only(LABELS, metadata.labels) }),
      ...(metadata.annotations && { annotations: only(ANNOTATIONS, metadata.annotations) }),
    },
    spec: sharing(spec.type === 'create_credentials' ? spec : withoutInputs(spec), shared),
    status,
  }
}

const withoutInputs = ({ secretParameters: _read, ...spec }: SecretTask['spec']): SecretTask['spec'] => ({
  ...spec,
  parameters: {},
})

/** What it has in common with all other tasks of its credential. */
const sharing = (spec: SecretTask['spec'], shared: Pick<Shared, 'value'>): SecretTask['spec'] => ({
  ...spec,
  credential: shared.value(spec.credential),
  provider: shared.value(spec.provider),
  parameters: shared.value(spec.parameters),
})

const only = (keys: readonly string[], texts: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(texts).filter(([key]) => keys.includes(key)))
