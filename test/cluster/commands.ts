import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { delimiter, dirname, resolve } from 'node:path'

import { attachApiCluster, startApiCluster } from './api/cluster.ts'
import { ClusterFailure } from './host/failure.ts'
import { instanceFolder, isKept, removeInstance, type Tier } from './host/instance.ts'
import { progressTo } from './host/progress.ts'
import { attachKindCluster, startKindCluster } from './kind/cluster.ts'

/** Which cluster a command is about. */
export interface Choice {
  tier?: Tier
  /** A cluster of the user's own. */
  kubeconfig?: string
}

/** A cluster as a command shows it. */
export interface Shown {
  tier: Tier | 'own'
  title: string
  ready: boolean
  kubeconfig: string
  /** Absent for a cluster of the user's own. */
  kubectl?: string
}

/** The one that the command line starts; tests start others beside it. */
const NAME = 'default'
const TIERS: readonly Tier[] = ['api', 'kind']

export async function up(choice: Choice): Promise<Shown> {
  if (choice.kubeconfig !== undefined) return reachable(await own(choice.kubeconfig))
  const tier = choice.tier ?? 'api'
  const present = await find(tier)
  if (present?.ready === true) return present
  // What is left of a cluster whose processes are gone, for example after the machine was started again.
  if (present !== undefined) removeInstance(instanceFolder(tier, NAME))
  const progress = progressTo(process.stderr)
  const options = { name: NAME, keep: true, progress }
  if (tier === 'api') return show(tier, await startApiCluster(options), true)
  const cluster = await startKindCluster(options)
  await cluster.waitForDns(progress)
  return show(tier, cluster, true)
}

/** Titles of the clusters that were ended. */
export function down(choice: Choice): string[] {
  const tiers = choice.tier === undefined ? TIERS : [choice.tier]
  const present = tiers.filter((tier) => isKept(instanceFolder(tier, NAME)))
  for (const tier of present) removeInstance(instanceFolder(tier, NAME))
  return present.map((tier) => TITLES[tier])
}

export async function status(choice: Choice): Promise<Shown[]> {
  if (choice.kubeconfig !== undefined) return [await own(choice.kubeconfig)]
  const found = await Promise.all((choice.tier === undefined ? TIERS : [choice.tier]).map(find))
  return found.filter((cluster) => cluster !== undefined)
}

/** Exit code of the shell. */
export async function openShell(choice: Choice): Promise<number> {
  const tier = choice.tier ?? 'api'
  const cluster = choice.kubeconfig === undefined ? await find(tier) : await own(choice.kubeconfig)
  if (cluster === undefined) {
    throw new ClusterFailure(`no cluster of tier ${tier} is up`, `Start it: npm run cluster -- up --tier ${tier}`)
  }
  reachable(cluster)
  const folders = cluster.kubectl === undefined ? [] : [dirname(cluster.kubectl)]
  const path = [...folders, process.env['PATH'] ?? ''].join(delimiter)
  const shell = spawn(process.env['SHELL'] ?? '/bin/sh', {
    stdio: 'inherit',
    env: { ...process.env, KUBECONFIG: cluster.kubeconfig, PATH: path },
  })
  const [code] = (await once(shell, 'exit')) as [number | null]
  return code ?? 1
}

const TITLES: Record<Tier, string> = {
  api: 'The API tier (etcd, API server, controller manager)',
  kind: 'The kind cluster',
}

/** The command line's cluster of this tier, if there is one. */
async function find(tier: Tier): Promise<Shown | undefined> {
  const folder = instanceFolder(tier, NAME)
  if (!existsSync(folder)) return undefined
  if (!isKept(folder)) throw new ClusterFailure(`another process is starting or ending ${folder}`, 'Wait for it.')
  const cluster = tier === 'api' ? attachApiCluster(folder) : attachKindCluster(folder)
  return show(tier, cluster, await cluster.isReady().catch(() => false))
}

const show = (tier: Tier, at: { kubeconfigPath: string; kubectlPath: string }, ready: boolean): Shown => ({
  tier,
  title: TITLES[tier],
  ready,
  kubeconfig: at.kubeconfigPath,
  kubectl: at.kubectlPath,
})

async function own(file: string): Promise<Shown> {
  const kubeconfig = resolve(file)
  if (!existsSync(kubeconfig)) throw new ClusterFailure(`${kubeconfig} does not exist`, 'Name a kubeconfig file.')
  // Loaded here only: it costs a second.
  const { KubeConfig, VersionApi } = await import('@kubernetes/client-node')
  const config = new KubeConfig()
  config.loadFromFile(kubeconfig)
  const ready = await config
    .makeApiClient(VersionApi)
    .getCode()
    .then(
      () => true,
      () => false,
    )
  return { tier: 'own', title: `Your cluster (${config.getCurrentContext()})`, ready, kubeconfig }
}

function reachable(cluster: Shown): Shown {
  if (cluster.ready) return cluster
  throw new ClusterFailure(
    `${cluster.title} does not answer`,
    `Try: kubectl --kubeconfig ${cluster.kubeconfig} version`,
  )
}
