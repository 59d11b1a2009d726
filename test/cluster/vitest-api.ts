import { existsSync } from 'node:fs'
import type { TestProject } from 'vitest/node'

import { postgresPrograms } from '../support/postgres.ts'
import { startApiCluster } from './api/cluster.ts'
import { kubernetesPrograms } from './host/binaries.ts'
import { progressTo, silent } from './host/progress.ts'
import { installFromDebian } from './kind/packages.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** State folders of the run's clusters, one for each worker: see `ownCluster`. */
    apiClusters: string[]
  }
}

const progress = progressTo(process.stderr)

/** Vitest global setup: for all test files of a run, as many clusters of the API tier as files may run at a time. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await installPostgres()
  await kubernetesPrograms(progress)
  const count = project.config.maxWorkers
  const names = Array.from({ length: count }, (_, index) => `process-${process.pid}-${index + 1}`)
  const clusters = await progress.step(`Starting ${count} × etcd, API server and controller manager`, () =>
    Promise.all(names.map((name) => startApiCluster({ name, readable: true, progress: silent }))),
  )
  project.provide(
    'apiClusters',
    clusters.map(({ folder }) => folder),
  )
  return async () => {
    for (const cluster of clusters) await cluster.stop()
  }
}

/** The PostgreSQL provider is tested against a real server: Debian's, where it can be installed. */
async function installPostgres(): Promise<void> {
  const canInstall = process.getuid?.() === 0 && existsSync('/etc/debian_version')
  if (postgresPrograms() !== undefined || !canInstall) return
  await installFromDebian(['postgresql'], progress)
}
