import { rm, writeFile } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { aProvider, createOrder, run } from './stage.ts'
import { TaskGateway } from './task-gateway.ts'

let gateway: TaskGateway
beforeEach(async () => {
  gateway = await TaskGateway.start()
})
afterEach(() => gateway[Symbol.asyncDispose]())

describe('a report', () => {
  it('carries the token of the moment: it is rotated while a task runs', async () => {
    gateway.reset([() => writeFile(gateway.tokenFile, 'token-2\n').then(() => 401), 200])
    expect((await run(gateway, aProvider())).exit).toBe('done')
    expect(gateway.received.map(({ token }) => token)).toEqual(['Bearer token-1', 'Bearer token-2'])
  })

  it('is not sent to a server that the given authorities do not vouch for', async () => {
    await using other = await TaskGateway.start()
    const variables = { ...createOrder, SM_CA_FILE: other.caFile }
    expect((await run(gateway, aProvider(), { variables })).exit).toBe('undecided')
    expect(gateway.received).toEqual([])
  })

  it('is not sent to a server that bears another name', async () => {
    const variables = { ...createOrder, SM_INSTANCE_URL: gateway.url.replace('127.0.0.1', 'localhost') }
    expect((await run(gateway, aProvider(), { variables })).exit).toBe('undecided')
    expect(gateway.received).toEqual([])
  })

  it('waits for files that cannot be read, and undoes nothing', async () => {
    await rm(gateway.tokenFile)
    const provider = aProvider()
    expect((await run(gateway, provider)).exit).toBe('undecided')
    expect(provider.deleted).toEqual([])
  })
})
