import type { SecretTask } from '../api/generated.ts'
import { inputId } from '../api/input-id.ts'
import { Secrets, type Secret } from '../api/resources.ts'
import { isClusterLogin, isReadable, readCopy } from '../custody/input-secrets.ts'
import { orAbsent } from '../kube/errors.ts'
import { namespaceNow } from '../kube/namespace-now.ts'
import { Failure } from './errors.ts'
import type { Run } from './identity.ts'
import type { GatewayPorts } from './ports.ts'
import { explain } from './refusal.ts'
import { readTask } from './reports.ts'

type Ports = Pick<GatewayPorts, 'api' | 'custodyNamespace' | 'tasks' | 'logger'>

/**
 * The Secret that a run may read under an ID, as it is now; where it is gone, a deletion is shown the copy in custody, if
 * there is one. Only what the run's own task names, in the namespace of its credential, and only while that task is at work:
 * each by quorum reads. Throws a `Failure` (403, 404) for everything else.
 */
export async function readInputSecret(ports: Ports, run: Run, id: string): Promise<Secret> {
  const task = await readTask(ports, run)
  if (task === undefined) throw new Failure('task_not_found', 'the task was cancelled')
  if (task.status.state !== 'processing' || task.metadata.deletionTimestamp !== undefined)
    throw new Failure('not_at_work', 'secrets are shown to a run only while its task is processing')
  const { type, credential, secretParameters = {} } = task.spec
  const named = Object.values(secretParameters).find(({ name }) => inputId(credential.uid, name) === id)
  if (named === undefined) throw new Failure('secret_not_found', 'the task has no input of this ID')
  const custody = { api: ports.api, namespace: ports.custodyNamespace }
  const secret =
    (await liveSecret(ports, task, named.name)) ??
    (type === 'delete_credentials' ? await readCopy(custody, credential.uid, named.name) : undefined)
  if (secret !== undefined && !isClusterLogin(secret)) return secret
  const why = secret === undefined ? 'is gone' : 'gives access to the cluster itself: it is not shown'
  const failure = new Failure('secret_not_found', `the input Secret "${named.name}" ${why}`)
  await explain(ports, task, `The provider asked for a Secret: ${failure.message}.`)
  throw failure
}

async function liveSecret(
  { api, custodyNamespace }: Ports,
  { spec: { credential, namespaceUid } }: SecretTask,
  name: string,
): Promise<Secret | undefined> {
  const { namespace } = credential
  const secret = await orAbsent(api.get(Secrets, { namespace, name }))
  if (secret === undefined || !isReadable(secret, custodyNamespace)) return undefined
  // After the Secret was read: a namespace that is still the same was the same then. One that bears its name is another's.
  const there = await namespaceNow(api, namespace)
  return there !== undefined && there.metadata.uid === namespaceUid ? secret : undefined
}
