import { expect, it } from 'vitest'
import { label } from '../../../src/api/labels.ts'
import { Secrets, SecretTasks } from '../../../src/api/resources.ts'
import { createCaches } from '../../../src/caches.ts'
import { kitManifest } from '../../../src/custody/kit.ts'
import { createReconciler } from '../../../src/secret-task/controller.ts'
import { RunMemory } from '../../../src/secret-task/run-memory.ts'
import { seeded } from '../../sim/random.ts'
import { aCredential, KIT, run } from '../../support/builders.ts'
import { aCreation } from '../../support/builders-tasks.ts'
import { FakeApi } from '../../support/fake-api.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { silentLogger } from '../../support/loggers.ts'
import { CREDENTIAL_UID, CUSTODY } from '../../support/task-run.ts'

it('a task begins no earlier than its turn, by which its rate is counted', async () => {
  const clock = new FakeClock()
  const api = new FakeApi()
  const { caches } = createCaches({ api, clock, random: seeded(1), logger: silentLogger })
  const kit = { ...run, template: { spec: { containers: [] } }, outputs: [], capabilities: [] }
  await api.create(Secrets, kitManifest(CUSTODY, { name: 'orders', uid: CREDENTIAL_UID }, kit))
  const labels = { [label.credentialUid]: CREDENTIAL_UID }
  caches.secrets.replace(
    [{ metadata: { namespace: CUSTODY, name: KIT, uid: 'kit', resourceVersion: '1', labels } }],
    '1',
  )
  caches.credentials.replace([aCredential().object], '1')
  const task = api.put(SecretTasks, aCreation(1).object)
  caches.tasks.replace([task], '1')
  let turnAt = Infinity
  const throttle = {
    of: () => {
      clock.jump(1)
      turnAt = clock.now()
      return { given: true } as const
    },
  }
  const reconcile = createReconciler({
    api,
    caches,
    clock,
    throttle,
    memory: new RunMemory(clock),
    events: { record: () => undefined, flush: () => Promise.resolve() },
    custodyNamespace: CUSTODY,
    revocationNamespace: 'revocation',
    gateway: () => ({ url: 'https://gateway', ca: '' }),
  })
  const { namespace = '', name } = task.metadata
  await reconcile({ namespace, name })
  const { startedAt = '' } = api.peek(SecretTasks, { namespace, name })?.status ?? {}
  expect(Date.parse(startedAt)).toBeGreaterThanOrEqual(turnAt)
})
