import { defineConfig } from 'vitest/config'
import { LongestFirst } from './longest-first.ts'

export default defineConfig({
  test: {
    // Taking a kind cluster down keeps the process busy for so long that a worker's end is noticed late.
    teardownTimeout: 60_000,
    sequence: { sequencer: LongestFirst },
    projects: [
      // No test asserts a time: on a busy machine they take theirs.
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 60_000 } },
      {
        test: {
          name: 'api',
          include: ['test/api/**/*.test.ts'],
          globalSetup: 'test/cluster/vitest-api.ts',
          setupFiles: 'test/support/told-on-failure.ts',
          testTimeout: 300_000,
          hookTimeout: 300_000,
          expect: { poll: { timeout: 120_000, interval: 100 } },
          // Each has a control plane of its own. Most of their time they wait: more of them than there are cores.
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'kind',
          include: ['test/kind/**/*.test.ts'],
          globalSetup: 'test/cluster/vitest-kind.ts',
          testTimeout: 300_000,
          hookTimeout: 900_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
