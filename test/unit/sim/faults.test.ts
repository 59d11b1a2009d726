import { expect, it } from 'vitest'
import { knownPlaces, singleFaults } from '../../sim/explore.ts'
import { FAULTS, NO_PLACE } from '../../sim/faults.ts'
import { run } from '../../sim/run.ts'
import { WORKLOADS } from '../../sim/workloads/index.ts'

const CATALOGUE = Array.from({ length: 24 }, (_, at) => `F${at + 1}`)

it('every fault of the catalogue is there, or the reason why not is given', () => {
  const known = [
    ...FAULTS.flatMap(({ catalogue }) => catalogue.split(', ')),
    ...NO_PLACE.map(({ id }) => id.slice(0, 3)),
  ]
  expect(CATALOGUE.filter((id) => !known.some((other) => other.trim() === id))).toEqual([])
})

it('every fault makes a difference to some run', async () => {
  const known = await knownPlaces()
  const calm = new Map<string, string>()
  for (const { name } of WORKLOADS) calm.set(name, (await run({ workload: name, seed: 0, faults: [] })).hash)
  const plans = WORKLOADS.flatMap(({ name }) => singleFaults(name, known))
  const idle: string[] = []
  for (const { fault, at } of FAULTS) {
    const candidates = plans.filter(({ faults: [first] }) => first?.fault === fault && at.test(first.place))
    let struck = false
    for (const plan of candidates) {
      struck = (await run(plan)).hash !== calm.get(plan.workload)
      if (struck) break
    }
    if (!struck) idle.push(`${fault} at ${at.source}`)
  }
  expect(idle).toEqual([])
}, 120_000)
