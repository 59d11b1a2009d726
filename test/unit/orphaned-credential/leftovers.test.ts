import { describe, expect, it } from 'vitest'
import { annotation, CustodyKind, finalizer, label, MANAGER } from '../../../src/api/labels.ts'
import type { OrphanedCredential } from '../../../src/api/generated.ts'
import type { KubeObject, Resource } from '../../../src/api/meta.ts'
import { CustomCredentials, type Job, Jobs, OrphanedCredentials, Secrets } from '../../../src/api/resources.ts'
import { createCaches } from '../../../src/caches.ts'
import { createReconciler, secretsOf, watchLeftovers } from '../../../src/orphaned-credential/leftovers.ts'
import { seeded } from '../../sim/random.ts'
import { FakeApi } from '../../support/fake-api.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { silentLogger } from '../../support/loggers.ts'
import { aTask, CUSTODY, kitOf, TASK_ID } from '../../support/task-run.ts'

const HOUR_MS = 3_600_000
const labels = { [label.credential]: 'orders', [label.credentialUid]: 'uid-orders' }
const key = { namespace: 'team-a', name: 'orders' }

const anObject = (uid: string, more: Partial<KubeObject['metadata']> = {}): KubeObject => ({
  metadata: { ...key, uid, resourceVersion: '1', labels, ...more },
})

/** In a Secret of people's own: `theirs` is somebody else's key, `ours` the operator's. */
const MERGED = {
  labels: { ...labels, [label.merged]: 'true' },
  annotations: { [annotation.keys]: 'ours' },
}
const fieldsOf = (key: string) => ({ 'f:data': { [`f:${key}`]: {} } })

interface Given {
  readonly metadata?: Partial<KubeObject['metadata']>
  /** Who has written the Secret. */
  readonly managers?: readonly string[]
  /** What the API server has besides. */
  readonly there?: readonly [Resource, KubeObject]
  readonly madeAgoMs?: number
  /** Its labels once it has been judged by the caches. */
  readonly meanwhile?: Readonly<Record<string, string>>
}

/** A Secret of a credential that is in no cache, looked at once. */
async function lookedAt({ meanwhile, managers = [MANAGER], metadata = {}, there, madeAgoMs = HOUR_MS }: Given) {
  const clock = new FakeClock()
  const api = new FakeApi()
  const creationTimestamp = new Date(clock.now() - madeAgoMs).toISOString()
  const managedFields = managers.map((manager) => ({ manager }))
  const secret = anObject('uid-secret', { creationTimestamp, managedFields, ...metadata })
  api.put(Secrets, { ...secret, data: { theirs: 'YQ==', ours: 'Yg==' } })
  if (there) api.put(...there)
  if (meanwhile)
    api.meet('list jobs', () => {
      const metadata = { ...secret.metadata, labels: meanwhile, annotations: MERGED.annotations }
      api.put(Secrets, { ...secret, metadata, data: { theirs: 'YQ==', ours: 'Yg==' } })
    })
  const { caches } = createCaches({ api, clock, random: seeded(1), logger: silentLogger })
  caches.secrets.replace([secret], '1')
  const outcome = await createReconciler({ api, caches, clock, custodyNamespace: CUSTODY }, secretsOf(caches))(key)
  const left = api.peek(Secrets, key)
  return { outcome, stays: left !== undefined, calls: api.calls.length, keys: Object.keys(left?.data ?? {}) }
}

describe('a Secret whose credential is in no cache', () => {
  it('goes when nobody but the operator has ever written it', async () => {
    expect(await lookedAt({})).toMatchObject({ outcome: {}, stays: false })
  })

  it('is not looked into while it is new: what the operator takes away itself is on its way', async () => {
    expect(await lookedAt({ madeAgoMs: 2000 })).toMatchObject({
      outcome: { requeueAfterMs: 8000 },
      stays: true,
      calls: 0,
    })
  })

  it('is waited for where the clock of the API server is ahead by less than a minute', async () => {
    expect((await lookedAt({ madeAgoMs: -30_000 })).outcome).toEqual({ requeueAfterMs: 40_000 })
  })

  it('that is people’s own, and was merged into, stays without what is ours in it', async () => {
    const managedFields = [
      { manager: 'helm', fieldsV1: fieldsOf('theirs') },
      { manager: MANAGER, fieldsV1: fieldsOf('ours') },
    ]
    expect(await lookedAt({ metadata: { ...MERGED, managedFields } })).toMatchObject({ stays: true, keys: ['theirs'] })
  })

  it('stays as it is where another credential is merged into it while it is judged', async () => {
    const another = { [label.credentialUid]: 'uid-another', [label.merged]: 'true' }
    expect(await lookedAt({ meanwhile: another })).toMatchObject({ stays: true, keys: ['theirs', 'ours'] })
  })

  it('is not waited for where our clock was set back', async () => {
    expect(await lookedAt({ madeAgoMs: -HOUR_MS })).toMatchObject({ outcome: {}, stays: false })
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

describe('what lies in custody of a credential that went by force, its finalizer stripped', () => {
  const { spec } = aTask()
  const inCustody = (
    object: KubeObject,
    custody: CustodyKind,
    more: Partial<KubeObject['metadata']> = {},
  ): KubeObject => ({
    metadata: {
      ...object.metadata,
      namespace: CUSTODY,
      labels: { ...labels, [label.custody]: custody, [label.task]: TASK_ID },
      managedFields: [{ manager: MANAGER }],
      ...more,
    },
  })
  const annotations = { [annotation.taskSpec]: JSON.stringify(spec), [annotation.credentialsId]: 'role-1' }
  const payload = inCustody(anObject('uid-payload'), CustodyKind.version, { name: TASK_ID, annotations })
  const kit = inCustody(kitOf(aTask()), CustodyKind.kit)

  /** Looks at each in turn, an hour later. */
  async function left(...secrets: KubeObject[]) {
    const clock = new FakeClock()
    const api = new FakeApi()
    for (const secret of secrets) api.put(Secrets, secret)
    const { caches } = createCaches({ api, clock, random: seeded(1), logger: silentLogger })
    caches.secrets.replace(secrets, '1')
    const reconcile = createReconciler({ api, caches, clock, custodyNamespace: CUSTODY }, secretsOf(caches))
    for (const { metadata } of secrets) await reconcile({ namespace: CUSTODY, name: metadata.name })
    const orphans = api.all(OrphanedCredentials) as OrphanedCredential[]
    return { owed: orphans.map(({ spec }) => [spec.originTaskId, spec.credentialsId]), left: api.all(Secrets).length }
  }

  it.each([
    ['payload first', [payload, kit]],
    ['kit first', [kit, payload]],
  ])('becomes an orphan, and stays until that is over: %s', async (_, secrets) => {
    expect(await left(...secrets)).toEqual({ owed: [[TASK_ID, 'role-1']], left: 2 })
  })

  it('goes where its kit has gone before: it was accounted for, and came too late', async () => {
    expect(await left(payload)).toEqual({ owed: [], left: 0 })
  })
})

describe('a Secret that waits for a run to be judged is looked at anew', () => {
  const held: Job = {
    metadata: { ...key, uid: 'uid-job', resourceVersion: '1', labels, finalizers: [finalizer.jobRelease] },
  }
  const released: Job = { metadata: { ...held.metadata, resourceVersion: '2', finalizers: [] } }

  it.each([
    ['when the Job is let go', [released]],
    ['when the Job goes as it is let go', []],
  ])('%s', (_, jobs) => {
    const ports = { api: new FakeApi(), clock: new FakeClock(), random: seeded(1), logger: silentLogger }
    const { caches } = createCaches(ports)
    caches.secrets.replace([anObject('uid-secret')], '1')
    caches.jobs.replace([held], '1')
    const queued: unknown[] = []
    watchLeftovers(caches, secretsOf(caches), (at) => queued.push(at))
    queued.length = 0
    caches.jobs.replace(jobs, '2')
    expect(queued).toEqual([key])
  })
})
