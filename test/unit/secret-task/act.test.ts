import { describe, expect, it } from 'vitest'
import type { CredentialsProvider, SecretTaskSpec } from '../../../src/api/generated.ts'
import { Jobs, Secrets } from '../../../src/api/resources.ts'
import { createCaches } from '../../../src/caches.ts'
import { kitManifest, type RevocationKit } from '../../../src/custody/kit.ts'
import type { ApiError } from '../../../src/kube/errors.ts'
import { act } from '../../../src/secret-task/act.ts'
import type { TaskSnapshot } from '../../../src/secret-task/decide.ts'
import { RunMemory } from '../../../src/secret-task/run-memory.ts'
import { seeded } from '../../sim/random.ts'
import { FakeApi } from '../../support/fake-api.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { silentLogger } from '../../support/loggers.ts'
import { REFUSALS } from '../../support/refusals.ts'
import { aTask, CREDENTIAL_UID, CUSTODY } from '../../support/task-run.ts'

const REVOCATION = 'revocation'

const template = (image: string) => ({ spec: { containers: [{ name: 'provider', image }] } })

/** The pinned provider, edited since. */
const edited: CredentialsProvider = {
  metadata: { namespace: 'team-a', name: 'postgres', uid: 'provider-uid', resourceVersion: '1', generation: 2 },
  spec: { template: template('edited'), schema: { credentials: [{ name: 'password', type: 'string' }] } },
  status: { observedGeneration: 2 },
}

interface Given {
  readonly spec?: Partial<SecretTaskSpec>
  readonly provider?: CredentialsProvider
  readonly kit?: 'gone'
  readonly refusal?: ApiError
}

/** What comes of the creation of a Job by the process that has claimed the task. */
async function createJob({ spec = {}, provider, kit, refusal }: Given) {
  const clock = new FakeClock()
  const api = new FakeApi()
  const { caches } = createCaches({ api, clock, random: seeded(1), logger: silentLogger })
  const task = aTask({}, spec)
  const { parameters, jobNamespace, timeoutSeconds } = task.spec
  const made = { provider: task.spec.provider, parameters, jobNamespace, timeoutSeconds }
  const content: RevocationKit = { ...made, template: template('of the kit'), outputs: [], capabilities: [] }
  if (kit === undefined)
    await api.create(Secrets, kitManifest(CUSTODY, { name: 'orders', uid: CREDENTIAL_UID }, content))
  if (refusal) api.meet('create jobs', refusal)
  if (provider) caches.providers.replace([provider], '1')
  const ports = {
    api,
    caches,
    custodyNamespace: CUSTODY,
    revocationNamespace: REVOCATION,
    gateway: () => ({ url: 'https://gateway', ca: '' }),
    memory: new RunMemory(clock),
  }
  const finding = await act(ports, { task } as TaskSnapshot, { kind: 'createJob' })
  const job = api.peek(Jobs, { namespace: jobNamespace, name: task.metadata.name })
  return { finding, image: job?.spec?.template.spec?.containers[0]?.image }
}

const deletion = { type: 'delete_credentials', originTaskId: 'sm-task-1', credentialsId: 'role-1' } as const

describe('a Job is made', () => {
  it.each<[string, string, Given]>([
    ['from the kit where the provider is gone', 'of the kit', {}],
    ['from the kit where it creates and the provider was edited since', 'of the kit', { provider: edited }],
    ['from the provider as it is now where it deletes', 'edited', { provider: edited, spec: deletion }],
    [
      'in the revocation namespace from the kit, whose template was judged to refer to nothing there',
      'of the kit',
      { provider: edited, spec: { ...deletion, jobNamespace: REVOCATION } },
    ],
  ])('%s', async (_, image, given) => {
    expect(await createJob(given)).toEqual({ finding: undefined, image })
  })

  it('not at all where neither provider nor kit is left, which is found out and not tried for ever', async () => {
    const { finding, image } = await createJob({ kit: 'gone' })
    expect(finding?.jobRefusal).toMatch(/^The Job cannot be made: .* not found$/)
    expect(image).toBeUndefined()
  })

  it.each(REFUSALS)(
    'not at all where the API server refuses it (%i), which is not tried for ever either',
    async (_, refusal) => {
      const finding = { jobRefusal: 'The Job cannot be made: denied by a webhook' }
      expect(await createJob({ refusal })).toEqual({ finding, image: undefined })
    },
  )
})
