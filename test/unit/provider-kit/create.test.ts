import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ProviderError, type Provider } from '../../../src/provider-kit/index.ts'
import { aProvider, fastClock, made, ORIGIN, PASSWORD, run, stoppedClock, TASK } from './stage.ts'
import { taskClient } from '../../../src/provider-kit/task-client.ts'
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

interface Case {
  when: string
  answers?: Reaction[]
  provider?: Partial<Provider>
  exit: string
  reports: string[]
  undone?: boolean
}

describe('the report of a new credential', () => {
  it.each<Case>([
    { when: 'accepted', answers: [200], exit: 'done', reports: [created] },
    { when: 'answered 500, then accepted', answers: [500, 200], exit: 'done', reports: [created, created] },
    {
      when: 'answered 503 and 429, then accepted',
      answers: [503, 429, 200],
      exit: 'done',
      reports: [created, created, created],
    },
    { when: 'lost, then accepted', answers: ['lost', 200], exit: 'done', reports: [created, created] },
    { when: 'refused with 400', answers: [400], exit: 'refused', reports: [created], undone: true },
    { when: 'refused with 404', answers: [404], exit: 'refused', reports: [created], undone: true },
    { when: 'too large', answers: [413], exit: 'refused', reports: [created], undone: true },
    { when: 'lost, then refused', answers: ['lost', 400], exit: 'refused', reports: [created, created], undone: true },
    {
      when: 'unauthorized, then accepted',
      answers: [401, 403, 200],
      exit: 'done',
      reports: [created, created, created],
    },
    { when: 'unauthorized over and over', answers: [401], exit: 'undecided', reports: Array<string>(5).fill(created) },
    { when: 'redirected, then accepted', answers: [307, 200], exit: 'done', reports: [created, created] },
  ])('$when: $exit', async ({ answers = [200], exit, reports, undone = false }) => {
    gateway.reset(answers)
    const provider = aProvider()
    expect((await run(gateway, provider)).exit).toBe(exit)
    expect(gateway.reports).toEqual(reports)
    expect(provider.deleted).toEqual(undone ? ['cred-1'] : [])
  })

  it('is repeated when it is not answered', async () => {
    gateway.reset(['silent', 200])
    expect((await run(gateway, aProvider(), { connect: (to) => taskClient(to, 2_000) })).exit).toBe('done')
    expect(gateway.reports).toEqual([created, created])
  })

  it.each<Reaction>([500, 'lost', 429])(
    'is repeated until the time is up and never undone when the answer is %s',
    async (answer) => {
      gateway.reset([answer])
      const provider = aProvider()
      const clock = fastClock()
      expect((await run(gateway, provider, { clock })).exit).toBe('undecided')
      expect(gateway.reports.length).toBeGreaterThan(15)
      expect(clock.monotonic()).toBeLessThanOrEqual(600_000)
      expect(clock.monotonic()).toBeGreaterThan(560_000)
      expect(provider.deleted).toEqual([])
    },
  )

  it('ends at the deadline of the task', async () => {
    gateway.reset([500])
    const clock = fastClock()
    await run(gateway, aProvider(), {
      clock,
      variables: { SM_ACTION: 'create_credentials', SM_TASK_DEADLINE: '1970-01-01T00:01:00Z' },
    })
    expect(clock.monotonic()).toBeLessThanOrEqual(60_000)
    expect(clock.monotonic()).toBeGreaterThan(30_000)
  })

  it('waits as long as the gateway asks', async () => {
    gateway.reset([{ status: 429, headers: { 'retry-after': '120' } }, 200])
    const clock = fastClock()
    expect((await run(gateway, aProvider(), { clock })).exit).toBe('done')
    expect(clock.monotonic()).toBe(120_000)
  })

  it('is the task update of the Secrets Manager API', async () => {
    gateway.reset([200])
    await run(gateway, aProvider())
    expect(gateway.received).toEqual([
      {
        method: 'PUT',
        path: `/api/v2/secrets/9b2e8c5e-0000-4000-8000-000000000001/tasks/${TASK}`,
        token: 'Bearer token-1',
        body: { status: created, credentials: made },
      },
    ])
  })

  it('is undone in up to three attempts, and stays undecided where none works', async () => {
    gateway.reset([400])
    let attempts = 0
    const deleteCredentials = () => (attempts++, denied())
    expect((await run(gateway, aProvider({ deleteCredentials }))).exit).toBe('undecided')
    expect(attempts).toBe(3)
  })
})

describe('a container that begins when the time of its task is up', () => {
  const variables = { SM_ACTION: 'create_credentials', SM_TASK_DEADLINE: '1969-12-31T23:59:59Z' }
  const processing = { status: 200, body: { status: 'processing' } }

  it.each<{ when: string; answers: Reaction[]; exit: string; reports: string[] }>([
    {
      when: 'makes nothing where the task has ended',
      answers: [{ status: 200, body: { status: 'failed' } }],
      exit: 'undecided',
      reports: [],
    },
    { when: 'makes nothing where the task is gone', answers: [404], exit: 'undecided', reports: [] },
    { when: 'makes nothing where nobody knows its pod any more', answers: [403], exit: 'undecided', reports: [] },
    { when: 'makes nothing where no answer comes', answers: ['lost'], exit: 'undecided', reports: [] },
    { when: 'goes on where clocks differ', answers: [processing, 200], exit: 'done', reports: [created] },
  ])('$when', async ({ answers, exit, reports }) => {
    gateway.reset(answers)
    let attempts = 0
    const createCredentials = () => (attempts++, Promise.resolve(made))
    expect((await run(gateway, aProvider({ createCredentials }), { variables })).exit).toBe(exit)
    expect([attempts, gateway.reports]).toEqual([reports.length, reports])
  })
})

describe('a run that is told to stop', () => {
  it('stops repeating its report and undoes nothing', async () => {
    const stop = new AbortController()
    gateway.reset([() => (stop.abort(), Promise.resolve(503))])
    const provider = aProvider()
    expect((await run(gateway, provider, { signal: stop.signal, clock: stoppedClock })).exit).toBe('stopped')
    expect(gateway.reports).toEqual([created])
    expect(provider.deleted).toEqual([])
  })

  it('still hears the answer to the report under way', async () => {
    const stop = new AbortController()
    gateway.reset([() => (stop.abort(), Promise.resolve(200))])
    expect((await run(gateway, aProvider(), { signal: stop.signal, clock: stoppedClock })).exit).toBe('done')
  })

  it('undoes what is refused even then', async () => {
    const stop = new AbortController()
    gateway.reset([() => (stop.abort(), Promise.resolve(400))])
    const provider = aProvider()
    expect((await run(gateway, provider, { signal: stop.signal, clock: stoppedClock })).exit).toBe('refused')
    expect(provider.deleted).toEqual(['cred-1'])
  })

  it('ends although the provider does not', async () => {
    const stop = new AbortController()
    const createCredentials = () => (stop.abort(), new Promise<never>(() => undefined))
    expect((await run(gateway, aProvider({ createCredentials }), { signal: stop.signal })).exit).toBe('stopped')
  })

  it('does not report what the stop itself broke', async () => {
    gateway.reset([200])
    const stop = new AbortController()
    const createCredentials = () => (stop.abort(), denied())
    expect(
      (await run(gateway, aProvider({ createCredentials }), { signal: stop.signal, clock: stoppedClock })).exit,
    ).toBe('stopped')
    expect(gateway.reports).toEqual([])
  })
})

describe('the log', () => {
  it.each<Pick<Case, 'when' | 'answers' | 'provider'>>([
    { when: 'the report is refused', answers: [500, 400] },
    { when: 'creating fails', provider: { createCredentials: broken } },
    { when: 'creating fails and nothing is found', provider: { createCredentials: broken, find: nothing } },
    { when: 'verifying fails', provider: { verify: broken } },
  ])('holds neither a password nor the token when $when', async ({ answers = [200], provider = {} }) => {
    gateway.reset(answers)
    const { log } = await run(gateway, aProvider(provider))
    expect(log).not.toBe('')
    expect(log).not.toContain(PASSWORD)
    expect(log).not.toContain('token-1')
    expect(JSON.stringify(gateway.received.filter(({ body }) => body?.status === 'failed'))).not.toContain(PASSWORD)
  })
})

it('a credential is deleted with the task that made it as its origin', async () => {
  gateway.reset([404])
  let origin: string | undefined = ORIGIN
  const deleteCredentials: Provider['deleteCredentials'] = ({ originTaskId }) => (
    (origin = originTaskId),
    Promise.resolve()
  )
  await run(gateway, aProvider({ deleteCredentials }))
  expect(origin).toBe(TASK)
})
