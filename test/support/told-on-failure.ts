import { afterEach } from 'vitest'

/** What can be told of the worlds that a test file has open: of one that fails in CI nothing else is left. */
export const tellings = new Set<() => Promise<string>>()

afterEach(async ({ task }) => {
  if (task.result?.state !== 'fail') return
  for (const tell of tellings) console.error(`When "${task.name}" failed:\n${await tell().catch(String)}`)
})
