import { afterAll, expect, it } from 'vitest'
import { campaign } from '../sim/real/campaign.ts'
import { LASTING } from '../sim/real/plan-faults.ts'
import { asker } from '../support/ask.ts'
import { ownCluster } from '../support/own-cluster.ts'
import { sweep } from '../support/sweep.ts'

const cluster = ownCluster()

afterAll(() => sweep(asker(cluster)))

// Minutes on a quiet machine: every fault is waited for. A life that stands still says so before that.
const timeout = 1_200_000
const patienceSeconds = 240

it(
  'frozen, cut off and without its API server, the operator breaks no rule of the simulator',
  { timeout },
  async () => {
    const extent = {
      kills: 0,
      faults: 20,
      without: LASTING,
      restarts: 1,
      pauses: 1,
      lives: 6,
      seed: 1,
      patienceSeconds,
    }
    const figures = await campaign(extent, { cluster, print: (line) => process.stderr.write(`real tier: ${line}\n`) })
    expect(figures).toMatchObject({ restarts: 1, pauses: 1 })
    // A few more may be met before the last of them is noticed.
    expect(figures.faults).toBeGreaterThanOrEqual(20)
    // It was shown enough to judge: whole lives, and all that happened in them.
    expect(figures.lives).toBeGreaterThan(5)
    expect(figures.facts).toBeGreaterThan(1000)
    expect(figures.violations.map(({ rule, what }) => `${rule}: ${what}`)).toEqual([])
  },
)
