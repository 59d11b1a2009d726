import { describe, expect, it } from 'vitest'
import { annotation, CustodyKind, finalizer, label } from '../../../src/api/labels.ts'
import type { CustomCredential, OrphanedCredential } from '../../../src/api/generated.ts'
import { CustomCredentials, type Job, Jobs, OrphanedCredentials } from '../../../src/api/resources.ts'
import { keyOf } from '../../../src/api/meta.ts'
import { type Caches, createCaches } from '../../../src/caches.ts'
import { owedFor } from '../../../src/custom-credential/obligations.ts'
import { orphanManifest } from '../../../src/orphaned-credential/record.ts'
import { createReconciler, watchStrays } from '../../../src/orphaned-credential/strays.ts'
import { StrandedRuns } from '../../../src/secret-task/stranded-runs.ts'
import { seeded } from '../../sim/random.ts'
import { FakeApi } from '../../support/fake-api.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { silentLogger } from '../../support/loggers.ts'
import { aTask, CREDENTIAL_UID, CUSTODY, jobOf, TASK_ID } from '../../support/task-run.ts'

const job = jobOf(aTask())
const JOB = {
  ...job,
  metadata: { ...job.metadata, labels: { ...job.metadata.labels, [label.credentialUid]: CREDENTIAL_UID } },
}

const { spec } = aTask()
const why = { reason: 'OutcomeUnknown', since: '2026-01-01T00:00:00Z' } as const
const manifest = orphanManifest(spec.credential, owedFor(TASK_ID, spec, why))
const ORPHAN = { ...manifest, metadata: { ...manifest.metadata, uid: 'uid-orphan', resourceVersion: '1' } }
const CREDENTIAL = {
  metadata: { ...spec.credential, resourceVersion: '1' },
  spec: { providerRef: { name: 'postgres' } },
  status: {},
} as CustomCredential

/** What is queued when this happens to a credential, an orphan of it and a Job, which were all there before. */
function queuedBy(event: (caches: Caches) => void): unknown[] {
  const ports = { api: new FakeApi(), clock: new FakeClock(), random: seeded(1), logger: silentLogger }
  const { caches } = createCaches(ports)
  caches.credentials.replace([CREDENTIAL], '1')
  caches.orphans.replace([{ ...ORPHAN, status: { state: 'Owed', attempts: 0 } }], '1')
  caches.jobs.replace([JOB], '1')
  const queued: unknown[] = []
  let isReady = false
  watchStrays(caches, (key) => {
    if (isReady) queued.push(key)
  })
  isReady = true
  event(caches)
  return queued
}

/** The credentials for which orphans are made when a Job that has ended is found whose credential is gone. */
async function orphansOf({ pods, reported }: { pods: number; reported?: string }): Promise<unknown[]> {
  const clock = new FakeClock()
  const api = new FakeApi()
  const { caches } = createCaches({ api, clock, random: seeded(1), logger: silentLogger })
  const metadata = { ...JOB.metadata, finalizers: [finalizer.jobRelease] }
  const ended: Job = { ...JOB, metadata, status: { conditions: [{ type: 'Failed', status: 'True' }], failed: pods } }
  caches.jobs.replace([api.put(Jobs, ended)], '200')
  if (reported !== undefined) {
    const annotations = { [annotation.credentialsId]: reported }
    const labels = { [label.custody]: CustodyKind.version }
    const payload = { namespace: CUSTODY, name: TASK_ID, uid: 'uid-payload', resourceVersion: '1', labels, annotations }
    caches.secrets.replace([{ metadata: payload }], '1')
  }
  const stranded = new StrandedRuns(clock)
  await createReconciler({ api, caches, clock, stranded, custodyNamespace: CUSTODY })(keyOf(JOB))
  return (api.all(OrphanedCredentials) as OrphanedCredential[]).map((made) => made.spec.credentialsId)
}

describe('a Job whose credential is gone becomes', () => {
  it.each([
    ['an orphan of what its run made, where nothing was reported', { pods: 1 }, [undefined]],
    ['an orphan of what it reported', { pods: 1, reported: 'role-1' }, ['role-1']],
    ['two, where another pod may have made more', { pods: 2, reported: 'role-1' }, ['role-1', undefined]],
  ])('%s', async (_, given, expected) => {
    expect(await orphansOf(given)).toEqual(expected)
  })
})

it('a Job is left alone whose credential is there, though the cache has not heard of it', async () => {
  const clock = new FakeClock()
  const api = new FakeApi()
  const { caches } = createCaches({ api, clock, random: seeded(1), logger: silentLogger })
  const metadata = { ...JOB.metadata, finalizers: [finalizer.jobRelease] }
  caches.jobs.replace([api.put(Jobs, { ...JOB, metadata })], '200')
  api.put(CustomCredentials, CREDENTIAL)
  await createReconciler({ api, caches, clock, stranded: new StrandedRuns(clock), custodyNamespace: CUSTODY })(
    keyOf(JOB),
  )
  expect(api.writes).toEqual([])
})

describe('a Job is looked at anew', () => {
  const events: [string, (caches: Caches) => void][] = [
    ['it changes', ({ jobs }) => jobs.replace([{ ...JOB, metadata: { ...JOB.metadata, resourceVersion: '2' } }], '2')],
    ['its credential goes', ({ credentials }) => credentials.replace([], '2')],
    ['an orphan of its credential goes', ({ orphans }) => orphans.replace([], '2')],
  ]
  it.each(events)('when %s', (_, event) => {
    expect(queuedBy(event)).toEqual([keyOf(JOB)])
  })
})
