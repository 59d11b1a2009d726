import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { Manifest, Resource } from '../../../src/api/meta.ts'
import * as resources from '../../../src/api/resources.ts'
import { ApiServer } from '../../sim/api-server/api-server.ts'
import { divergence } from '../../sim/conformance/compare.ts'
import { sequenceOf } from '../../sim/conformance/generate.ts'
import { KIND_NAMES } from '../../sim/conformance/kinds/index.ts'
import { modelPort } from '../../sim/conformance/model-port.ts'
import { OPERATIONS } from '../../sim/conformance/operations.ts'
import { play } from '../../sim/conformance/play.ts'
import type { Port } from '../../sim/conformance/port.ts'
import type { Sequence } from '../../sim/conformance/sequence.ts'
import { shrunk } from '../../sim/conformance/shrink.ts'
import { readTraces } from '../../sim/conformance/traces.ts'
import { playOnModel } from '../../sim/conformance/trial.ts'

const recorded = readTraces(readFileSync(new URL('../../sim/conformance/traces.json', import.meta.url), 'utf8'))
const model = (): Port => modelPort(new ApiServer({ now: () => 0 }))

describe('the recorded answers of a real API server', () => {
  it('are those of the model', async () => {
    for (const trace of recorded) {
      const { sequence } = trace
      expect(divergence(sequence, trace.real, await playOnModel(sequence)), told(sequence)).toBeUndefined()
    }
  })

  it('tell of every kind of operation and of every kind of object', () => {
    const steps = recorded.flatMap(({ sequence }) => sequence)
    expect(new Set(steps.map(({ operation }) => operation))).toEqual(
      new Set(OPERATIONS.map(({ operation }) => operation)),
    )
    expect(new Set(steps.map(({ kind }) => kind))).toEqual(new Set(KIND_NAMES))
  })
})

describe('the samples that the real API server judges in the API tier', () => {
  const folder = new URL('../../api/samples/', import.meta.url)
  const text = (file: string): string => readFileSync(new URL(file, folder), 'utf8')
  const samples = ['accept', 'reject'].flatMap((verdict) =>
    readdirSync(new URL(`${verdict}/`, folder)).map((file) => `${verdict}/${file}`),
  )
  // There it is asked to be strict about unknown fields, which it drops otherwise, as the model does.
  const judged = samples.filter((file) => !text(file).includes('# expect: unknown field'))

  it.each(judged)('%s', async (file) => {
    const manifest = parse(text(file)) as Manifest & { readonly kind: string }
    const resource = Object.values<Resource>(resources).find(({ kind }) => kind === manifest.kind)
    const port = model()
    const { namespace } = manifest.metadata
    if (namespace !== undefined) await port.create(resources.Namespaces, { metadata: { name: namespace } }, false)
    const verdict = port.create(resource as Resource, manifest, true)
    if (file.startsWith('accept')) await verdict
    else await expect(verdict).rejects.toMatchObject({ code: 422 })
  })
})

describe('a comparison', () => {
  const target = { kind: 'Lease', name: 'a' } as const
  const body = { metadata: { namespace: '<place>', name: 'a', labels: { in: '<place>' } } }
  const life: Sequence = [
    { id: 1, operation: 'create', call: 'create', kind: 'Lease', body },
    { id: 2, operation: 'get', call: 'get', ...target },
    { id: 3, operation: 'delete', call: 'remove', ...target },
  ]
  const late: Sequence = life.map((step) =>
    step.call === 'remove' ? { ...step, resourceVersion: '<version 9>' } : step,
  )

  /** What the model and a server that is not quite like it make of a sequence. */
  function comparison(differently: (port: Port) => Partial<Port>) {
    const port = model()
    let places = 0
    return async (sequence: Sequence) =>
      divergence(
        sequence,
        await playOnModel(sequence),
        await play({ ...port, ...differently(port) }, sequence, `place-${++places}`),
      )
  }

  it('does not depend on where and when a sequence is played', async () => {
    const compare = comparison(() => ({}))
    await compare(late)
    expect(await compare(life)).toBeUndefined()
  })

  it('finds a server that does not heed a precondition, and what shows it', async () => {
    const compare = comparison((port) => ({ remove: (resource, key) => port.remove(resource, key, {}) }))
    expect(await compare(late)).toMatchObject({
      step: { id: 3 },
      real: { refused: '409 Conflict' },
      model: { done: true },
    })
    const shortest = await shrunk(late, async (sequence) => (await compare(sequence)) !== undefined)
    expect(shortest.map(({ id }) => id)).toEqual([1, 3])
  })

  it('finds a watch that leaves something out', async () => {
    const compare = comparison((port) => ({
      watch: async (...asked) => (await port.watch(...asked)).filter(({ type }) => type !== 'DELETED'),
    }))
    expect(await compare(life)).toMatchObject({ step: undefined, kind: 'Lease' })
  })
})

describe('a seed', () => {
  it('determines its sequence', () => {
    expect(sequenceOf(7)).toEqual(sequenceOf(7))
    expect(sequenceOf(7)).not.toEqual(sequenceOf(8))
  })
})

const told = (sequence: Sequence): string => sequence.map((step) => JSON.stringify(step)).join('\n')
