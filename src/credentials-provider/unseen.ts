import { label } from '../api/labels.ts'
import { CustomCredentials, Jobs, SecretTasks } from '../api/resources.ts'
import { lookThrough } from '../kube/pager.ts'
import type { KubeApi } from '../kube/port.ts'
import type { Provider } from './resolve.ts'
import { userInCredential, userInJob, userInTask } from './use.ts'

/**
 * The finalizer is the last hold on a provider, so what it goes on must not be a cache's silence. What was made moves from
 * its task to its Job, and to the status of its credential: looked through in this order, it is met somewhere.
 */
export async function assertUnused(api: KubeApi, { metadata: { uid, namespace } }: Provider): Promise<void> {
  const within = namespace === undefined ? {} : { namespace }
  const user =
    (await lookThrough(api, SecretTasks, within, (task) => userInTask(task, uid))) ??
    (await lookThrough(api, Jobs, { ...within, labelSelector: label.task }, (job) => userInJob(job, uid))) ??
    (await lookThrough(api, CustomCredentials, within, (credential) => userInCredential(credential, uid)))
  if (user !== undefined) throw new Error(`${user} uses the provider, which was not known yet`)
}
