import { afterAll, expect, it } from 'vitest'
import { label } from '../../src/api/labels.ts'
import { deathsOf, dieAll, recordLife } from '../sim/real/deaths.ts'
import { RealWorld } from '../sim/real/world.ts'
import { asker } from '../support/ask.ts'
import { ownCluster } from '../support/own-cluster.ts'
import { sweep } from '../support/sweep.ts'

const cluster = ownCluster()
const ask = asker(cluster)

afterAll(() => sweep(ask))

/** Backoffs and time-outs of the operator run out by then. */
const REST_SECONDS = 300

it(
  'killed right before or right after any write of a life, the operator breaks no rule of the simulator',
  { timeout: 1_200_000 },
  async () => {
    await using world = await RealWorld.open({ cluster })
    await world.people.openTenant('kill')

    const points = await recordLife(world, 'kill')
    expect(points.length).toBeGreaterThan(50)
    expect(points).toEqual([...new Set(points)])

    const deaths = deathsOf(points)
    expect(await dieAll(world, 'kill', deaths)).toEqual([])
    expect(world.killed).toBe(deaths.length)
    expect(await world.rest(REST_SECONDS)).toEqual([])
    expect(world.judge.violations.map(({ rule, what }) => `${rule}: ${what}`)).toEqual([])
    expect(world.failures).toEqual([])

    // Everything that was made is gone, and all that was kept about it.
    expect([...world.judge.state.live]).toEqual([])
    const left = async (path: string) =>
      ((await ask('GET', path)).body['items'] as { metadata: { name: string } }[]).map(({ metadata }) => metadata.name)
    const ours = '/apis/customcredentials.dev/v1alpha1'
    expect(await left(`${ours}/orphanedcredentials`)).toEqual([])
    expect(await left(`${ours}/secrettasks`)).toEqual([])
    expect(await left(`/api/v1/secrets?labelSelector=${encodeURIComponent(label.credentialUid)}`)).toEqual([])
  },
)
