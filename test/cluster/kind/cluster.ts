import { readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

import { kindProgram, kubernetesPrograms } from '../host/binaries.ts'
import { run } from '../host/command.ts'
import { checkout } from '../host/folders.ts'
import { createInstance, removeInstance, runAtRemoval, type Instance } from '../host/instance.ts'
import { freePort } from '../host/ports.ts'
import { silent, type Progress } from '../host/progress.ts'
import { together } from '../host/together.ts'
import { files, writeConfiguration } from './configuration.ts'
import { chooseEngine, type Choice } from './choice.ts'
import { Engine } from './engine.ts'
import { ensureImage } from './images.ts'
import { NODE_IMAGE, publicImage } from './images/application.ts'

export interface KindClusterOptions {
  /** Tells clusters of one checkout apart; by default one for each process. */
  name?: string
  /** Leaves the cluster running when this process ends. */
  keep?: boolean
  /** Starting a node is mostly waiting: what the engine can do meanwhile, such as building images. */
  meanwhile?: (cluster: KindCluster) => Promise<void>
  progress?: Progress
}

export interface BuildOptions {
  /** Path of the Dockerfile; by default that of the repository. */
  dockerfile?: string
  tag: string
  target?: string
  /** Folder that the Dockerfile copies from; by default the repository. */
  context?: string
}

/** Everything that says where a cluster is and how to talk to it; lies as `cluster.json` in its folder. */
interface KindClusterState {
  folder: string
  /** Name by which kind knows the cluster. */
  name: string
  kindProgram: string
  engine: { env: Record<string, string>; canPull: boolean }
}

/**
 * A real cluster with one node that runs containers. The API server listens on this machine's loopback, whichever engine
 * the node runs in. It holds no state of its own beside its folder: several processes can use it ({@link attachKindCluster}).
 */
export class KindCluster implements AsyncDisposable {
  readonly folder: string
  /** Of kind's administrator: user `kubernetes-admin`, all rights. */
  readonly kubeconfigPath: string
  readonly kubectlPath: string
  /** Read it with `AuditLog`. */
  readonly auditLogPath: string
  readonly #state: KindClusterState
  readonly #engine: Engine

  constructor(state: KindClusterState) {
    const path = files(state.folder)
    this.folder = state.folder
    this.kubeconfigPath = path.kubeconfig
    this.kubectlPath = path.kubectl
    this.auditLogPath = path.auditLog
    this.#state = state
    this.#engine = new Engine(state.engine.env, state.engine.canPull)
  }

  /** Builds an image in the cluster's engine. What its stages build upon is made here where it cannot be pulled. */
  async buildImage(options: BuildOptions, progress: Progress = silent): Promise<void> {
    const { dockerfile = join(checkout, 'Dockerfile'), tag, target, context = checkout } = options
    const base = publicImage(NODE_IMAGE)
    if (base !== undefined) await ensureImage(base, this.#engine, progress)
    await progress.step(`Building image ${tag}`, () => {
      const stage = target === undefined ? [] : ['--target', target]
      return this.#engine.docker(['build', '--tag', tag, ...stage, '--file', dockerfile, context])
    })
  }

  /**
   * Puts images into the node, so that pods start them without a registry: such as were built, or `postgres:15`. What they
   * have in common goes there once.
   */
  async loadImages(refs: readonly string[], progress: Progress = silent): Promise<void> {
    for (const recipe of refs.map(publicImage))
      if (recipe !== undefined) await ensureImage(recipe, this.#engine, progress)
    await progress.step(`Loading images into the node: ${refs.join(', ')}`, () =>
      this.#kind(['load', 'docker-image', ...refs, '--name', this.#state.name]),
    )
  }

  /**
   * Runs a command in the node, from where pod and service addresses can be reached, and returns its standard output.
   * There are a shell, `curl`, `kubectl`, `crictl` with the stock node image and what else a small Debian has.
   */
  exec(command: string, args: readonly string[] = [], input?: string): Promise<string> {
    const options = input === undefined ? {} : { input }
    return this.#engine.docker(['exec', '--interactive', nodeName(this.#state.name), command, ...args], options)
  }

  /** `kubectl` as administrator, to its end; its standard output. */
  kubectl(args: readonly string[], input?: string): Promise<string> {
    return run(this.kubectlPath, ['--kubeconfig', this.kubeconfigPath, ...args], input === undefined ? {} : { input })
  }

  /**
   * Waits until names of services can be looked up in pods, some seconds after the node is ready: long enough to build and load
   * images meanwhile.
   */
  async waitForDns(progress: Progress = silent): Promise<void> {
    const inSystem = (...args: string[]) => this.kubectl(['--namespace=kube-system', ...args])
    await progress.step('Waiting for cluster DNS', async () => {
      await inSystem('rollout', 'status', 'daemonset/kube-proxy', '--timeout=180s')
      // What began before kube-proxy waits out a connection's time-out, half a minute. Begun anew, it is ready at once.
      const available = await inSystem('get', 'deployment/coredns', '--output=jsonpath={.status.availableReplicas}')
      if (available === '') await inSystem('delete', 'pods', '--selector=k8s-app=kube-dns', '--wait=false')
      await inSystem('rollout', 'status', 'deployment/coredns', '--timeout=180s')
    })
  }

  /** True if the API server says that it is ready. */
  async isReady(): Promise<boolean> {
    return (await this.kubectl(['get', '--raw', '/readyz'])) === 'ok'
  }

  /** Ends all processes and removes all files of the cluster. */
  stop(): Promise<void> {
    removeInstance(this.folder)
    return Promise.resolve()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  async #kind(args: readonly string[]): Promise<void> {
    await run(this.#state.kindProgram, args, { env: { ...this.#engine.env, KIND_EXPERIMENTAL_PROVIDER: 'docker' } })
  }

  /** Creates the cluster by kind; back when the node is ready. */
  async create(nodeImage: string | undefined): Promise<void> {
    const { config } = files(this.folder)
    const image = nodeImage === undefined ? [] : ['--image', nodeImage]
    const target = ['--name', this.#state.name, '--kubeconfig', this.kubeconfigPath]
    await this.#kind(['create', 'cluster', ...target, '--config', config, ...image, '--wait', '180s', '--quiet'])
    // The API server makes the log readable for root only; with an engine of the machine's own the user is not root.
    await this.exec('chmod', ['0644', '/custom-credentials/audit.log'])
  }
}

/** Starts a cluster; back when its node is ready to run pods. DNS takes longer: {@link KindCluster.waitForDns}. */
export async function startKindCluster(options: KindClusterOptions = {}): Promise<KindCluster> {
  const { progress = silent } = options
  const kind = await kindProgram(progress)
  const instance = await createInstance('kind', options.name ?? `process-${process.pid}`)
  try {
    const cluster = await createCluster(instance, kind, { ...options, progress })
    if (options.keep === true) await instance.keep()
    return cluster
  } catch (error) {
    instance.remove()
    throw error
  }
}

/** The running cluster with this state folder; for worker processes and for a later command. */
export function attachKindCluster(folder: string): KindCluster {
  return new KindCluster(JSON.parse(readFileSync(files(folder).state, 'utf8')) as KindClusterState)
}

const nodeName = (cluster: string): string => `${cluster}-control-plane`

async function createCluster(
  { folder }: Instance,
  kindBinary: string,
  { progress, meanwhile }: KindClusterOptions & { readonly progress: Progress },
): Promise<KindCluster> {
  const apiPort = await freePort()
  const choice = await chooseEngine(folder, apiPort, progress)
  const { env, canPull } = choice.engine
  // The state folder's name and that of the folder around it, which tells checkouts apart.
  const name = `${basename(dirname(folder))}-${basename(folder)}`.replace('custom-credentials', 'ccred')
  writeConfiguration(folder, { apiPort, defaultNetwork: choice.nodeImage === undefined })
  const state: KindClusterState = { folder, name, kindProgram: kindBinary, engine: { env, canPull } }
  writeFileSync(files(folder).state, JSON.stringify(state, null, 2), { mode: 0o600 })
  if (canPull) runAtRemoval(folder, ['docker', 'rm', '--force', '--volumes', nodeName(name)])
  const cluster = new KindCluster(state)
  await together([
    progress.step('Creating the cluster by kind', () => cluster.create(choice.nodeImage)),
    meanwhile?.(cluster),
  ])
  await provideKubectl(folder, name, choice, progress)
  return cluster
}

/** The one that was built here, or the one in the stock node image. */
async function provideKubectl(folder: string, name: string, choice: Choice, progress: Progress): Promise<void> {
  const { kubectl } = files(folder)
  if (choice.nodeImage !== undefined) symlinkSync(join(await kubernetesPrograms(progress), 'kubectl'), kubectl)
  else await choice.engine.docker(['cp', `${nodeName(name)}:/usr/bin/kubectl`, kubectl])
}
