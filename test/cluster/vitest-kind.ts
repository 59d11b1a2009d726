import type { TestProject } from 'vitest/node'

import { progressTo } from './host/progress.ts'
import { startKindCluster } from './kind/cluster.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** State folder of the run's one cluster: `attachKindCluster(inject('kindCluster'))`. */
    kindCluster: string
  }
}

/** Vitest global setup: one kind cluster for all test files of a run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const cluster = await startKindCluster({ progress: progressTo(process.stderr) })
  project.provide('kindCluster', cluster.folder)
  return () => cluster.stop()
}
