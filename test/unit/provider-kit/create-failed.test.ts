import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CredentialsExistError, ProviderError, type Provider } from '../../../src/provider-kit/index.ts'
import { aProvider, PASSWORD, run, TASK } from './stage.ts'
import { type Reaction, TaskGateway } from './task-gateway.ts'

let gateway: TaskGateway
beforeAll(async () => {
  gateway = await TaskGateway.start()
})
afterAll(() => gateway[Symbol.asyncDispose]())

const created = 'credentials_created'
const rejecting = (error: Error) => () => Promise.reject(error)
const denied = rejecting(new ProviderError('Denied', 'The login may not.'))
const broken = rejecting(new Error(`connect failed for admin:${PASSWORD}@db`))
const nothing = () => Promise.resolve([])
const something = () => Promise.resolve(['cred-1'])

interface Case {
  when: string
  provider: Partial<Provider>
  exit: string
  reports: string[]
}

describe('a credential that could not be made', () => {
  it.each<Case>([
    { when: 'a clean refusal', provider: { createCredentials: denied }, exit: 'failed', reports: ['failed'] },
    {
      when: 'a clean refusal, nothing found',
      provider: { createCredentials: denied, find: nothing },
      exit: 'failed',
      reports: ['failed'],
    },
    {
      when: 'a clean refusal, search impossible',
      provider: { createCredentials: denied, find: broken },
      exit: 'failed',
      reports: ['failed'],
    },
    {
      when: 'a clean refusal, yet something found',
      provider: { createCredentials: denied, find: something },
      exit: 'undecided',
      reports: [],
    },
    { when: 'an unknown error', provider: { createCredentials: broken }, exit: 'undecided', reports: [] },
    {
      when: 'an unknown error, nothing found',
      provider: { createCredentials: broken, find: nothing },
      exit: 'failed',
      reports: ['failed'],
    },
    {
      when: 'an unknown error, search impossible',
      provider: { createCredentials: broken, find: broken },
      exit: 'undecided',
      reports: [],
    },
    {
      when: 'an unknown error, something found',
      provider: { createCredentials: broken, find: something },
      exit: 'undecided',
      reports: [],
    },
  ])('$when: $exit, and nothing is deleted', async ({ provider: overrides, exit, reports }) => {
    gateway.reset([200])
    const provider = aProvider(overrides)
    expect((await run(gateway, provider)).exit).toBe(exit)
    expect(gateway.reports).toEqual(reports)
    expect(provider.deleted).toEqual([])
  })

  it('is looked for under the task of this run', async () => {
    gateway.reset([200])
    let asked: string | undefined
    const find: Provider['find'] = ({ originTaskId }) => ((asked = originTaskId), nothing())
    await run(gateway, aProvider({ createCredentials: broken, find }))
    expect(asked).toBe(TASK)
  })

  it('is reported with the code and description that the provider worded', async () => {
    gateway.reset([200])
    await run(gateway, aProvider({ createCredentials: denied }))
    expect(gateway.received[0]?.body?.['errors']).toEqual([{ code: 'Denied', description: 'The login may not.' }])
  })
})

describe('a credential that must not be reported', () => {
  it.each<Case & { code?: string }>([
    {
      when: 'it does not work',
      provider: { verify: denied },
      exit: 'failed',
      reports: ['failed'],
      code: 'VerificationFailed',
    },
    {
      when: 'an output is a fraction',
      provider: { createCredentials: () => Promise.resolve({ id: 'cred-1', payload: { ratio: 0.5 } }) },
      exit: 'failed',
      reports: ['failed'],
      code: 'InvalidCredentials',
    },
  ])('$when: deleted, then reported as failed', async ({ provider: overrides, exit, reports, code }) => {
    gateway.reset([200])
    const provider = aProvider(overrides)
    expect((await run(gateway, provider)).exit).toBe(exit)
    expect(provider.deleted).toEqual(['cred-1'])
    expect(gateway.reports).toEqual(reports)
    expect(gateway.received[0]?.body?.['errors']).toMatchObject([{ code }])
  })

  it('is not reported as failed where it could not be deleted: that would say that nothing exists', async () => {
    gateway.reset([200])
    expect((await run(gateway, aProvider({ verify: denied, deleteCredentials: broken }))).exit).toBe('undecided')
    expect(gateway.reports).toEqual([])
  })
})

describe('the second pod of a Job', () => {
  const createCredentials = rejecting(new CredentialsExistError())
  const task = (status: string): Reaction => ({ status: 200, body: { id: TASK, status } })
  it.each([
    {
      when: 'the first reports later',
      answers: [task('processing'), 503, 'lost' as const, task(created)],
      exit: 'done',
    },
    { when: 'the first has reported', answers: [task(created)], exit: 'done' },
    { when: 'the task failed', answers: [task('failed')], exit: 'undecided' },
    { when: 'the task was cancelled', answers: [404], exit: 'undecided' },
    { when: 'the first never reports', answers: [task('processing')], exit: 'undecided' },
  ])('reports nothing and deletes nothing when $when: $exit', async ({ answers, exit }) => {
    gateway.reset(answers)
    const provider = aProvider({ createCredentials, find: something })
    expect((await run(gateway, provider)).exit).toBe(exit)
    expect(gateway.received.every(({ method }) => method === 'GET')).toBe(true)
    expect(provider.deleted).toEqual([])
  })
})
