import { RE2JS } from 're2js'
import { describe, expect, it, vi } from 'vitest'
import type { Condition, CredentialVersion, CustomCredentialSpec } from '../../../../src/api/generated.ts'
import { appliesAtOnce, changedSince, parametersHash } from '../../../../src/custom-credential/creation/changes.ts'
import { decide } from '../../../../src/custom-credential/decide.ts'
import { aCredential, after, aProvider, at, delivered, run } from '../../../support/builders.ts'
import { aSnapshot } from '../../../support/builders-snapshot.ts'

const as = (spec: Partial<CustomCredentialSpec>, version: CredentialVersion = delivered(1)) =>
  aSnapshot().of(aCredential().spec(spec).having(version)).showing(1).at(after('1h'))
const changed = (...given: Parameters<typeof as>) => changedSince(given[1] ?? delivered(1), as(...given).snapshot)

describe('since a version was made', () => {
  const ofAnother = delivered(1, at(), { provider: { ...delivered(1).provider, name: 'mysql' } })
  const ofAnew = delivered(1, at(), { provider: { ...delivered(1).provider, uid: 'another' } })
  const { parametersHash: _none, ...ofOld } = delivered(1)
  const patterned = { name: 'database', type: 'string', pattern: '^returns$' } as const
  it.each<[string, readonly string[], readonly string[]]>([
    ['nothing has changed', changed({}), []],
    ['parameters have', changed({ parameters: { database: 'returns' } }), ['spec.parameters']],
    ['another provider is named', changed({}, ofAnother), ['spec.providerRef']],
    ['the provider was made anew', changed({}, ofAnew), []],
    ['a time to live was set', changed({ ttl: '30d' }), ['spec.ttl']],
    [
      'its time to live was changed',
      changed({ ttl: '30d' }, delivered(1, at(), { expiresAt: at('60d') })),
      ['spec.ttl'],
    ],
    ['its time to live was taken back', changed({}, delivered(1, at(), { expiresAt: at('60d') })), ['spec.ttl']],
    [
      'its time to live is the same in other words',
      changed({ ttl: '1d' }, delivered(1, at(), { expiresAt: at('24h') })),
      [],
    ],
    ['what shapes no version has', changed({ target: { labels: { team: 'a' } }, taskHistoryLimit: 3 }), []],
    ['its parameters were not noted', changed({ parameters: { database: 'returns' } }, ofOld), []],
    ['the parameters do not fit the provider any more', changed({ parameters: { databse: 'orders' } }), []],
  ])('%s', (_, found, expected) => {
    expect(found).toEqual(expected)
  })

  it('a provider has another default', () => {
    const parameters = [{ name: 'database', type: 'string', default: 'orders' }] as const
    const credentials = aProvider().spec.schema.credentials
    const { snapshot } = as({ parameters: {} }).with({ provider: aProvider({ schema: { parameters, credentials } }) })
    expect(changedSince(delivered(1), snapshot)).toEqual([])
    const [other] = parameters.map((parameter) => ({ ...parameter, default: 'returns' }))
    const moved = { ...snapshot, provider: aProvider({ schema: { parameters: other ? [other] : [], credentials } }) }
    expect(changedSince(delivered(1), moved)).toEqual(['spec.parameters'])
  })

  it.each<[string, Partial<Condition>]>([
    ['was refused', { status: 'False', reason: 'Rejected' }],
    ['was edited, and not looked at since', { observedGeneration: 0 }],
  ])('a provider %s: its schema is not held against anything', (_, verdict) => {
    const { status, ...accepted } = aProvider({ schema: { ...aProvider().spec.schema, parameters: [patterned] } })
    const conditions = status.conditions?.map((condition) => ({ ...condition, ...verdict })) ?? []
    const { snapshot } = as({ parameters: { database: 'returns' } })
    const compile = vi.spyOn(RE2JS, 'compile')
    expect(
      changedSince(delivered(1), { ...snapshot, provider: { ...accepted, status: { ...status, conditions } } }),
    ).toEqual([])
    expect(compile).not.toHaveBeenCalled()
    compile.mockRestore()
  })

  it('a provider was edited in what is no parameter: nothing has', () => {
    const provider = aProvider({ taskTimeout: '1m', concurrency: 3 })
    const edited = { ...provider, metadata: { ...provider.metadata, generation: 1 } }
    expect(changedSince(delivered(1), as({}).with({ provider: edited }).snapshot)).toEqual([])
  })
})

it('the order of parameters does not matter', () => {
  const hash = (parameters: Record<string, string | number>) => parametersHash({ parameters })
  expect(hash({ a: 1, b: 'x' })).toBe(hash({ b: 'x', a: 1 }))
  expect(hash({ a: 1 })).not.toBe(hash({ a: '1' }))
})

it('another Secret for an input is a change of parameters, and what a Secret holds is none of it', () => {
  const { parameters = [], credentials } = aProvider().spec.schema
  const schema = { parameters: [...parameters, { name: 'admin', type: 'secret_id' } as const], credentials }
  const parametersHashOfFirst = parametersHash({ ...run, secretParameters: { admin: { name: 'first' } } })
  const made = delivered(1, at(), { parametersHash: parametersHashOfFirst })
  const naming = (name: string) =>
    as({ secretParameters: { admin: { name } } }).with({ provider: aProvider({ schema }) }).snapshot
  expect(changedSince(made, naming('first'))).toEqual([])
  expect(changedSince(made, naming('second'))).toEqual(['spec.parameters'])
  expect(changedSince(delivered(1), naming('first'))).toEqual(['spec.parameters'])
})

describe('a change of parameters', () => {
  const spec = { parameters: { database: 'returns' } }
  const orders = (more: Partial<CustomCredentialSpec>) =>
    decide(as({ ...spec, ...more }).snapshot).release.flatMap((action) =>
      action.kind === 'createTask' ? action.order : [],
    )
  const condition = (more: Partial<CustomCredentialSpec>) =>
    decide(as({ ...spec, ...more }).snapshot).status.conditions?.find(({ type }) => type === 'UpToDate')

  it('waits for the next version, and says so', () => {
    expect(orders({})).toEqual([])
    expect(condition({})).toMatchObject({
      status: 'False',
      reason: 'ChangesWaiting',
      message: expect.stringContaining('Changed since version 1 was made: spec.parameters.') as string,
    })
  })

  it('makes one at once where the spec says so, whatever the window', () => {
    const rotation = { interval: '30d', window: { schedule: '0 3 * * *', duration: '1h' } }
    expect(orders({ applyPolicy: 'Immediate', rotation })).toMatchObject([
      { spec: { version: 2, trigger: 'manual_secret_rotation' }, run: { parameters: { database: 'returns' } } },
    ])
  })

  it('makes none while the credential is suspended', () => {
    expect(orders({ applyPolicy: 'Immediate', suspend: true })).toEqual([])
  })

  it('is no cause any more once a version was made with it', () => {
    const made = delivered(2, at(), { parametersHash: parametersHash(spec) })
    expect(appliesAtOnce(made, as({ ...spec, applyPolicy: 'Immediate' }).snapshot)).toBe(false)
  })
})
