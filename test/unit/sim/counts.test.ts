import { expect, it } from 'vitest'
import { Jobs, OrphanedCredentials, Secrets, SecretTasks } from '../../../src/api/resources.ts'
import { allSingleFaults } from '../../sim/explore.ts'
import type { Fact } from '../../sim/observe/facts.ts'
import type { Plan } from '../../sim/plan.ts'
import { run } from '../../sim/run.ts'

/**
 * After these it is certain that nothing was done, or it is heard of later: they call for nothing that calm weather does not.
 * Where nobody knows whether a Job was made, its attempt ends and another begins.
 */
const PASSING = new Set(['conflict', 'race', 'throttled', 'overloaded', 'slow', 'lag', 'cut'])
const OF_THE_API_SERVER = /^(write|read|watch) /
const COUNTED = new Set([SecretTasks, Jobs, Secrets, OrphanedCredentials].map(({ plural }) => plural))

const calm = (workload: string): Plan => ({ workload, seed: 0, faults: [] })

/** What was made and what was removed, in the cluster and upstream, and how often. */
async function countsOf(plan: Plan): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  const count = (what: string) => (counts[what] = (counts[what] ?? 0) + 1)
  const onFact = (fact: Fact) => {
    if (fact.kind === 'upstream') count(`credentials ${fact.type}`)
    if (fact.kind === 'object' && fact.type !== 'changed' && COUNTED.has(fact.resource.plural))
      count(`${fact.resource.plural} ${fact.type}`)
  }
  await run(plan, { onFact })
  return counts
}

it.each(['create', 'rotate', 'delete'])(
  'S30 counts: what passes makes "%s" create and delete no object more, and none less',
  async (workload) => {
    const known = new Map([[workload, (await run(calm(workload))).places]])
    const plans = allSingleFaults(known, { turns: 1 }).filter(({ faults }) =>
      faults.every(({ place, fault }) => PASSING.has(fault) && OF_THE_API_SERVER.test(place)),
    )
    expect(plans.length).toBeGreaterThan(50)
    const expected = await countsOf(calm(workload))
    for (const plan of plans) expect({ plan, counts: await countsOf(plan) }).toEqual({ plan, counts: expected })
  },
)
