import { setTimeout as sleep } from 'node:timers/promises'
import type { CustomCredential, OrphanedCredential, SecretTask } from '../../src/api/generated.ts'
import { CustomCredentials, OrphanedCredentials, SecretTasks } from '../../src/api/resources.ts'
import { createKubeApi } from '../../src/kube/client.ts'
import { fromKubeconfig } from '../../src/kube/credentials.ts'
import { createInformer } from '../../src/kube/informer.ts'
import type { Store } from '../../src/kube/store.ts'
import { systemClock as clock, systemRandom as random } from '../../src/runtime/system-clock.ts'
import { ClusterFailure } from '../cluster/index.ts'
import { silentLogger as logger } from '../support/loggers.ts'

/** The objects of one namespace and the orphans of all, kept in step with the API server. */
export interface View extends Disposable {
  readonly credentials: Store<CustomCredential>
  readonly tasks: Store<SecretTask>
  readonly orphans: Store<OrphanedCredential>
}

export async function openView(kubeconfig: string, namespace: string): Promise<View> {
  const api = createKubeApi({ access: await fromKubeconfig({ path: kubeconfig, clock }), clock, version: 'demo' })
  const common = { api, clock, random, logger, indexers: {} }
  const credentials = createInformer({ ...common, namespace, resource: CustomCredentials })
  const tasks = createInformer({ ...common, namespace, resource: SecretTasks })
  const orphans = createInformer({ ...common, resource: OrphanedCredentials })
  const stop = new AbortController()
  const informers = [credentials, tasks, orphans]
  for (const informer of informers) void informer.start(stop.signal)
  await Promise.all(informers.map((informer) => informer.synced()))
  return {
    credentials: credentials.store,
    tasks: tasks.store,
    orphans: orphans.store,
    [Symbol.dispose]: () => {
      stop.abort()
      api.close()
    },
  }
}

const PATIENCE_MS = 240_000

/** Waits until `holds`; @throws ClusterFailure that says what was waited for in vain. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  signal?: AbortSignal,
): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS
  while (!(await holds())) {
    signal?.throwIfAborted()
    if (performance.now() > deadline) {
      throw new ClusterFailure(
        `${what}: not within ${PATIENCE_MS / 1000} s`,
        'See kubectl --namespace shop describe customcredential orders-db, and the log of the operator.',
      )
    }
    await sleep(100)
  }
}
