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
  const progress = progressTo(process.stderr)
  const cluster = await startKindCluster({ progress })
  await cluster.waitForDns(progress)
  project.provide('kindCluster', cluster.folder)
  return () => cluster.stop()
}
