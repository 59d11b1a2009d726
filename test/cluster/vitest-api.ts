import type { TestProject } from 'vitest/node'

import { startApiCluster } from './api/cluster.ts'
import { progressTo } from './host/progress.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** State folder of the run's one cluster: `attachApiCluster(inject('apiCluster'))`. */
    apiCluster: string
  }
}

/** Vitest global setup: one cluster of the API tier for all test files of a run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const cluster = await startApiCluster({ progress: progressTo(process.stderr) })
  project.provide('apiCluster', cluster.folder)
  return () => cluster.stop()
}
