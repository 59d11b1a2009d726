import { describe, expect, it } from 'vitest'
import { knownPlaces, planOf } from '../../sim/explore.ts'
import { committedPlans } from '../../sim/plans.ts'
import { run } from '../../sim/run.ts'
import { WORKLOADS } from '../../sim/workloads/index.ts'

describe('when nothing goes wrong, no rule is broken', () => {
  it.each(WORKLOADS)('$name: $says', async ({ name }) => {
    expect((await run({ workload: name, seed: 0, faults: [] })).violation).toBeUndefined()
  })
})

it('equal plans give equal runs, whatever the latencies and the faults', async () => {
  const known = await knownPlaces()
  for (const seed of [1, 2, 3, 4, 5]) {
    const plan = planOf(seed, known)
    expect((await run(plan)).hash).toBe((await run(plan)).hash)
  }
})

it('different latencies give different runs', async () => {
  const hashes = new Set<string>()
  for (const seed of [0, 1, 2]) hashes.add((await run({ workload: 'create', seed, faults: [] })).hash)
  expect(hashes.size).toBe(3)
})

describe('a plan that once broke a rule breaks none', () => {
  it.each([...committedPlans()])('%s', async (_, plan) => {
    const { violation, met } = await run(plan)
    expect(met).toEqual(expect.arrayContaining([...plan.faults]))
    expect(violation).toBeUndefined()
  })
})
