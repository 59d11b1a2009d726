import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'

import { kubernetesPrograms } from '../host/binaries.ts'
import { daemonPid, killDaemon, waitForDaemon } from '../host/daemon.ts'
import { createInstance, removeInstance, type Instance } from '../host/instance.ts'
import { freePort } from '../host/ports.ts'
import { silent, type Progress } from '../host/progress.ts'
import { files, newUsers, userGroups, writeConfiguration, type ApiClusterState, type User } from './configuration.ts'
import { loopback, startProgram, type ApiTierProgram } from './programs.ts'

export interface ApiClusterOptions {
  /** Tells clusters of one checkout apart; by default one for each process. */
  name?: string
  /** Users beside `admin`, with their groups. Rights they get by RBAC objects. */
  users?: Record<string, string[]>
  /** etcd holds all objects as JSON, in place of the API server's own format. */
  readable?: boolean
  /** Leaves the cluster running when this process ends. */
  keep?: boolean
  progress?: Progress
}

/**
 * A real control plane without nodes: etcd, API server and controller manager as processes on loopback. It holds no
 * state of its own beside its folder, so that several processes can use one cluster ({@link attachApiCluster}).
 */
export class ApiCluster implements AsyncDisposable {
  readonly folder: string
  /** `https://127.0.0.1:<port>`, the same after a restart. */
  readonly url: string
  /** PEM file of the authority that signed the API server's certificate. */
  readonly caPath: string
  /** Of the user `admin` (group system:masters). */
  readonly kubeconfigPath: string
  readonly adminToken: string
  /** All users with fixed tokens, `admin` among them. */
  readonly users: Record<string, User>
  /** Read it with {@link AuditLog}. */
  readonly auditLogPath: string
  readonly kubectlPath: string
  /** etcd's own API: every change of every object, in one order. */
  readonly etcdUrl: string
  readonly #state: ApiClusterState

  constructor(state: ApiClusterState) {
    const admin = state.users['admin']
    if (admin === undefined) throw new Error(`the cluster in ${state.folder} has no user admin`)
    this.#state = state
    this.folder = state.folder
    this.url = state.url
    this.caPath = files(state.folder).authority
    this.kubeconfigPath = admin.kubeconfigPath
    this.adminToken = admin.token
    this.users = state.users
    this.auditLogPath = files(state.folder).auditLog
    this.kubectlPath = join(state.binFolder, 'kubectl')
    this.etcdUrl = loopback(state.etcdPort)
  }

  /** SIGKILL; back when the process is gone. etcd and with it all objects stay. */
  killApiServer(): void {
    killDaemon(this.folder, 'kube-apiserver')
  }

  /** Starts a killed API server at the same address, with the same certificate; back when it is ready. */
  async startApiServer(): Promise<void> {
    startProgram(this.#state, 'kube-apiserver')
    await waitForDaemon(this.folder, 'kube-apiserver', () => this.isReady())
  }

  async restartApiServer(): Promise<void> {
    this.killApiServer()
    await this.startApiServer()
  }

  /** SIGKILL; back when the process is gone. Its data stay. */
  killEtcd(): void {
    killDaemon(this.folder, 'etcd')
  }

  /** Starts a killed etcd with its data; back when the API server is ready again. */
  async startEtcd(): Promise<void> {
    startProgram(this.#state, 'etcd')
    await waitForDaemon(this.folder, 'etcd', () => this.isReady())
  }

  /** True if the API server says that it is ready. */
  async isReady(): Promise<boolean> {
    return (await getStatus(this, '/readyz')) === 200
  }

  /** Process id of one of the daemons while it runs. */
  pid(program: ApiTierProgram): number | undefined {
    return daemonPid(this.folder, program)
  }

  /** Ends all processes and removes all files of the cluster. */
  stop(): Promise<void> {
    removeInstance(this.folder)
    return Promise.resolve()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }
}

/** Starts a cluster; back when the API server is ready and the controller manager has made the first service account. */
export async function startApiCluster(options: ApiClusterOptions = {}): Promise<ApiCluster> {
  const { progress = silent } = options
  const binFolder = await kubernetesPrograms(progress)
  const instance = await createInstance('api', options.name ?? `process-${process.pid}`)
  try {
    const cluster = await progress.step('Starting etcd, API server and controller manager', () =>
      startPrograms(instance, binFolder, options),
    )
    if (options.keep === true) await instance.keep()
    return cluster
  } catch (error) {
    instance.remove()
    throw error
  }
}

/** The running cluster with this state folder; for worker processes and for a later command. */
export function attachApiCluster(folder: string): ApiCluster {
  return new ApiCluster(JSON.parse(readFileSync(files(folder).state, 'utf8')) as ApiClusterState)
}

async function startPrograms(
  instance: Instance,
  binFolder: string,
  { users: extraUsers = {}, readable = false }: ApiClusterOptions,
): Promise<ApiCluster> {
  const { folder } = instance
  const [apiPort, etcdPort, etcdPeerPort] = [await freePort(), await freePort(), await freePort()]
  const groups = userGroups(extraUsers)
  const users = newUsers(folder, Object.keys(groups))
  const url = `https://127.0.0.1:${apiPort}`
  const state = { folder, binFolder, url, apiPort, etcdPort, etcdPeerPort, users, readable }
  writeConfiguration(state, groups)
  const cluster = new ApiCluster(state)
  startProgram(state, 'etcd')
  await cluster.startApiServer()
  startProgram(state, 'kube-controller-manager')
  await waitForDaemon(folder, 'kube-controller-manager', () => hasDefaultServiceAccount(cluster))
  return cluster
}

/** Made by the controller manager in each namespace; pods are refused before. */
const hasDefaultServiceAccount = async (cluster: ApiCluster): Promise<boolean> =>
  (await getStatus(cluster, '/api/v1/namespaces/default/serviceaccounts/default')) === 200

function getStatus(cluster: ApiCluster, path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${cluster.adminToken}` }
    const signal = AbortSignal.timeout(5000)
    const options = { ca: readFileSync(cluster.caPath), headers, agent: false, signal }
    const sent = request(cluster.url + path, options, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    sent.once('error', reject)
    sent.end()
  })
}
