import { expect, it } from 'vitest'
import { createCaches } from '../../../src/caches.ts'
import { Jobs } from '../../../src/api/resources.ts'
import { assertRunSeen } from '../../../src/secret-task/unseen.ts'
import { seeded } from '../../sim/random.ts'
import { FakeApi } from '../../support/fake-api.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { silentLogger } from '../../support/loggers.ts'
import { aTask, jobOf } from '../../support/task-run.ts'

const JOB = jobOf(aTask())
const key = { namespace: JOB.metadata.namespace ?? '', name: JOB.metadata.name }

function setUp() {
  const api = new FakeApi()
  const { caches } = createCaches({ api, clock: new FakeClock(), random: seeded(1), logger: silentLogger })
  return { api, caches }
}

it('a Job that is known is not asked for', async () => {
  const { api, caches } = setUp()
  caches.jobs.remember(JOB)
  await assertRunSeen({ api, caches }, key)
  expect(api.calls).toEqual([])
})

it('a Job that is not known because it is gone stands in nobody’s way', async () => {
  const { api, caches } = setUp()
  await expect(assertRunSeen({ api, caches }, key)).resolves.toBeUndefined()
  expect(api.calls).toHaveLength(1)
})

it('a Job that is not known yet is known from then on, and what was decided without it is not done', async () => {
  const { api, caches } = setUp()
  const job = api.put(Jobs, JOB)
  await expect(assertRunSeen({ api, caches }, key)).rejects.toThrow('was not known yet')
  expect(caches.jobs.get(key)).toEqual(job)
})
