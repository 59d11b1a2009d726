import { expect, it } from 'vitest'
import { run } from '../../sim/run.ts'

const DAY_MS = 86_400_000

// At the end of each nothing is due.
it.each(['rotate', 'delete', 'interval', 'leaked-now'])(
  'L1 quiet: for a day after "%s" has come to rest, nothing but leases and events is written',
  async (workload) => {
    expect((await run({ workload, seed: 0, faults: [] }, { watchMs: DAY_MS })).violation).toBeUndefined()
  },
)

it('is noticed where something is written', async () => {
  const { violation } = await run({ workload: 'two-pods', seed: 0, faults: [] }, { watchMs: DAY_MS })
  expect(violation?.rule).toBe('L1 quiet')
})
