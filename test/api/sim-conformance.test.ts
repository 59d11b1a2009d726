import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ApiCluster } from '../cluster/index.ts'
import { clusterPort } from '../sim/conformance/cluster-port.ts'
import type { Divergence } from '../sim/conformance/compare.ts'
import { sequenceOf } from '../sim/conformance/generate.ts'
import { bareCluster } from '../sim/conformance/real-cluster.ts'
import { inParallel, Tribunal } from '../sim/conformance/trial.ts'

const FIRST_SEED = 1_000_000
const SEQUENCES = 200

let cluster: ApiCluster
beforeAll(async () => {
  // Without controllers, unlike the one that test files take turns with.
  cluster = await bareCluster(`conformance-${randomUUID().slice(0, 8)}`)
})
afterAll(() => cluster.stop())

describe("the simulator's API server", () => {
  it(`answers as the real one: ${SEQUENCES} sequences of operations`, async () => {
    const port = clusterPort(cluster)
    const tribunal = new Tribunal(port, 'play')
    const seeds = Array.from({ length: SEQUENCES }, (_, i) => FIRST_SEED + i)
    const found: Divergence[] = []
    await inParallel(seeds, 16, async (seed) => {
      const { divergence } = await tribunal.try(sequenceOf(seed))
      if (divergence) found.push(divergence)
    })
    port.close()
    expect(found).toEqual([])
  })
})
