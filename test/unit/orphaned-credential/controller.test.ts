import { describe, expect, it } from 'vitest'
import type { SecretTask } from '../../../src/api/generated.ts'
import { annotation, CustodyKind, finalizer, label } from '../../../src/api/labels.ts'
import { keyOf, type ObjectMeta } from '../../../src/api/meta.ts'
import { type Namespace, OrphanedCredentials, Secrets, SecretTasks } from '../../../src/api/resources.ts'
import { createCaches } from '../../../src/caches.ts'
import type { WatchEvent } from '../../../src/kube/port.ts'
import { createReconciler, watchOrphans } from '../../../src/orphaned-credential/controller.ts'
import { StrandedRuns } from '../../../src/secret-task/stranded-runs.ts'
import { seeded } from '../../sim/random.ts'
import { aCredential, at, delivered, KIT, owedBy, run, unknownOf } from '../../support/builders.ts'
import { anOrphan } from '../../support/builders-snapshot.ts'
import { aDeletion } from '../../support/builders-tasks.ts'
import { FakeApi } from '../../support/fake-api.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { silentLogger } from '../../support/loggers.ts'
import { CREDENTIAL_UID, CUSTODY } from '../../support/task-run.ts'

const kit = {
  metadata: {
    namespace: CUSTODY,
    name: KIT,
    uid: 'kit-uid',
    resourceVersion: '1',
    labels: { [label.credentialUid]: CREDENTIAL_UID, [label.custody]: CustodyKind.kit },
  },
  data: { kit: Buffer.from(JSON.stringify({ template: {}, jobNamespace: 'team-a' })).toString('base64') },
}

/** Orphans of one credential that is gone, whose deletions have succeeded. */
function over(...credentialsIds: readonly (string | undefined)[]) {
  const api = new FakeApi()
  const clock = new FakeClock()
  const { caches } = createCaches({ api, clock, random: seeded(1), logger: silentLogger })
  const orphans = credentialsIds.map((credentialsId, index) => {
    const orphan = anOrphan(credentialsId === undefined ? unknownOf(1) : owedBy(1, { credentialsId }))
    return api.put(OrphanedCredentials, { ...orphan, metadata: { ...orphan.metadata, uid: `orphan-${index}` } })
  })
  const tasks = credentialsIds.map((credentialsId, index) => {
    const { metadata, ...task } = aDeletion(1, { credentialsId }).deleted().object
    const labels = { [label.orphan]: orphans[index]?.metadata.name ?? '' }
    return api.put(SecretTasks, { ...task, metadata: { ...metadata, namespace: 'revocation', labels } })
  })
  api.put(Secrets, kit)
  caches.orphans.replace(orphans, '1')
  caches.tasks.replace(tasks, '1')
  caches.secrets.replace([kit], '1')
  const events = { record: () => undefined, flush: () => Promise.resolve() }
  const stranded = new StrandedRuns(clock)
  const ports = { api, caches, clock, events, stranded, custodyNamespace: CUSTODY, revocationNamespace: 'revocation' }
  return { api, caches, keys: orphans.map(keyOf), reconcile: createReconciler(ports) }
}

it('the last orphan of a credential takes the kit with it', async () => {
  const { api, keys, reconcile } = over('role-1', undefined)
  for (const key of keys) await reconcile(key)
  expect(api.all(Secrets)).toEqual([])
})

it('one of two orphans that are over at the same moment takes the kit with it', async () => {
  const { api, keys, reconcile } = over('role-1', undefined)
  await Promise.all(keys.map(reconcile))
  expect(api.all(OrphanedCredentials)).toEqual([])
  expect(api.all(Secrets)).toEqual([])
})

it('an orphan leaves the kit to another one of the same credential', async () => {
  const { api, keys, reconcile } = over('role-1', undefined)
  await reconcile(keys[0] ?? { name: '' })
  expect(api.all(Secrets)).toHaveLength(1)
})

/** An orphan whose deletion is due, with the kit of a run in this very namespace, and what is there besides. */
async function ordered({ namespaceUid, living }: { namespaceUid: string; living?: 'another' | 'its own' }) {
  const api = new FakeApi()
  const clock = new FakeClock()
  const { caches } = createCaches({ api, clock, random: seeded(1), logger: silentLogger })
  const orphan = api.put(OrphanedCredentials, anOrphan(owedBy(1)))
  const content = { ...run, jobNamespaceUid: 'namespace-uid', template: {}, outputs: [], capabilities: [] }
  api.put(Secrets, { ...kit, data: { kit: Buffer.from(JSON.stringify(content)).toString('base64') } })
  caches.orphans.replace([orphan], '1')
  caches.secrets.replace([kit], '1')
  caches.namespaces.replace([{ metadata: { name: 'team-a', uid: namespaceUid, resourceVersion: '1' } }], '1')
  const bearer = aCredential().having(delivered(2, at(), { credentialsId: orphan.spec.credentialsId ?? '' })).object
  const uid = living === 'another' ? 'another-uid' : orphan.spec.credential.uid
  const leaving = { deletionTimestamp: at(), finalizers: [finalizer.revocation] }
  const metadata = { ...bearer.metadata, uid, ...(living === 'its own' && leaving) }
  caches.credentials.replace(living ? [{ ...bearer, metadata }] : [], '1')
  const events = { record: () => undefined, flush: () => Promise.resolve() }
  const stranded = new StrandedRuns(clock)
  const ports = { api, caches, clock, events, stranded, custodyNamespace: CUSTODY, revocationNamespace: 'revocation' }
  await createReconciler(ports)(keyOf(orphan))
  const [task] = api.all(SecretTasks) as SecretTask[]
  const moved = api.all(Secrets).filter(({ metadata }) => metadata.labels?.[label.orphan] !== undefined)
  return {
    jobNamespace: task?.spec.jobNamespace,
    moved: moved.length,
    status: api.peek(OrphanedCredentials, keyOf(orphan))?.status,
  }
}

it('an orphan’s Job runs where its provider’s always ran', async () => {
  expect(await ordered({ namespaceUid: 'namespace-uid' })).toMatchObject({ jobNamespace: 'team-a', moved: 0 })
})

it('it never runs in a namespace that was made anew under the name: that is another tenant’s', async () => {
  expect(await ordered({ namespaceUid: 'another-uid' })).toMatchObject({ jobNamespace: 'revocation', moved: 1 })
})

it('nothing is deleted while a version that is in use bears the same ID, whichever credential’s it is', async () => {
  const { jobNamespace, status } = await ordered({ namespaceUid: 'namespace-uid', living: 'another' })
  expect([jobNamespace, status?.state]).toEqual([undefined, 'Blocked'])
})

it('nothing is deleted, nor are people asked, until the credential that hands it over has it no more', async () => {
  const { jobNamespace, status } = await ordered({ namespaceUid: 'namespace-uid', living: 'its own' })
  expect([jobNamespace, status?.state, status?.message]).toEqual([undefined, 'Owed', undefined])
})

it('what a run has made is not searched for while one of what it has made is left to people', async () => {
  const { api, caches, reconcile } = over()
  const left = anOrphan(owedBy(1, { credentialsId: 'login', reason: 'Retained' }))
  const unknown = anOrphan(unknownOf(1))
  const search = { ...unknown, spec: { ...unknown.spec, find: true } }
  const [one, other] = [left, search].map((orphan, nth) =>
    api.put(OrphanedCredentials, { ...orphan, metadata: { ...orphan.metadata, name: `o-${nth}`, uid: `o-${nth}` } }),
  )
  caches.orphans.replace(
    [one, other].flatMap((orphan) => orphan ?? []),
    '1',
  )
  const queued: string[] = []
  watchOrphans(caches, ({ name }) => queued.push(name))
  await reconcile({ name: 'o-1' })
  expect(api.all(SecretTasks)).toEqual([])
  expect(api.peek(OrphanedCredentials, { name: 'o-1' })?.status).toMatchObject({
    state: 'Blocked',
    message: expect.stringContaining('is left to people by OrphanedCredential o-0') as string,
  })
  if (one) caches.orphans.forget(one)
  expect(queued).toContain('o-1')
})

/** Two objects have had the same login: one owes its deletion, and one has left it to people, who have it forgotten. */
function rivalling() {
  const there = over()
  const { owed, left } = {
    owed: anOrphan(owedBy(1, { credentialsId: 'login' })),
    left: anOrphan(owedBy(2, { credentialsId: 'login', reason: 'Retained' })),
  }
  const annotations = { [annotation.forget]: 'true' }
  const orphans = [
    there.api.put(OrphanedCredentials, { ...owed, metadata: { ...owed.metadata, uid: 'owed' } }),
    there.api.put(OrphanedCredentials, { ...left, metadata: { ...left.metadata, uid: 'left', annotations } }),
  ]
  there.caches.orphans.replace(orphans, '1')
  return { ...there, keys: orphans.map(keyOf) }
}

it('what is left to people and forgotten is revoked by nobody else', async () => {
  const { api, keys, reconcile } = rivalling()
  await reconcile(keys[1] ?? { name: '' })
  expect(api.all(OrphanedCredentials).map(({ metadata: { uid, annotations } }) => [uid, annotations])).toEqual([
    ['owed', { [annotation.forget]: 'true' }],
  ])
  await reconcile(keys[0] ?? { name: '' })
  expect(api.all(OrphanedCredentials)).toEqual([])
  expect(api.all(SecretTasks)).toEqual([])
})

it('an orphan that another one of the same credentials keeps waiting is looked at when that one goes', () => {
  const { caches, keys } = rivalling()
  const queued: string[] = []
  watchOrphans(caches, ({ name }) => queued.push(name))
  queued.length = 0
  const left = caches.orphans.get(keys[1] ?? { name: '' })
  if (left) caches.orphans.forget(left)
  expect(queued).toContain(keys[0]?.name)
})

describe('a namespace', () => {
  const metadata = { name: 'team-a', uid: 'namespace-uid', resourceVersion: '5' }
  const leaving = { deletionTimestamp: at('1h') }
  it.each<[string, number, WatchEvent<Namespace>['type'], Partial<ObjectMeta>]>([
    ['comes', 1, 'ADDED', { name: 'team-b', uid: 'team-b-uid' }],
    ['is being deleted', 1, 'MODIFIED', leaving],
    ['is gone', 1, 'DELETED', leaving],
    ['was made anew', 1, 'MODIFIED', { uid: 'another-uid' }],
    ['has other labels', 0, 'MODIFIED', { labels: { team: 'a' } }],
  ])('that %s has so many orphans looked at: %i', (_, looks, type, news) => {
    const { caches } = over('role-1')
    caches.namespaces.replace([{ metadata }], '5')
    const queued = new Set<string>()
    watchOrphans(caches, ({ name }) => queued.add(name))
    queued.clear()
    caches.namespaces.apply({ type, object: { metadata: { ...metadata, ...news, resourceVersion: '6' } } })
    expect(queued.size).toBe(looks)
  })
})
