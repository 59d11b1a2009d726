import type { CustomCredential, Restart } from '../../api/generated.ts'
import { restartedBy, restartedFor } from '../../api/labels.ts'
import type { Workload } from '../../api/resources.ts'
import { ApiError } from '../../kube/errors.ts'
import type { Ports } from './ports.ts'
import { RESOURCES } from './restart-target.ts'
import { of } from '../delivery/restart.ts'
import { deliveryBackoff } from '../schedule.ts'
import type { Snapshot, Trouble } from '../snapshot.ts'

/** Looks whether a workload has followed. Returns what is known of all from now on. What can not be read has not. */
export async function lookAtRollout({ api }: Pick<Ports, 'api'>, s: Snapshot, wanted: Restart): Promise<Trouble> {
  const { kind, name, version } = wanted
  const { rollouts = [] } = s.trouble
  const before = of(rollouts, wanted)
  const tries = before?.version === version ? before.tries + 1 : 1
  const key = { namespace: s.credential.metadata.namespace ?? '', name }
  const isComplete = await api.get(RESOURCES[kind], key).then(
    (workload) => hasFollowed(workload, s.credential, wanted),
    (error: unknown) => {
      if (error instanceof ApiError) return false
      throw error
    },
  )
  const seen = { kind, name, version, tries, retryAt: s.now + deliveryBackoff(tries), isComplete }
  const others = rollouts.filter((one) => one !== before && of(s.credential.spec.restartTargets, one) !== undefined)
  return { ...s.trouble, rollouts: [...others, seen] }
}

/**
 * All its pods, and no others, were started for this version, and are ready: its template says so still, and its controller
 * what `kubectl rollout status` asks for.
 */
export function hasFollowed(
  workload: Workload,
  { metadata: { name, uid } }: CustomCredential,
  { kind, version }: Restart,
): boolean {
  const annotations = workload.spec?.template?.metadata?.annotations ?? {}
  const isStamped = annotations[restartedBy(name)] === uid && annotations[restartedFor(name)] === String(version)
  return isStamped && isRolledOut(kind, workload)
}

/** A controller leaves out what there is none of. */
const NONE = {
  ...{ replicas: 0, updatedReplicas: 0, readyReplicas: 0, availableReplicas: 0, terminatingReplicas: 0 },
  ...{ updatedNumberScheduled: 0, numberAvailable: 0 },
}

function isRolledOut(kind: Restart['kind'], workload: Workload): boolean {
  const { metadata, status = {} } = workload
  if (!(Number(status.observedGeneration) >= (metadata.generation ?? Infinity))) return false
  const { desiredNumberScheduled, updatedNumberScheduled, numberAvailable } = { ...NONE, ...status }
  return kind === 'DaemonSet'
    ? updatedNumberScheduled === desiredNumberScheduled && numberAvailable === desiredNumberScheduled
    : areReplaced(kind, workload)
}

function areReplaced(kind: Exclude<Restart['kind'], 'DaemonSet'>, { spec, status }: Workload): boolean {
  const wanted = spec?.replicas ?? 1
  const { replicas, updatedReplicas, readyReplicas, availableReplicas, terminatingReplicas } = { ...NONE, ...status }
  // Fewer than there are: some are old. More than there are: the status is of another time.
  const areNew = updatedReplicas === wanted && replicas === wanted && terminatingReplicas === 0
  switch (kind) {
    case 'Deployment':
      return areNew && availableReplicas === wanted
    case 'StatefulSet':
      return areNew && readyReplicas === wanted
    case 'Rollout':
      return areNew && availableReplicas === wanted && status?.phase === 'Healthy'
  }
}
