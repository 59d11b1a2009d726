import { expect, it } from 'vitest'
import { keyOf } from '../../../src/api/meta.ts'
import { CustomCredentials, Secrets } from '../../../src/api/resources.ts'
import { createCaches } from '../../../src/caches.ts'
import { act } from '../../../src/custom-credential/act.ts'
import { watchCredentials } from '../../../src/custom-credential/controller.ts'
import { decide } from '../../../src/custom-credential/decide.ts'
import { keyText } from '../../../src/kube/key.ts'
import { seeded } from '../../sim/random.ts'
import { aCredential, aVersion, delivered, unknownOf } from '../../support/builders.ts'
import { anOrphan, aSnapshot } from '../../support/builders-snapshot.ts'
import { FakeApi } from '../../support/fake-api.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { silentLogger } from '../../support/loggers.ts'

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
