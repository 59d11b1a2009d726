import { beforeEach, describe, expect, it } from 'vitest'
import { ApiError } from '../../../src/kube/errors.ts'
import { createEventRecorder, type EventRecord, type EventRecorder } from '../../../src/kube/events.ts'
import { FakeApi } from '../../support/fake-api.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { silentLogger } from '../../support/loggers.ts'

const regarding = { apiVersion: 'test.dev/v1', kind: 'Thing', namespace: 'ns', name: 'a', uid: 'u1' }
const rotated: EventRecord = {
  regarding,
  type: 'Normal',
  reason: 'Rotated',
  action: 'Rotate',
  note: 'version 2 is in use',
}

let api: FakeApi
let clock: FakeClock
let events: EventRecorder

beforeEach(() => {
  api = new FakeApi()
  clock = new FakeClock()
  const port = { api, clock, random: () => 0.5, logger: silentLogger }
  events = createEventRecorder({ ...port, controller: 'test.dev/operator', instance: 'pod-1' })
})

const written = () => api.all({ group: '', version: '', plural: 'events', kind: '', namespaced: true })
const notes = () => written().map((event) => (event as unknown as EventRecord).note)
const verbs = () => api.writes.map((call) => call.split(' ')[0])

async function record(...all: EventRecord[]) {
  for (const event of all) events.record(event)
  await events.flush()
}

describe('an event recorder', () => {
  it('writes what events.k8s.io/v1 asks for', async () => {
    await record(rotated)
    expect(written()).toMatchObject([
      {
        ...rotated,
        metadata: { namespace: 'ns' },
        eventTime: '2026-01-01T00:00:00.000000Z',
        reportingController: 'test.dev/operator',
        reportingInstance: 'pod-1',
      },
    ])
    expect(written()[0]?.metadata.name).toMatch(/^a\.[0-9a-f]{19}$/)
  })

  it('counts what happens again within five minutes: the 2nd, 4th, 8th time are written', async () => {
    for (let i = 0; i < 10; i++) {
      await record(rotated)
      await clock.advance(1_000)
    }
    expect(verbs()).toEqual(['create', 'patch', 'patch', 'patch'])
    expect(written()).toMatchObject([{ series: { count: 8, lastObservedTime: '2026-01-01T00:00:07.000000Z' } }])
  })

  it('shows at least every five minutes that it still happens', async () => {
    for (let i = 0; i < 40; i++) {
      await record(rotated)
      await clock.advance(60_000)
    }
    expect(verbs().length).toBeGreaterThan(8)
    expect(written().length).toBe(1)
  })

  it('writes anew what happens again later', async () => {
    await record(rotated)
    await clock.advance(300_001)
    await record(rotated)
    expect(verbs()).toEqual(['create', 'create'])
  })

  it.each<[string, Partial<EventRecord>]>([
    ['reason', { reason: 'Other' }],
    ['note', { note: 'version 3 is in use' }],
    ['type', { type: 'Warning' }],
    ['object', { regarding: { ...regarding, uid: 'u2' } }],
  ])('takes another %s for another event', async (_, difference) => {
    await record(rotated, { ...rotated, ...difference })
    await clock.advance(1)
    expect(verbs()).toEqual(['create', 'create'])
  })

  it('puts events of what is cluster-scoped into the default namespace, as the API server wants it', async () => {
    const { namespace: _namespace, ...wide } = regarding
    await record({ ...rotated, regarding: wide })
    expect(written()[0]?.metadata.namespace).toBe('default')
  })

  it('cuts a note that is too long for the API server', async () => {
    await record({ ...rotated, note: 'x'.repeat(5_000) })
    expect(notes()).toEqual(['x'.repeat(1_024)])
  })

  it.each<[string, string, string]>([
    ['of two bytes', 'é'.repeat(600), 'é'.repeat(512)],
    ['of three bytes', '漢'.repeat(400), '漢'.repeat(341)],
    ['of four bytes', '🔑'.repeat(300), '🔑'.repeat(256)],
    ['that does not fit as a whole', `${'x'.repeat(1_022)}🔑`, 'x'.repeat(1_022)],
    ['that just fits', `${'x'.repeat(1_020)}🔑`, `${'x'.repeat(1_020)}🔑`],
    ['that is half a pair', '\ud83d'.repeat(400), '\ufffd'.repeat(341)],
  ])('counts bytes in a note, and cuts no character in two: one %s', async (_, note, expected) => {
    await record({ ...rotated, note })
    expect(notes()).toEqual([expected])
    expect(Buffer.byteLength(expected)).toBeLessThanOrEqual(1_024)
  })

  it('goes on after a failure, and tells nobody', async () => {
    api.meet('create', new ApiError('Forbidden', 'no', { code: 403 }))
    await record(rotated, { ...rotated, reason: 'Other' })
    expect(written()).toMatchObject([{ reason: 'Other' }])
  })

  it.each([
    ['Normal', 500],
    ['Warning', 1_000],
  ] as const)('drops events of type %s when the API server does not keep up, after %s', async (type, kept) => {
    const held = Promise.withResolvers<never>()
    api.create = () => held.promise
    for (let i = 0; i < 3_000; i++) events.record({ ...rotated, type, note: `${i}` })
    let sent = 0
    api.create = () => {
      sent += 1
      return Promise.reject(new Error('no'))
    }
    held.reject(new Error('no'))
    await events.flush()
    expect(sent).toBe(kept)
  })
})
