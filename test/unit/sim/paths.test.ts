import { describe, expect, it } from 'vitest'
import type { CustomCredentialSpec } from '../../../src/api/generated.ts'
import type { Resource } from '../../../src/api/meta.ts'
import { CustomCredentials, Jobs, OrphanedCredentials, Secrets, SecretTasks } from '../../../src/api/resources.ts'
import { run } from '../../sim/run.ts'
import type { Step } from '../../sim/workloads/workload.ts'
import type { World } from '../../sim/world.ts'

type Spec = Partial<CustomCredentialSpec>

const HOUR_MS = 3_600_000

/** The world comes to rest with each spec before the next one takes its place. */
const rests = (what: string, act: (world: World) => void): Step => {
  let until: number | undefined
  return {
    what,
    act: (world) => {
      act(world)
      until = world.scheduler.now() + HOUR_MS
      world.scheduler.after(HOUR_MS, 'an hour has gone by', () => undefined)
    },
    reached: ({ scheduler }) => scheduler.now() >= (until ?? Infinity),
  }
}
const creates = (spec: Spec): Step =>
  rests('create', ({ people }) => {
    people.createCredential('team-a', 'orders', spec)
  })
const edits = (spec: object): Step =>
  rests('edit', ({ people }) => {
    people.editCredential('team-a', 'orders', spec)
  })

/** All that is there at the end, as far as two lives can have it in common: no identity, no time, no count of edits. */
async function endOf(steps: readonly Step[]): Promise<string[]> {
  let last: World | undefined
  const workload = { name: 'path', says: 'A way to a spec.', steps: [...steps, rests('rest', () => undefined)] }
  const onFact = (_: unknown, world: World) => (last = world)
  const { violation } = await run({ workload: 'path', seed: 0, faults: [] }, { workload, onFact })
  expect(violation).toBeUndefined()
  const kinds: Resource[] = [CustomCredentials, SecretTasks, Jobs, Secrets, OrphanedCredentials]
  const objects = kinds.flatMap(({ plural, ...kind }) => {
    const list = last?.server.list({ plural, ...kind }).items ?? []
    return list.map((object) => `${plural} ${JSON.stringify(essenceOf(object))}`)
  })
  return objects.map(anonymous).toSorted()
}

const PASSING = new Set(['resourceVersion', 'generation', 'observedGeneration', 'managedFields'])

/** Without what counts how often a spec was edited; in the order of the alphabet. */
const essenceOf = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(essenceOf)
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(([key]) => !PASSING.has(key))
  return Object.fromEntries(kept.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, one]) => [key, essenceOf(one)]))
}

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g
const TIME = /\d{4}-\d\d-\d\dT[\d:.]+Z/g
const anonymous = (text: string): string => text.replace(UUID, 'an ID').replace(TIME, 'a time')

const GOLD: Spec = { target: { labels: { tier: 'gold' } } }

describe('L6: whatever a spec has said before, what it says now comes to the same end', () => {
  it.each<[string, Spec, object, Spec]>([
    ['other labels', { target: { labels: { tier: 'silver' } } }, GOLD, GOLD],
    [
      'a template',
      { target: { template: { password: '{{ password }}', url: 'http://{{ password }}' } } },
      { target: null },
      {},
    ],
    ['labels that it has taken back', GOLD, { target: null }, {}],
    ['another interval', { rotation: { interval: '30d' } }, { rotation: null }, {}],
    ['a lock', { locks: [{ name: 'audit', version: 'current' }] }, { locks: null }, {}],
    ['suspension', { suspend: true }, { suspend: null }, {}],
    ['a provider that is not there', { providerRef: { name: 'nobody' } }, { providerRef: { name: 'ledger' } }, {}],
    ['a parameter that its provider does not know', { parameters: { size: 'XL' } }, { parameters: null }, {}],
    [
      'a template with a key that no provider gives',
      { target: { template: { url: '{{ user }}' } } },
      { target: null },
      {},
    ],
    [
      'a window that never opens',
      { rotation: { interval: '1d', window: { schedule: '0 0 30 2 *', duration: '1h' } } },
      { rotation: null },
      {},
    ],
    [
      'an input Secret that is not there',
      { secretParameters: { admin: { name: 'gone' } } },
      { secretParameters: null },
      {},
    ],
    ['a login that cannot be adopted', { adopt: { secretName: 'gone', credentialsId: 'x' } }, { adopt: null }, {}],
    ['a moment that has passed by', { revokeIssuedBefore: '2020-01-01T00:00:00Z' }, { revokeIssuedBefore: null }, {}],
  ])('%s', async (_, before, edit, after) => {
    expect(await endOf([creates(before), edits(edit)])).toEqual(await endOf([creates(after)]))
  })
})

it('tells two ends apart', async () => {
  expect(await endOf([creates(GOLD)])).not.toEqual(await endOf([creates({})]))
})
