import { expect, test } from 'vitest'
import { label } from '../../src/api/labels.ts'
import { Consumer } from '../support/consumer.ts'
import { Lives, type Death } from '../support/lives.ts'
import { ownCluster } from '../support/own-cluster.ts'
import { Stage } from '../support/stage.ts'
import { WriteProxy } from '../support/write-proxy.ts'
import { install } from './crds-cluster.ts'

const cluster = ownCluster()

/**
 * Every write of the life, and every kind of write in both ways: what recurs with each version is killed at in both ways
 * for the first one, and in turns for the others.
 */
function deathsOf(points: readonly string[]): Death[] {
  const seen = new Map<string, number>()
  return points.flatMap((point): Death[] => {
    const kind = point.replace(/v\d+/, '')
    const count = seen.get(kind) ?? 0
    seen.set(kind, count + 1)
    if (count === 0)
      return [
        { point, fate: 'before' },
        { point, fate: 'after' },
      ]
    return [{ point, fate: count % 2 === 1 ? 'before' : 'after' }]
  })
}

/** A run may be interrupted again by the deaths that other lives have in store. */
const MOST_ATTEMPTS = 6

test(
  'killed right before or right after any write of a life, the operator loses nothing',
  { timeout: 1_200_000 },
  async () => {
    await install()
    await using proxy = await WriteProxy.open(cluster)
    await using stage = await Stage.open(cluster, proxy)
    const tenant = await stage.tenant('kill')
    await tenant.verdict('ledger')
    await using consumer = await new Consumer().start(cluster, tenant.name)
    await using lives = new Lives({ proxy, stage, tenant, consumer })

    const points = await lives.record('undisturbed')
    expect(points.length).toBeGreaterThan(50)
    expect(points).toEqual([...new Set(points)])

    const deaths = deathsOf(points)
    expect(await lives.dieAll(deaths)).toEqual([])
    expect(lives.met).toBe(deaths.length)

    expect([...stage.kubelet.jobsRun].filter(([, jobs]) => jobs.size > 1)).toEqual([])
    expect(consumer.complaints).toEqual([])
    expect(lives.pulled).toEqual([])
    expect(lives.mostAttempts).toBeLessThanOrEqual(MOST_ATTEMPTS)
    // Everything that was made is gone, and all that was kept about it.
    expect(stage.upstream.alive(tenant.name)).toEqual([])
    expect(await tenant.orphans()).toEqual([])
    const custody = `/api/v1/namespaces/custom-credentials-system/secrets?labelSelector=${encodeURIComponent(label.credentialUid)}`
    const left = async (path: string) =>
      ((await stage.ask('GET', path)).body['items'] as { metadata: object }[]).map(({ metadata }) => metadata)
    expect(await left(custody)).toEqual([])
    expect(await left(tenant.ours('secrettasks'))).toEqual([])
    const held = (await left(tenant.jobs())).filter((metadata) => 'finalizers' in metadata)
    expect(held).toEqual([])
  },
)
