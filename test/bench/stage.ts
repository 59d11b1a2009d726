import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { createKubeApi } from '../../src/kube/client.ts'
import type { KubeApi } from '../../src/kube/port.ts'
import { systemClock as clock } from '../../src/runtime/system-clock.ts'
import { type ApiCluster, type Progress, startApiCluster } from '../cluster/index.ts'
import { type Ask, asker } from '../support/ask.ts'
import { fixedAccess } from '../support/fixed-access.ts'

export const CUSTODY_NAMESPACE = 'custom-credentials-system'
export const OPERATOR = `system:serviceaccount:${CUSTODY_NAMESPACE}:custom-credentials-operator`
export const JOB_CONTROLLER = 'system:serviceaccount:kube-system:job-controller'
export const NODE = 'bench'
export const KUBELET = `system:node:${NODE}`
/** Who declares credentials and asks for rotations. */
export const DEVELOPER = 'developer'

/** Several, so that the fairness over namespaces of the operator's queues is part of what is measured. */
const NAMESPACES = ['team-a', 'team-b', 'team-c', 'team-d']
/** Where the bare write loop writes. */
export const CEILING_NAMESPACE = 'ceiling'
export const PROVIDER = 'bench'

/** An API server and etcd on their own, with the operator's rights, policies and kinds installed. */
export interface Stage {
  readonly cluster: ApiCluster
  readonly namespaces: readonly string[]
  readonly admin: KubeApi
  /** As the operator, with the operator's HTTP client: for the bare write loop, while the operator is not running. */
  readonly asOperator: KubeApi
  readonly developer: Ask
  readonly jobController: Ask
  readonly kubelet: Ask
  /** Token and authority as they are mounted into the operator's pod. */
  readonly serviceAccountDirectory: string
  close(): Promise<void>
}

/**
 * The controller manager has installed what every namespace needs; then it is killed, so that the stand-in is the only Job
 * controller and nothing else competes for the API server (load mode M1).
 */
export async function setStage(progress: Progress): Promise<Stage> {
  const users = {
    [DEVELOPER]: ['system:masters'],
    [JOB_CONTROLLER]: ['system:serviceaccounts'],
    // Being `masters` spares the node authorizer's graph, which lags behind a pod's binding by some milliseconds.
    [KUBELET]: ['system:nodes', 'system:masters'],
  }
  const cluster = await startApiCluster({ users, progress })
  try {
    const as = (name: string): Ask =>
      asker({ url: cluster.url, caPath: cluster.caPath, adminToken: cluster.users[name]?.token ?? '' })
    const ask = asker(cluster)
    await progress.step('Installing the operator’s kinds, rights and policies', () => install(cluster, ask))
    const operatorToken = await tokenOfOperator(ask)
    const clients = [cluster.adminToken, operatorToken].map((token) => kubeApi(cluster, token))
    const [admin, asOperator] = clients as [(typeof clients)[0], (typeof clients)[0]]
    return {
      cluster,
      namespaces: NAMESPACES,
      admin,
      asOperator,
      developer: as(DEVELOPER),
      jobController: as(JOB_CONTROLLER),
      kubelet: as(KUBELET),
      serviceAccountDirectory: mountServiceAccount(cluster, operatorToken),
      close: async () => {
        for (const client of clients) client.close()
        await cluster.stop()
      },
    }
  } catch (error) {
    await cluster.stop()
    throw error
  }
}

/** Removes every kind that the bench makes. */
export async function clearNamespace(stage: Pick<Stage, 'developer'>, namespace: string): Promise<void> {
  await clearJobs(stage, namespace)
  for (const plural of ['customcredentials', 'secrettasks']) {
    await deleteAll(stage.developer, `/apis/customcredentials.dev/v1alpha1/namespaces/${namespace}/${plural}`)
  }
  await deleteAll(stage.developer, `/api/v1/namespaces/${namespace}/secrets`)
}

export async function clearJobs({ developer }: Pick<Stage, 'developer'>, namespace: string): Promise<void> {
  await deleteAll(developer, `/apis/batch/v1/namespaces/${namespace}/jobs`)
  await deleteAll(developer, `/api/v1/namespaces/${namespace}/pods`)
}

/** Without a kubelet, a pod goes only by force. */
async function deleteAll(ask: Ask, collection: string): Promise<void> {
  const options = { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: 0, propagationPolicy: 'Background' }
  const { code, message } = await ask('DELETE', collection, { body: options })
  if (code >= 300) throw new Error(`${collection} could not be cleared: ${message}`)
}

async function install(cluster: ApiCluster, ask: Ask): Promise<void> {
  const kubectl = (...args: readonly string[]) =>
    promisify(execFile)(cluster.kubectlPath, ['--kubeconfig', cluster.kubeconfigPath, ...args])
  await kubectl('apply', '--server-side', '-k', `${import.meta.dirname}/../../deploy/base`)
  await kubectl('wait', '--for=condition=Established', 'crd', '-l', 'app.kubernetes.io/part-of=custom-credentials')
  for (const name of [...NAMESPACES, CEILING_NAMESPACE]) {
    await ask('POST', '/api/v1/namespaces', { body: { metadata: { name } } })
    await until(async () => (await ask('GET', `/api/v1/namespaces/${name}/serviceaccounts/default`)).code === 200)
  }
  const manager = cluster.pid('kube-controller-manager')
  if (manager !== undefined) process.kill(manager, 'SIGKILL')
  for (const namespace of NAMESPACES) {
    const { code, message } = await ask(
      'POST',
      `/apis/customcredentials.dev/v1alpha1/namespaces/${namespace}/credentialsproviders`,
      { body: aProvider },
    )
    if (code !== 201) throw new Error(`the provider was not accepted: ${message}`)
  }
}

const aProvider = {
  apiVersion: 'customcredentials.dev/v1alpha1',
  kind: 'CredentialsProvider',
  metadata: { name: PROVIDER },
  spec: {
    capabilities: ['find'],
    template: { spec: { containers: [{ name: 'provider', image: 'registry.invalid/provider:1' }] } },
    schema: {
      parameters: [{ name: 'database', type: 'string' }],
      credentials: [
        { name: 'username', type: 'string', required: true },
        { name: 'password', type: 'string', required: true },
      ],
    },
  },
}

async function tokenOfOperator(ask: Ask): Promise<string> {
  const account = `/api/v1/namespaces/${CUSTODY_NAMESPACE}/serviceaccounts/custom-credentials-operator/token`
  const { body, message } = await ask('POST', account, {
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 7200 } },
  })
  const token = (body['status'] as { token?: string } | undefined)?.token
  if (token === undefined) throw new Error(`no token for the operator: ${message}`)
  return token
}

function mountServiceAccount(cluster: ApiCluster, token: string): string {
  const directory = join(cluster.folder, 'service-account')
  mkdirSync(directory)
  writeFileSync(join(directory, 'token'), token, { mode: 0o600 })
  writeFileSync(join(directory, 'ca.crt'), readFileSync(cluster.caPath))
  return directory
}

function kubeApi({ url, caPath }: ApiCluster, token: string) {
  return createKubeApi({
    access: fixedAccess({ server: url, ca: readFileSync(caPath), token }),
    clock,
    version: 'bench',
  })
}

/** Asks every 50 ms until it is so. Rejects after `seconds`. */
export async function until(isSo: () => boolean | Promise<boolean>, seconds = 30): Promise<void> {
  const end = performance.now() + seconds * 1000
  while (performance.now() < end) {
    if (await isSo()) return
    await sleep(50)
  }
  throw new Error(`still not so after ${seconds} s`)
}
