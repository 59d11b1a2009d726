import type { SecretTask } from '../../api/generated.ts'
import { annotation } from '../../api/labels.ts'
import type { Manifest } from '../../api/meta.ts'
import { Secrets, SecretTasks } from '../../api/resources.ts'
import { readKit } from '../../custody/kit.ts'
import { type Run, runIn } from '../../credentials-provider/resolve.ts'
import { isAlreadyExists, isNamespaceTerminating, isNotFound } from '../../kube/errors.ts'
import { taskLabels } from '../../secret-task/job.ts'
import { assertRunSeen } from '../../secret-task/unseen.ts'
import type { TaskOrder } from '../actions.ts'
import { isLongOver } from '../creation/orders.ts'
import type { Ports } from './ports.ts'
import type { Snapshot, Trouble } from '../snapshot.ts'

/**
 * Creates the task that was ordered. Its ID is derived, so that after a crash the same order finds it there; an object
 * that bears the ID for another credential is somebody else's, and the next attempt's ID is taken.
 */
export async function createTask(ports: Ports, s: Snapshot, order: TaskOrder): Promise<Trouble | undefined> {
  const { api, caches } = ports
  const run = order.run ?? (await runFromKit(ports, order))
  if (run === undefined) return { ...s.trouble, missingKits: [...(s.trouble.missingKits ?? []), order.spec.kit] }
  const manifest = taskManifest(order, run, s.credential.metadata.namespace ?? '')
  const { originTaskId, jobNamespace } = manifest.spec
  if (originTaskId !== undefined && !isLongOver(originTaskId, s))
    await assertRunSeen(ports, { namespace: jobNamespace, name: originTaskId })
  try {
    caches.tasks.remember(await api.create(SecretTasks, manifest))
  } catch (error) {
    if (isNamespaceTerminating(error)) return { ...s.trouble, namespaceTerminating: true }
    if (!isAlreadyExists(error)) throw error
    const there = await api.get(SecretTasks, { namespace: manifest.metadata.namespace ?? '', name: order.id })
    // Our own, though its trigger or parameters may be those of an earlier moment: it is waited for.
    caches.tasks.remember(there)
    if (there.spec.credential.uid === order.spec.credential.uid) return undefined
    return { ...s.trouble, takenTaskIds: [...(s.trouble.takenTaskIds ?? []), order.id] }
  }
  return undefined
}

export function taskManifest(order: TaskOrder, run: Run, namespace: string): Manifest<SecretTask> {
  const spec = { ...order.spec, ...run }
  return {
    apiVersion: 'customcredentials.dev/v1alpha1',
    kind: 'SecretTask',
    metadata: {
      namespace,
      name: order.id,
      labels: taskLabels(spec),
      ...(order.rotateRequest !== undefined && {
        annotations: { [annotation.rotateRequestedAt]: order.rotateRequest },
      }),
    },
    spec,
  }
}

/** The record of the run that made the credential is gone: the kit tells how to undo it, if it is there. */
async function runFromKit(
  { api, custodyNamespace }: Pick<Ports, 'api' | 'custodyNamespace'>,
  { spec }: TaskOrder,
): Promise<Run | undefined> {
  try {
    return runIn(readKit(await api.get(Secrets, { namespace: custodyNamespace, name: spec.kit })))
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}
