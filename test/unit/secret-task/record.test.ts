import { describe, expect, it } from 'vitest'
import type { SecretTask } from '../../../src/api/generated.ts'
import { annotation, label } from '../../../src/api/labels.ts'
import { createCaches } from '../../../src/caches.ts'
import { fold } from '../../../src/custom-credential/ledger.ts'
import { taskLabels } from '../../../src/secret-task/job.ts'
import { seeded } from '../../sim/random.ts'
import { owedBy, unknownOf } from '../../support/builders.ts'
import { aCreation, aDeletion, type TaskBuilder } from '../../support/builders-tasks.ts'
import { FakeApi } from '../../support/fake-api.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { silentLogger } from '../../support/loggers.ts'

/** As the API server sends it, with inputs and marks of many kilobytes. */
const asSent = ({ object: { metadata, spec, status } }: TaskBuilder): SecretTask => ({
  apiVersion: 'customcredentials.dev/v1alpha1',
  kind: 'SecretTask',
  metadata: {
    ...metadata,
    generation: 1,
    creationTimestamp: '2026-01-01T00:00:00Z',
    finalizers: ['example.com/hold'],
    labels: { ...taskLabels(spec), [label.orphan]: 'orders-1', 'example.com/team': 'a'.repeat(63) },
    annotations: { [annotation.rotateRequestedAt]: 'now', 'example.com/note': 'n'.repeat(10_000) },
    managedFields: [{ manager: 'custom-credentials-operator' }],
  },
  spec: { ...spec, parameters: { database: 'd'.repeat(10_000) }, secretParameters: { ca: { name: 'authority' } } },
  status,
})

const cached = (task: SecretTask): SecretTask => {
  const ports = { api: new FakeApi(), clock: new FakeClock(), random: seeded(1), logger: silentLogger }
  const { tasks } = createCaches(ports).caches
  tasks.remember(structuredClone(task))
  return tasks.by('byId', task.metadata.name)[0] as SecretTask
}

const bytes = (value: unknown): number => JSON.stringify(value).length

const OVER: readonly [string, TaskBuilder][] = [
  ['a creation that has succeeded', aCreation(1).created()],
  ['a creation that was suspect', aCreation(1).created().suspect('It exited with 1.')],
  ['a creation that has failed', aCreation(1).failed('Nothing')],
  ['a creation of which nobody knows what it made', aCreation(1).failed('Unknown')],
  ['a deletion that has succeeded', aDeletion(1).deleted()],
  ['a deletion that has failed', aDeletion(1).failed('Unknown')],
  ['a search that has succeeded', aDeletion(1, { credentialsId: undefined }).deleted()],
]
const OPEN: readonly [string, TaskBuilder][] = [
  ['waits', aCreation(1).queued()],
  ['runs', aCreation(1).processing()],
  ['deletes', aDeletion(1).processing()],
]

describe('what the cache keeps of a task', () => {
  it.each(OPEN)('that %s is all but who has written it', (_, builder) => {
    const { managedFields: _written, ...metadata } = asSent(builder).metadata
    expect(cached(asSent(builder))).toEqual({ ...asSent(builder), metadata })
  })

  it.each(OVER)('that is over does not grow with what others have put on it: %s', (_, builder) => {
    const { metadata, status } = cached(asSent(builder))
    expect(Object.keys(metadata.labels ?? {}).sort()).toEqual([label.credentialUid, label.orphan])
    expect(Object.keys(metadata.annotations ?? {})).toEqual([annotation.rotateRequestedAt])
    expect(bytes(metadata)).toBeLessThan(420)
    expect(bytes(status)).toBeLessThan(420)
  })

  it.each(OVER)('that is over keeps its status whole, for that is written anew from there: %s', (_, builder) => {
    expect(cached(asSent(builder)).status).toEqual(builder.object.status)
  })

  it.each(OVER)('that is over tells the same of what exists upstream: %s', (_, builder) => {
    const known = { versions: [], unresolved: [owedBy(1), unknownOf(1)], locks: [], lastFailure: undefined }
    const ledger = { ...known, nextVersion: { number: 1, attempts: 0, failures: 0 } }
    const told = (task: SecretTask) => fold(ledger, { tasks: [task], runs: [], custody: [] }, 0)
    expect(told(cached(asSent(builder)))).toEqual(told(asSent(builder)))
  })

  it('that has made something tells how, by which it is undone', () => {
    const sent = asSent(aCreation(1).created())
    expect(cached(sent).spec).toEqual(sent.spec)
  })

  it('that was a deletion forgets its inputs, once it is over', () => {
    const { parameters: _values, secretParameters: _read, ...spec } = asSent(aDeletion(1).deleted()).spec
    const kept = cached(asSent(aDeletion(1).deleted()))
    expect(kept.spec).toEqual({ ...spec, parameters: {} })
    expect(bytes(kept)).toBeLessThan(1500)
  })
})
