import { describe, expect, it } from 'vitest'
import { finalizer, label, MANAGER } from '../../../src/api/labels.ts'
import type { KubeObject, Resource } from '../../../src/api/meta.ts'
import { CustomCredentials, Jobs, OrphanedCredentials, Secrets } from '../../../src/api/resources.ts'
import { createCaches } from '../../../src/caches.ts'
import { createReconciler, secretsOf } from '../../../src/orphaned-credential/leftovers.ts'
import { seeded } from '../../sim/random.ts'
import { FakeApi } from '../../support/fake-api.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { silentLogger } from '../../support/loggers.ts'

const HOUR_MS = 3_600_000
const labels = { [label.credential]: 'orders', [label.credentialUid]: 'uid-orders' }
const key = { namespace: 'team-a', name: 'orders' }

const anObject = (uid: string, more: Partial<KubeObject['metadata']> = {}): KubeObject => ({
  metadata: { ...key, uid, resourceVersion: '1', labels, ...more },
})

interface Given {
  /** Who has written the Secret. */
  readonly managers?: readonly string[]
  /** What the API server has besides. */
  readonly there?: readonly [Resource, KubeObject]
  readonly madeAgoMs?: number
}

/** A Secret of a credential that is in no cache, looked at once. */
async function lookedAt({ managers = [MANAGER], there, madeAgoMs = HOUR_MS }: Given) {
  const clock = new FakeClock()
  const api = new FakeApi()
  const creationTimestamp = new Date(clock.now() - madeAgoMs).toISOString()
  const secret = anObject('uid-secret', { creationTimestamp, managedFields: managers.map((manager) => ({ manager })) })
  api.put(Secrets, secret)
  if (there) api.put(...there)
  const { caches } = createCaches({ api, clock, random: seeded(1), logger: silentLogger })
  caches.secrets.replace([secret], '1')
  const outcome = await createReconciler({ api, caches, clock }, secretsOf(caches))(key)
  return { outcome, stays: api.peek(Secrets, key) !== undefined, calls: api.calls.length }
}

describe('a Secret whose credential is in no cache', () => {
  it('goes when nobody but the operator has ever written it', async () => {
    expect(await lookedAt({})).toMatchObject({ outcome: {}, stays: false })
  })

  it('is not looked into while it is new: what the operator takes away itself is on its way', async () => {
    expect(await lookedAt({ madeAgoMs: 2000 })).toEqual({ outcome: { requeueAfterMs: 8000 }, stays: true, calls: 0 })
  })

  it('is not waited for longer than that though a clock was set back', async () => {
    expect((await lookedAt({ madeAgoMs: -HOUR_MS })).outcome).toEqual({ requeueAfterMs: 10_000 })
  })

  const reasons: [string, Given][] = [
    ['somebody has copied it or brought it back from a backup', { managers: ['velero-server'] }],
    ['somebody has written to it besides the operator', { managers: [MANAGER, 'kubectl-edit'] }],
    ['nothing tells who wrote it', { managers: [] }],
    ['the credential is there, and the cache behind', { there: [CustomCredentials, anObject('uid-orders')] }],
    [
      'an orphan answers for it, and the cache is behind',
      { there: [OrphanedCredentials, anObject('uid-orphan', { name: 'orders-1' })] },
    ],
    [
      'a run is yet to be judged, and the cache behind',
      { there: [Jobs, anObject('uid-job', { name: 'sm-task-1', finalizers: [finalizer.jobRelease] })] },
    ],
  ]
  it.each(reasons)('stays when %s', async (_, given) => {
    expect(await lookedAt(given)).toMatchObject({ outcome: {}, stays: true })
  })

  it('goes when the credential under its name is a later one, and all runs of its own are judged', async () => {
    const later: [Resource, KubeObject] = [CustomCredentials, anObject('uid-later', { labels: {} })]
    expect((await lookedAt({ there: later })).stays).toBe(false)
    expect((await lookedAt({ there: [Jobs, anObject('uid-job', { name: 'sm-task-1' })] })).stays).toBe(false)
  })
})
