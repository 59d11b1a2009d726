import { resolve } from 'node:path'
import { IMAGES, type ImageTarget } from '../../deploy/images/context.ts'
import { ClusterFailure, type KindCluster, type Progress } from '../cluster/index.ts'
import { run } from '../cluster/host/command.ts'

/** The cluster that the demo takes place in. */
export interface World {
  readonly kubeconfigPath: string
  /** How to start `kubectl` as administrator: program and first arguments. */
  readonly kubectlCommand: readonly [string, ...string[]]
  /** Runs it to its end; its standard output. */
  kubectl(args: readonly string[], input?: string): Promise<string>
  /** Where the API server writes its audit log, if that can be read. */
  readonly auditLogPath?: string
  /** Names the images in a manifest as this cluster finds them. */
  withImages(manifest: string): string
}

const imageOf = (target: string): string => `custom-credentials-${target}:dev`

/** The cluster that was started for the demo. */
export function kindWorld(cluster: KindCluster): World {
  return {
    kubeconfigPath: cluster.kubeconfigPath,
    kubectlCommand: [cluster.kubectlPath, '--kubeconfig', cluster.kubeconfigPath],
    auditLogPath: cluster.auditLogPath,
    kubectl: (args, input) => cluster.kubectl(args, input),
    withImages: (manifest) => manifest,
  }
}

/** Builds what runs in the cluster. `prepared`: the content of the images (`prepareImages`). */
export async function buildImages(cluster: KindCluster, prepared: Promise<void>, progress: Progress): Promise<void> {
  await progress.step('Compiling the operator and the provider', () => prepared)
  for (const target of Object.keys(IMAGES) as ImageTarget[])
    await cluster.buildImage({ target, tag: imageOf(target) }, progress)
}

/** Puts into the node what was built, and a database. */
export async function loadImages(cluster: KindCluster, progress: Progress): Promise<void> {
  const built = (Object.keys(IMAGES) as ImageTarget[]).map(imageOf)
  await Promise.all([cluster.loadImages(['postgres:15'], progress), cluster.loadImages(built, progress)])
}

/** What the demo makes in a cluster, and so what must not be there before. */
const NAMESPACES = ['custom-credentials-system', 'custom-credentials-revocation', 'databases', 'shop', 'trial']

/**
 * A cluster of the user's own, which must be able to pull the images: as they are (loaded beforehand), or below `prefix`.
 * @throws ClusterFailure if it does not answer, or has what the demo would make.
 */
export async function ownWorld(kubeconfig: string, prefix: string | undefined): Promise<World> {
  const kubeconfigPath = resolve(kubeconfig)
  const first = ['--kubeconfig', kubeconfigPath]
  const kubectl: World['kubectl'] = (args, input) =>
    run('kubectl', [...first, ...args], {
      ...(input !== undefined && { input }),
      nextStep: 'See that kubectl is on the PATH and that the kubeconfig is that of an administrator.',
    })
  const there = await kubectl(['get', 'namespaces', ...NAMESPACES, '--ignore-not-found', '--output=name'])
  if (there.trim() !== '') {
    throw new ClusterFailure(
      `the cluster has what the demo would make: ${there.trim().replaceAll('\n', ', ')}`,
      'Use a cluster without it, or delete it if it is left from a demo.',
    )
  }
  return {
    kubeconfigPath,
    kubectlCommand: ['kubectl', ...first],
    kubectl,
    withImages: (manifest) =>
      prefix === undefined ? manifest : manifest.replaceAll(/(image: )(custom-credentials-)/g, `$1${prefix}/$2`),
  }
}

/** Takes away what the demo has made, the credential first: what it stands for is revoked by the operator. */
export async function clearOwnWorld(world: World, progress: Progress): Promise<void> {
  await progress.step('Removing what the demo has made', async () => {
    const patiently = ['--ignore-not-found', '--timeout=120s']
    for (const namespace of ['shop', 'trial'])
      await world
        .kubectl([`--namespace=${namespace}`, 'delete', 'customcredentials', '--all', '--timeout=120s'])
        .catch(() => undefined)
    await world.kubectl(['delete', 'namespace', 'trial', ...patiently])
    // Their operator and their database must be there for it.
    await world
      .kubectl(['wait', '--for=delete', 'orphanedcredentials', '--all', '--timeout=120s'])
      .catch(() => undefined)
    await world.kubectl(['delete', 'namespace', 'shop', 'databases', ...patiently])
    await world.kubectl(['delete', '--kustomize', 'deploy/base', ...patiently])
  })
}
