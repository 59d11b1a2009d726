import type { ObjectMeta, Resource } from '../../../src/api/meta.ts'
import { Jobs, type Namespace, Namespaces, type Pod, Pods } from '../../../src/api/resources.ts'
import type { DeleteOptions } from '../../../src/kube/port.ts'
import { type StoredMeta, tidy } from './metadata.ts'
import { isOccupied } from './namespaces.ts'
import { isOf, type Stored } from './strategy.ts'

const FINALIZERS = { Foreground: 'foregroundDeletion', Orphan: 'orphan', Background: undefined } as const
type Propagation = keyof typeof FINALIZERS

/** Without a word from the caller an earlier deletion decides, then the kind: Jobs orphan their pods, as they always did. */
function propagationOf(resource: Resource, { finalizers = [] }: ObjectMeta): Propagation {
  if (finalizers.includes(FINALIZERS.Orphan)) return 'Orphan'
  if (finalizers.includes(FINALIZERS.Foreground)) return 'Foreground'
  return isOf(resource, Jobs) ? 'Orphan' : 'Background'
}

/** The garbage collector's finalizers follow the latest deletion. */
function finalizersFor(metadata: ObjectMeta, propagation: Propagation): readonly string[] {
  const collectors: readonly string[] = [FINALIZERS.Foreground, FINALIZERS.Orphan]
  const wanted = FINALIZERS[propagation]
  const finalizers = metadata.finalizers ?? []
  if (wanted && finalizers.includes(wanted)) return finalizers
  const others = finalizers.filter((finalizer) => !collectors.includes(finalizer))
  return wanted ? [...others, wanted] : others
}

/** Whether a node has the pod and has not ended it: its kubelet deletes it then. */
function onNode(resource: Resource, object: Stored): boolean {
  if (!isOf(resource, Pods)) return false
  const { spec, status } = object as Pod
  const ended = status?.phase === 'Succeeded' || status?.phase === 'Failed'
  return !ended && (spec?.nodeName !== undefined || status?.phase === 'Running')
}

/** Whether somebody beside the finalizers has to let go of an object. A pod that was given time goes by its kubelet's word. */
function isHeld(resource: Resource, object: Stored): boolean {
  if (isOf(resource, Namespaces)) return isOccupied(object as Namespace)
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = object.metadata as StoredMeta
  return deletionTimestamp === undefined ? onNode(resource, object) : deletionGracePeriodSeconds > 0
}

function graceOf(resource: Resource, object: Stored): Pick<StoredMeta, 'deletionGracePeriodSeconds'> {
  if (isOf(resource, Namespaces)) return {}
  const ofPod = (object as Pod).spec?.terminationGracePeriodSeconds ?? 30
  return { deletionGracePeriodSeconds: onNode(resource, object) ? ofPod : 0 }
}

/** What a deletion makes of an object: `undefined` where it goes at once, `current` itself where nothing changes. */
export function afterRemoval(
  resource: Resource,
  current: Stored,
  options: Pick<DeleteOptions, 'propagation'> & { readonly force?: boolean; readonly at: string },
): Stored | undefined {
  const { metadata } = current
  const isOver = metadata.deletionTimestamp !== undefined
  // Nobody asks again how: its controller is at work.
  if (isOver && isOf(resource, Namespaces) && isHeld(resource, current)) return current
  const finalizers = finalizersFor(metadata, options.propagation ?? propagationOf(resource, metadata))
  if (finalizers.length === 0 && (options.force === true || !isHeld(resource, current))) return undefined
  const same = finalizers.join() === (metadata.finalizers ?? []).join()
  if (isOver) {
    return same ? current : { ...current, metadata: tidy({ ...metadata, finalizers }) }
  }
  return {
    ...current,
    metadata: tidy({
      ...metadata,
      finalizers,
      deletionTimestamp: options.at,
      ...graceOf(resource, current),
      // As on the real server: a controller that compares generations is to notice.
      ...(metadata.generation !== undefined && { generation: metadata.generation + 1 }),
    }),
    ...(isOf(resource, Namespaces) && { status: { phase: 'Terminating' } }),
  }
}

/** Whether a write takes the last finalizer from a terminating object, which ends it. */
export const isReleased = (resource: Resource, current: Stored, next: Stored): boolean =>
  current.metadata.deletionTimestamp !== undefined &&
  (current.metadata.finalizers ?? []).length + (isHeld(resource, current) ? 1 : 0) > 0 &&
  (next.metadata.finalizers ?? []).length === 0 &&
  !isHeld(resource, next)
