import { existsSync } from 'node:fs'
import type { TestProject } from 'vitest/node'

import { postgresPrograms } from '../support/postgres.ts'
import { startApiCluster } from './api/cluster.ts'
import { progressTo } from './host/progress.ts'
import { installFromDebian } from './kind/packages.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** State folder of the run's one cluster: `attachApiCluster(inject('apiCluster'))`. */
    apiCluster: string
  }
}

/** Vitest global setup: one cluster of the API tier for all test files of a run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await installPostgres()
  const cluster = await startApiCluster({ progress: progressTo(process.stderr) })
  project.provide('apiCluster', cluster.folder)
  return () => cluster.stop()
}

/** The PostgreSQL provider is tested against a real server: Debian's, where it can be installed. */
async function installPostgres(): Promise<void> {
  const canInstall = process.getuid?.() === 0 && existsSync('/etc/debian_version')
  if (postgresPrograms() !== undefined || !canInstall) return
  await installFromDebian(['postgresql'], progressTo(process.stderr))
}
