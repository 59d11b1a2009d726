import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { GROUP } from '../../../src/api/labels.ts'
import type { Resource } from '../../../src/api/meta.ts'
import { type ApiCluster, type Progress, startApiCluster } from '../../cluster/index.ts'
import { KINDS } from './kinds/index.ts'

const CRDS = `${import.meta.dirname}/../../../crds`

/**
 * A real API server of our own with the kinds of the operator, and nobody but us who writes: garbage collector, namespace
 * controller and all the others are ended.
 */
export async function bareCluster(name: string, progress?: Progress): Promise<ApiCluster> {
  const cluster = await startApiCluster({ name, ...(progress && { progress }) })
  try {
    const controllers = cluster.pid('kube-controller-manager')
    if (controllers !== undefined) process.kill(controllers, 'SIGKILL')
    const kubectl = (...args: string[]) =>
      promisify(execFile)(cluster.kubectlPath, ['--kubeconfig', cluster.kubeconfigPath, ...args])
    await kubectl('apply', '-k', CRDS)
    await kubectl('wait', '--for=condition=Established', 'crd', '--all')
    const ours = Object.values(KINDS).filter(({ resource }) => resource.group === GROUP)
    await Promise.all(ours.map(({ resource }) => watchable(kubectl, resource)))
    return cluster
  } catch (error) {
    await cluster.stop()
    throw error
  }
}

/**
 * The first request for a kind of ours makes the server's cache of it, which knows nothing older than itself: a watch from before
 * would be told that it comes too late. Back when the cache answers.
 */
async function watchable(kubectl: (...args: string[]) => Promise<unknown>, { plural }: Resource): Promise<void> {
  await kubectl('get', `${plural}.${GROUP}`, '--all-namespaces', '--watch', '--request-timeout=1s').catch(
    () => undefined,
  )
}
