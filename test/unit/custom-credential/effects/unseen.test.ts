import { expect, it } from 'vitest'
import { keyOf } from '../../../../src/api/meta.ts'
import { SecretTasks } from '../../../../src/api/resources.ts'
import { createCaches } from '../../../../src/caches.ts'
import { act } from '../../../../src/custom-credential/effects/act.ts'
import { decide } from '../../../../src/custom-credential/decide.ts'
import { assertNoTryUnseen } from '../../../../src/custom-credential/effects/unseen.ts'
import { taskLabels } from '../../../../src/secret-task/job.ts'
import { seeded } from '../../../sim/random.ts'
import { aCredential, after, at, owedBy } from '../../../support/builders.ts'
import { aSnapshot } from '../../../support/builders-snapshot.ts'
import { aDeletion } from '../../../support/builders-tasks.ts'
import { FakeApi } from '../../../support/fake-api.ts'
import { FakeClock } from '../../../support/fake-clock.ts'
import { silentLogger } from '../../../support/loggers.ts'

const { object } = aDeletion(1).queued()
const TASK = { ...object, metadata: { ...object.metadata, labels: taskLabels(object.spec) } }

function setUp() {
  const api = new FakeApi()
  const { caches } = createCaches({ api, clock: new FakeClock(), random: seeded(1), logger: silentLogger })
  return { api, caches }
}

it('nothing is handed over while there is a task that the decision did not know of', async () => {
  const ports = setUp()
  const task = ports.api.put(SecretTasks, TASK)
  await expect(assertNoTryUnseen(ports, aSnapshot().snapshot)).rejects.toThrow('1 tasks were not known yet')
  expect(ports.caches.tasks.get(keyOf(task))).toEqual(task)
})

it('a task that the decision knew of stands in nobody’s way', async () => {
  const ports = setUp()
  ports.api.put(SecretTasks, TASK)
  const { items } = await ports.api.list(SecretTasks, {})
  const { snapshot } = aSnapshot()
  await expect(assertNoTryUnseen(ports, { ...snapshot, tasks: items })).resolves.toBeUndefined()
})

it('no OrphanedCredential is made before that look', async () => {
  const ports = {
    ...setUp(),
    custodyNamespace: 'custom-credentials-system',
    handedOff: () => undefined,
    events: { record: () => undefined },
  }
  ports.api.put(SecretTasks, TASK)
  const tried = aCredential()
    .deleted()
    .owing(owedBy(1, { attempts: 1, nextAttemptTime: at('10s') }))
  const { snapshot } = aSnapshot().of(tried).at(after('15m'))
  const decision = decide(snapshot)
  expect(decision.prepare.map(({ kind }) => kind)).toContain('recordOrphan')
  await expect(act(ports, snapshot, decision)).rejects.toThrow('1 tasks were not known yet')
  expect(ports.api.calls.filter((call) => call.startsWith('create'))).toEqual([])
})
