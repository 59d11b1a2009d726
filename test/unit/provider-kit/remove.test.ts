import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ProviderError, type Provider } from '../../../src/provider-kit/index.ts'
import { aProvider, deleteOrder, findOrder, ORIGIN, run } from './stage.ts'
import { type Reaction, TaskGateway } from './task-gateway.ts'

let gateway: TaskGateway
beforeAll(async () => {
  gateway = await TaskGateway.start()
})
afterAll(() => gateway[Symbol.asyncDispose]())

const deleted = 'credentials_deleted'
const failing = () => Promise.reject(new ProviderError('Unreachable', 'The database does not answer.'))
const finding =
  (...ids: string[]) =>
  () =>
    Promise.resolve(ids)

interface Case {
  when: string
  order: Record<string, string>
  provider?: Partial<Provider>
  answers?: Reaction[]
  exit: string
  reports: string[]
  deleted?: string[]
  code?: string
}

describe('a delete task', () => {
  it.each<Case>([
    { when: 'the credential is deleted', order: deleteOrder, exit: 'done', reports: [deleted], deleted: ['cred-1'] },
    {
      when: 'the report is lost once',
      order: deleteOrder,
      answers: ['lost', 200],
      exit: 'done',
      reports: [deleted, deleted],
      deleted: ['cred-1'],
    },
    {
      when: 'the task was cancelled',
      order: deleteOrder,
      answers: [404],
      exit: 'refused',
      reports: [deleted],
      deleted: ['cred-1'],
    },
    {
      when: 'the gateway is away',
      order: deleteOrder,
      answers: [401],
      exit: 'undecided',
      reports: Array<string>(5).fill(deleted),
      deleted: ['cred-1'],
    },
    {
      when: 'deleting fails',
      order: deleteOrder,
      provider: { deleteCredentials: failing },
      exit: 'failed',
      reports: ['failed'],
      code: 'Unreachable',
    },
    {
      when: 'two are found',
      order: findOrder,
      provider: { find: finding('a', 'b') },
      exit: 'done',
      reports: [deleted],
      deleted: ['a', 'b'],
    },
    { when: 'nothing is found', order: findOrder, provider: { find: finding() }, exit: 'done', reports: [deleted] },
    {
      when: 'the search fails',
      order: findOrder,
      provider: { find: failing },
      exit: 'failed',
      reports: ['failed'],
      code: 'Unreachable',
    },
    {
      when: 'the provider cannot search',
      order: findOrder,
      exit: 'failed',
      reports: ['failed'],
      code: 'FindNotSupported',
    },
  ])(
    '$when: $exit',
    async ({ order, provider: overrides = {}, answers = [200], exit, reports, deleted = [], code }) => {
      gateway.reset(answers)
      const provider = aProvider(overrides)
      expect((await run(gateway, provider, { variables: order })).exit).toBe(exit)
      expect(gateway.reports).toEqual(reports)
      expect(provider.deleted).toEqual(deleted)
      if (code !== undefined) expect(gateway.received[0]?.body?.['errors']).toMatchObject([{ code }])
    },
  )

  it('looks for what its origin made, and passes the origin on', async () => {
    gateway.reset([200])
    const seen: unknown[] = []
    const provider: Partial<Provider> = {
      find: ({ originTaskId }) => (seen.push(originTaskId), Promise.resolve(['a'])),
      deleteCredentials: ({ credentialsId, originTaskId }) => (
        seen.push(credentialsId, originTaskId),
        Promise.resolve()
      ),
    }
    await run(gateway, aProvider(provider), { variables: findOrder })
    expect(seen).toEqual([ORIGIN, 'a', ORIGIN])
  })
})
