import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { KIT_ERRORS, type KitErrorCode } from '../../../src/provider-kit/error-codes.ts'
import type { Provider } from '../../../src/provider-kit/index.ts'
import { aProvider, createOrder, deleteOrder, findOrder, made, run } from './stage.ts'
import { TaskGateway } from './task-gateway.ts'

let gateway: TaskGateway
beforeEach(async () => {
  gateway = await TaskGateway.start()
})
afterEach(() => gateway[Symbol.asyncDispose]())

const broken = () => Promise.reject(new Error('a secret, perhaps'))
const readsNothing: Provider['createCredentials'] = async ({ readSecret }) => {
  await readSecret('admin')
  return made
}

/** A run for each: the type leaves none out. */
const REACHED: Readonly<Record<KitErrorCode, readonly [order: Record<string, string>, Partial<Provider>]>> = {
  ProviderFailed: [deleteOrder, { deleteCredentials: broken }],
  InvalidCredentials: [createOrder, { createCredentials: () => Promise.resolve({ ...made, id: '' }) }],
  VerificationFailed: [createOrder, { verify: broken }],
  SecretInputUnavailable: [createOrder, { createCredentials: readsNothing, find: () => Promise.resolve([]) }],
  FindNotSupported: [findOrder, {}],
}

describe('each code that the kit gives to an error of a task', () => {
  it.each(Object.entries(REACHED))('%s is reached', async (code, [variables, provider]) => {
    gateway.reset([200])
    await run(gateway, aProvider(provider), { variables })
    expect(gateway.received.at(-1)?.body?.['errors']).toMatchObject([{ code }])
  })

  it('is told with what it means and what to do', () => {
    for (const { means, remedy } of Object.values(KIT_ERRORS)) {
      expect(means).toMatch(/^[A-Z].*\.$/)
      expect(remedy).toMatch(/^[A-Z].*\.$/)
    }
  })
})
