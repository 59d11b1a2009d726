import type { SecretTask } from '../api/generated.ts'
import { annotation } from '../api/labels.ts'
import type { Manifest } from '../api/meta.ts'
import { Secrets, SecretTasks } from '../api/resources.ts'
import { readKit } from '../custody/kit.ts'
import type { Run } from '../credentials-provider/resolve.ts'
import { isAlreadyExists, isNamespaceTerminating } from '../kube/errors.ts'
import { taskLabels } from '../secret-task/job.ts'
import { assertRunSeen } from '../secret-task/unseen.ts'
import type { TaskOrder } from './actions.ts'
import { isLongOver } from './orders.ts'
import type { Ports } from './ports.ts'
import type { Snapshot, Trouble } from './snapshot.ts'

/**
 * Creates the task that was ordered. Its ID is derived, so that after a crash the same order finds it there; an object
 * that bears the ID for another credential is somebody else's, and the next attempt's ID is taken.
 */
export async function createTask(ports: Ports, s: Snapshot, order: TaskOrder): Promise<Trouble | undefined> {
  const { api, caches } = ports
  const manifest = taskManifest(
    order,
    order.run ?? (await runFromKit(ports, order)),
    s.credential.metadata.namespace ?? '',
  )
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

/** The record of the run that made the credential is gone: the kit tells how to undo it. */
export async function runFromKit(
  { api, custodyNamespace }: Pick<Ports, 'api' | 'custodyNamespace'>,
  order: TaskOrder,
): Promise<Run> {
  const secret = await api.get(Secrets, { namespace: custodyNamespace, name: order.spec.kit })
  const { provider, parameters, jobNamespace, timeoutSeconds } = readKit(secret)
  return { provider, parameters, jobNamespace, timeoutSeconds }
}
