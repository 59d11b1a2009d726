import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { aCredential, anOrphan, aTask, taskId } from './crds-builders.ts'
import { ask, install, OPERATOR, ours, until, type Answer } from './crds-cluster.ts'

const NAMESPACE = 'crds-lifecycle'
const tasks = ours('secrettasks', NAMESPACE)
const credentials = ours('customcredentials', NAMESPACE)
const asOperator = (body: unknown) => ({ as: OPERATOR, body })

beforeAll(async () => {
  await install()
  await ask('POST', '/api/v1/namespaces', { body: { metadata: { name: NAMESPACE } } })
})

afterAll(async () => {
  await ask('DELETE', `${ours('orphanedcredentials')}/${NAMESPACE}`)
  await ask('DELETE', `/api/v1/namespaces/${NAMESPACE}`)
  await until(async () => (await ask('GET', `/api/v1/namespaces/${NAMESPACE}`)).code === 404)
})

const names = ({ body }: Answer): unknown[] =>
  (body['items'] as { metadata: { name: string } }[]).map(({ metadata }) => metadata.name)

describe('Without a status', () => {
  it('a task reads queued, and is found so', async () => {
    await ask('POST', tasks, asOperator(aTask(NAMESPACE, taskId(1))))
    expect((await ask('GET', `${tasks}/${taskId(1)}`)).body['status']).toEqual({ state: 'queued' })
    expect(names(await ask('GET', `${tasks}?fieldSelector=status.state=queued`))).toContain(taskId(1))
    expect(names(await ask('GET', `${tasks}?fieldSelector=status.state=processing`))).toEqual([])
  })

  it('a credential has not been observed', async () => {
    await ask('POST', credentials, { body: aCredential(NAMESPACE, 'new') })
    expect((await ask('GET', `${credentials}/new`)).body['status']).toEqual({ observedGeneration: 0 })
  })

  it('an orphan is owed, and was never tried', async () => {
    const { body } = await ask('POST', ours('orphanedcredentials'), asOperator(anOrphan(NAMESPACE)))
    const { body: read } = await ask('GET', `${ours('orphanedcredentials')}/${NAMESPACE}`)
    expect([body['kind'], read['status']]).toEqual(['OrphanedCredential', { state: 'Owed', attempts: 0 }])
  })
})

describe('Field selectors', () => {
  it('find credentials by provider', async () => {
    await ask('POST', credentials, { body: aCredential(NAMESPACE, 'by-vault', { providerRef: { name: 'vault' } }) })
    expect(names(await ask('GET', `${credentials}?fieldSelector=spec.providerRef.name=vault`))).toEqual(['by-vault'])
  })

  it.each(['spec.type=delete_credentials', 'spec.credential.name=other', 'spec.credential.uid=other'])(
    'find tasks by %s',
    async (selector) => {
      const credential = { namespace: NAMESPACE, name: 'other', uid: 'other' }
      const deletion = { type: 'delete_credentials', originTaskId: taskId(0), credential }
      await ask('POST', tasks, asOperator(aTask(NAMESPACE, taskId(2), deletion)))
      expect(names(await ask('GET', `${tasks}?fieldSelector=${selector}`))).toEqual([taskId(2)])
    },
  )
})

describe("A credential's Secret", () => {
  it.each([
    ['another one', undefined, 'another', 0, 200],
    ['another one than was named', 'login', 'another', 15, 200],
    ['its default', 'login', null, 0, 200],
    ['another one while there are many former ones', 'login', 'another', 16, 422],
    ['what it is by default, while there are many former ones', undefined, 'credential', 16, 200],
  ])('is asked to become %s', async (_what, before, after, formers, code) => {
    const spec = before === undefined ? {} : { target: { name: before } }
    await ask('DELETE', `${credentials}/credential`)
    await ask('POST', credentials, { body: aCredential(NAMESPACE, 'credential', spec) })
    const formerTargets = Array.from({ length: formers }, (_, index) => ({ name: `former-${index}`, uid: `${index}` }))
    const status = await ask('PATCH', `${credentials}/credential/status`, asOperator({ status: { formerTargets } }))
    expect(status.code).toBe(200)
    const answer = await ask('PATCH', `${credentials}/credential`, { body: { spec: { target: { name: after } } } })
    expect(answer.code).toBe(code)
    if (code === 422) expect(answer.message).toContain('let them be removed first')
  })
})

describe("The type of a credential's Secret", () => {
  it.each([
    ['another', undefined, 'kubernetes.io/basic-auth', 422],
    ['another than was named', 'kubernetes.io/basic-auth', 'Opaque', 422],
    ['its default', 'kubernetes.io/basic-auth', null, 422],
    ['what was its default, by name', undefined, 'Opaque', 200],
  ])('can not become %s', async (_what, before, after, code) => {
    const spec = before === undefined ? {} : { target: { type: before } }
    await ask('DELETE', `${credentials}/credential`)
    await ask('POST', credentials, { body: aCredential(NAMESPACE, 'credential', spec) })
    const answer = await ask('PATCH', `${credentials}/credential`, { body: { spec: { target: { type: after } } } })
    expect(answer.code).toBe(code)
    if (code === 422) expect(answer.message).toContain('another spec.target.name and the new type')
  })
})

describe('A task', () => {
  const errors = [{ code: 'timeout', description: 'No report in time.' }]
  const processing = { state: 'processing', startedAt: '2026-01-02T03:04:05Z' }
  const created = { state: 'credentials_created', result: { credentialsId: 'orders_1' }, outcome: 'Created' }
  const deleted = { state: 'credentials_deleted', outcome: 'Deleted' }
  const failed = { state: 'failed', errors, outcome: 'Unknown' }
  const queued = { state: 'queued' }

  let next = 100
  let task = ''
  const write = (status: Readonly<Record<string, unknown>>): Promise<Answer> =>
    ask('PATCH', `${task}/status`, asOperator({ status }))

  async function inState(status: { readonly state: string }, spec = {}): Promise<void> {
    const name = taskId(next++)
    task = `${tasks}/${name}`
    await ask('POST', tasks, asOperator(aTask(NAMESPACE, name, spec)))
    if (status.state !== 'queued') expect((await write(processing)).code).toBe(200)
    if (status.state !== 'queued' && status.state !== 'processing') expect((await write(status)).code).toBe(200)
  }

  it.each([
    { from: queued, to: processing },
    { from: queued, to: failed },
    { from: processing, to: created },
    { from: processing, to: failed },
  ])('goes from $from.state to $to.state', async ({ from, to }) => {
    await inState(from)
    expect(await write(to)).toMatchObject({ code: 200, body: { status: to } })
  })

  it.each([
    { from: queued, to: created },
    { from: processing, to: queued },
    { from: created, to: failed },
    { from: created, to: processing },
    { from: failed, to: created },
    { from: failed, to: queued },
  ])('never goes from $from.state to $to.state', async ({ from, to }) => {
    await inState(from)
    const cleared = { errors: null, result: null, outcome: null }
    const { code, message } = await write({ ...cleared, ...to })
    expect(code).toBe(422)
    expect(message).toContain('a task goes from queued to processing (or failed)')
  })

  it('ends once: it can not be made new by leaving the status out', async () => {
    await inState(failed)
    const { code, message } = await ask('PATCH', `${task}/status`, asOperator({ status: null }))
    expect([code, message]).toEqual([422, expect.stringContaining('a task goes from queued')])
  })

  it.each([
    ['errors', failed, { errors: [{ code: 'other', description: 'Something else.' }] }],
    ['errors', failed, { errors: null }],
    ['result', created, { result: { credentialsId: 'orders_2' } }],
    ['result', created, { result: null }],
    ['outcome', failed, { outcome: 'Nothing' }],
    ['outcome', created, { outcome: null }],
  ])('that has ended keeps its %s', async (field, end, change) => {
    await inState(end)
    const { code, message } = await write(change)
    expect(code).toBe(422)
    expect(message).toContain(field)
  })

  it('that has ended may still become suspect', async () => {
    await inState(created)
    expect((await write({ suspect: 'The container failed after its report.' })).code).toBe(200)
  })

  it.each([
    ['fails without an error', { state: 'failed', outcome: 'Unknown' }, 'status.errors says why a task failed'],
    ['succeeds without a result', { state: 'credentials_created', outcome: 'Created' }, 'status.result names what'],
    ['ends without an outcome', { state: 'failed', errors }, 'status.outcome says what may exist upstream'],
    ['has an error but did not fail', { errors }, 'status.errors says why a task failed'],
    ['creates but was to delete', deleted, 'a create task ends in credentials_created or failed'],
  ])('never %s', async (_what, status, why) => {
    await inState(processing)
    const { code, message } = await write(status)
    expect(code).toBe(422)
    expect(message).toContain(why)
  })

  describe('that deletes', () => {
    beforeEach(() => inState(processing, { type: 'delete_credentials', originTaskId: taskId(0) }))

    it('ends in credentials_deleted', async () => {
      expect((await write(deleted)).code).toBe(200)
    })

    it('never ends in credentials_created', async () => {
      expect((await write(created)).message).toContain('a delete task in credentials_deleted or failed')
    })
  })

  it.each([
    ['version', { version: 2 }],
    ['parameter', { parameters: { database: 'invoices' } }],
    ['new parameter', { parameters: { schema: 'public' } }],
    ['credential', { credential: { uid: 'another' } }],
  ])('keeps its spec, whoever asks for another %s', async (_what, spec) => {
    await inState(queued)
    const { code, message } = await ask('PATCH', task, { body: { spec } })
    expect([code, message]).toEqual([422, expect.stringContaining('the spec of a task can not change')])
  })
})

it('An orphan keeps its spec', async () => {
  const change = { spec: { credentialsId: 'another' } }
  const { code, message } = await ask('PATCH', `${ours('orphanedcredentials')}/${NAMESPACE}`, asOperator(change))
  expect([code, message]).toEqual([422, expect.stringContaining('is a record and can not change')])
})
