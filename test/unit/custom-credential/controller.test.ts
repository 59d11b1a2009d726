import { expect, it } from 'vitest'
import { annotation, CustodyKind, label, restartedBy, restartedFor } from '../../../src/api/labels.ts'
import { keyOf } from '../../../src/api/meta.ts'
import { CustomCredentials, Deployments, Secrets } from '../../../src/api/resources.ts'
import { createCaches } from '../../../src/caches.ts'
import { act, TaskRefused } from '../../../src/custom-credential/effects/act.ts'
import { copyInput } from '../../../src/custom-credential/effects/copy-input.ts'
import { createReconciler, watchCredentials } from '../../../src/custom-credential/controller.ts'
import { decide } from '../../../src/custom-credential/decide.ts'
import { observe } from '../../../src/custom-credential/observe.ts'
import type { Snapshot } from '../../../src/custom-credential/snapshot.ts'
import { keyText } from '../../../src/kube/key.ts'
import { StrandedRuns } from '../../../src/secret-task/stranded-runs.ts'
import { seeded } from '../../sim/random.ts'
import { aCredential, after, aProvider, at, aVersion, delivered, owedBy, unknownOf } from '../../support/builders.ts'
import { anOrphan, aSnapshot } from '../../support/builders-snapshot.ts'
import { FakeApi } from '../../support/fake-api.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { silentLogger } from '../../support/loggers.ts'
import { REFUSALS } from '../../support/refusals.ts'

function setUp() {
  const api = new FakeApi()
  const { caches } = createCaches({ api, clock: new FakeClock(), random: seeded(1), logger: silentLogger })
  const told: string[] = []
  const events = { record: ({ reason }: { reason: string }) => told.push(reason) }
  return { api, caches, events, told, custodyNamespace: 'custom-credentials-system', handedOff: () => undefined }
}

it('a credential that waits until its orphans are fewer is looked at when one goes', () => {
  const { caches } = setUp()
  const { credential } = aSnapshot().snapshot
  caches.credentials.replace([credential], '1')
  caches.orphans.replace([anOrphan(unknownOf(1))], '1')
  const queued: string[] = []
  watchCredentials(caches, (key) => queued.push(keyText(key)))
  queued.length = 0
  caches.orphans.replace([], '2')
  expect(queued).toEqual([keyText(keyOf(credential))])
})

it('a credential whose Secret is not there yet is looked at when it is, and no other is', () => {
  const { caches } = setUp()
  const { object } = aCredential().spec({ secretParameters: { admin: { name: 'ledger-admin' } } })
  caches.credentials.replace([object], '1')
  caches.otherSecrets.replace([], '1')
  const queued: string[] = []
  watchCredentials(caches, (key) => queued.push(keyText(key)))
  queued.length = 0
  const secret = (namespace: string) => ({
    metadata: { namespace, name: 'ledger-admin', uid: `uid-of-${namespace}`, resourceVersion: '2' },
  })
  caches.otherSecrets.remember(secret('team-b'))
  expect(queued).toEqual([])
  caches.otherSecrets.remember(secret('team-a'))
  expect(queued).toEqual([keyText(keyOf(object))])
})

it('a copy of a Secret is made once, and then follows it', async () => {
  const ports = setUp()
  ports.caches.secrets.replace([], '1')
  const { snapshot } = aSnapshot()
  const copies = () => ports.api.all(Secrets).filter(({ metadata }) => metadata.namespace === ports.custodyNamespace)
  for (const version of ['1', '2']) {
    const metadata = { namespace: 'team-a', name: 'ledger-admin', uid: 'secret-uid', resourceVersion: version }
    const { resourceVersion } = ports.api.put(Secrets, { metadata, data: { password: 'cA==' } }).metadata
    await copyInput(ports, snapshot, 'ledger-admin')
    expect(copies().map(({ metadata }) => metadata.annotations?.[annotation.copied])).toEqual([
      `secret-uid/${resourceVersion}`,
    ])
  }
  expect(ports.caches.secrets.list().map(({ metadata }) => metadata.labels?.[label.custody])).toEqual([
    CustodyKind.copy,
  ])
})

it('no copy is made of a login to the cluster itself', async () => {
  const ports = setUp()
  const metadata = { namespace: 'team-a', name: 'ledger-admin', uid: 'secret-uid', resourceVersion: '1' }
  ports.api.put(Secrets, { metadata, type: 'kubernetes.io/service-account-token' })
  await copyInput(ports, aSnapshot().snapshot, 'ledger-admin')
  expect(ports.api.all(Secrets).map(({ metadata: { name } }) => name)).toEqual(['ledger-admin'])
})

it('a version that does not arrive is no story of one that has', async () => {
  const ports = setUp()
  const { snapshot } = aSnapshot().of(aCredential().having(delivered(1), aVersion(2)))
  ports.api.put(CustomCredentials, snapshot.credential)
  const decision = decide(snapshot)
  expect(decision.stories.map(({ reason }) => reason)).toEqual(['Activated'])
  const foreign = { namespace: 'team-a', name: snapshot.credential.metadata.name, uid: 'foreign', resourceVersion: '1' }
  ports.api.put(Secrets, { metadata: foreign })
  const trouble = await act({ ...ports, handedOff: () => ({ password: 'eA==' }) }, snapshot, decision)
  expect(trouble.delivery?.reason).toBe('TargetConflict')
  expect(ports.told).toEqual([])
})

it('a payload that is gone before it was delivered is replaced by another version, and owed a deletion', async () => {
  const ports = setUp()
  const { snapshot } = aSnapshot()
    .of(aCredential().having(delivered(1), aVersion(2)))
    .showing(1)
  const trouble = await act(ports, snapshot, decide(snapshot))
  expect(trouble.delivery?.message).toContain('gone from custody')
  const { status, release } = decide({ ...snapshot, trouble })
  expect(status.unresolved).toMatchObject([{ reason: 'Undelivered', version: 2 }])
  expect(release).toMatchObject([{ kind: 'createTask', order: { spec: { version: 3 } } }])
})

it('a version that the target shows is not given up though its payload is gone: consumers may log in with it', async () => {
  const ports = setUp()
  const { snapshot } = aSnapshot()
    .of(aCredential().having(delivered(1), aVersion(2)))
    .showing(2)
  const trouble = await act(ports, snapshot, decide(snapshot))
  expect(trouble.delivery?.message).toContain('gone from custody')
  expect(decide({ ...snapshot, trouble }).status.unresolved).toEqual([])
})

/** A snapshot of a credential as the API server has it by now. */
function seen(ports: ReturnType<typeof setUp>, snapshot: Snapshot): Snapshot {
  const credential =
    ports.api.peek(CustomCredentials, keyOf(snapshot.credential)) ??
    ports.api.put(CustomCredentials, snapshot.credential)
  ports.caches.credentials.remember(credential)
  return { ...snapshot, credential }
}

it('a look at a rollout holds up nothing: the status tells at once that all have followed', async () => {
  const ports = setUp()
  const web = { kind: 'Deployment', name: 'web' } as const
  const credential = aCredential()
    .spec({ restartTargets: [web], rotation: { minOverlap: '1d', overlapEnds: 'AfterRestarts' } })
    .having(delivered(1), delivered(2, at('1h')))
    .status({ currentVersion: 2, restarts: [{ ...web, version: 2 }] })
  const first = seen(ports, aSnapshot().of(credential).showing(2).at(after('1h30s')).snapshot)
  const { name, uid } = first.credential.metadata
  ports.api.put(Deployments, {
    metadata: { namespace: 'team-a', name: 'web', uid: 'uid-web', resourceVersion: '1', generation: 1 },
    spec: { template: { metadata: { annotations: { [restartedBy(name)]: uid, [restartedFor(name)]: '2' } } } },
    status: { observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: 1 },
  })
  await act(ports, first, decide(first))
  expect(seen(ports, first).credential.status.versions).toMatchObject([{}, { followedAt: at('1h30s') }])
})

it.each(REFUSALS)(
  'a task that the API server refuses (%i) is a condition from the second try on',
  async (_, refusal) => {
    const ports = setUp()
    const first = seen(ports, aSnapshot().snapshot)
    const clock = new FakeClock()
    const reconcile = createReconciler({ ...ports, clock, stranded: new StrandedRuns(clock) })
    ports.caches.providers.replace([aProvider()], '1')
    ports.caches.secrets.replace([], '1')
    const { metadata } = first.credential
    for (const _try of [1, 2]) {
      ports.api.meet('create secrettasks', refusal)
      await expect(reconcile(keyOf(first.credential))).rejects.toThrow(TaskRefused)
    }
    const reason = {
      reason: 'TaskRefused',
      message:
        'The API server refuses the next task: denied by a webhook. Remove what refuses it. It is tried again within 5 minutes.',
    }
    expect(ports.api.peek(CustomCredentials, metadata)?.status.conditions).toMatchObject([
      { type: 'Ready', status: 'False', ...reason },
      { type: 'Reconciling', status: 'True', ...reason },
    ])
    // Once it is made, the condition is decided anew.
    expect(await reconcile(keyOf(first.credential))).toEqual({ requeueAfterMs: 0 })
  },
)

it('what can be undone by no record and no kit is handed over to an orphan, and holds up nothing else', async () => {
  const ports = setUp()
  const owed = [owedBy(1, { kit: 'kit-that-is-gone' }), owedBy(2)]
  const { snapshot } = aSnapshot()
    .of(
      aCredential()
        .having(delivered(3), delivered(4))
        .owing(...owed),
    )
    .showing(4)
  const first = seen(ports, snapshot)
  const trouble = await act(ports, first, decide(first))
  const { prepare, status, release } = decide({ ...first, trouble })
  expect(prepare).toMatchObject([{ kind: 'recordOrphan', owed: { version: 1 } }])
  expect(status.unresolved).toMatchObject([{ version: 2 }])
  expect(release).toContainEqual(expect.objectContaining({ kind: 'createTask' }))
})

it('a payload that is gone when its Secret is, too, is replaced by another version', async () => {
  const ports = setUp()
  const { snapshot } = aSnapshot().of(aCredential().having(delivered(1), delivered(2)))
  const first = seen(ports, snapshot)
  const trouble = await act(ports, first, decide(first))
  expect(decide({ ...first, trouble }).release).toMatchObject([{ kind: 'createTask', order: { spec: { version: 3 } } }])
})

it('a delivery that keeps failing is tried less and less often', async () => {
  const ports = setUp()
  const foreign = { namespace: 'team-a', name: 'orders-database', uid: 'foreign', resourceVersion: '1' }
  ports.api.put(Secrets, { metadata: foreign })
  let s = seen(ports, aSnapshot().of(aCredential().having(aVersion(1))).snapshot)
  const waits: number[] = []
  for (let nth = 0; nth < 7; nth++) {
    const trouble = await act({ ...ports, handedOff: () => ({ password: 'eA==' }) }, s, decide(s))
    const retryAt = trouble.delivery?.retryAt ?? 0
    waits.push((retryAt - s.now) / 1000)
    s = seen(ports, { ...s, trouble, now: retryAt })
  }
  expect(waits).toEqual([10, 20, 40, 80, 160, 300, 300])
})

it('a kit that an orphan has made for itself is not the credential’s to throw away', () => {
  const { caches } = setUp()
  const { credential } = aSnapshot().snapshot
  caches.credentials.replace([credential], '1')
  const kit = (name: string, labels: object = {}) => ({
    metadata: {
      namespace: 'custom-credentials-system',
      name,
      uid: name,
      resourceVersion: '1',
      labels: { [label.credentialUid]: credential.metadata.uid, [label.custody]: CustodyKind.kit, ...labels },
    },
  })
  caches.secrets.replace([kit('its-own'), kit('moved', { [label.orphan]: 'an-orphan' })], '1')
  const facts = { now: 0, custodyNamespace: 'custom-credentials-system', stranded: new StrandedRuns(new FakeClock()) }
  const snapshot = observe(caches, keyOf(credential), { ...facts, trouble: {} })
  expect(snapshot?.custody.map(({ name }) => name)).toEqual(['its-own'])
})

it('an adoption that has failed waits its time: what stands in its way stays known meanwhile', async () => {
  const ports = setUp()
  const { snapshot } = aSnapshot()
    .with({ provider: aProvider({ capabilities: ['adopt'] }) })
    .of(aCredential().spec({ adopt: { secretName: 'legacy', credentialsId: 'app_1' } }))
    .trouble({ adoption: { message: 'no Secret', generation: 1, tries: 1, retryAt: after('10s') } })
  ports.api.put(CustomCredentials, snapshot.credential)
  ports.caches.credentials.replace([snapshot.credential], '1')
  const seen = { ...snapshot, credential: ports.api.put(CustomCredentials, snapshot.credential) }
  expect(await act(ports, seen, decide(seen))).toEqual(seen.trouble)
})
