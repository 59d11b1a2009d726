import { describe, expect, it } from 'vitest'
import type { CustomCredentialSpec, ParameterSchema } from '../../../src/api/generated.ts'
import { checkInputs } from '../../../src/credentials-provider/inputs.ts'

const schema: readonly ParameterSchema[] = [
  { name: 'database', type: 'string', default: 'orders' },
  { name: 'admin', type: 'secret_id', required: true },
  { name: 'mail', type: 'secret_id' },
]
const admin = { name: 'ledger-admin' }

it('values are told from Secrets, and defaults filled in', () => {
  expect(checkInputs(schema, { secretParameters: { admin } })).toEqual({
    ok: true,
    inputs: { values: { database: 'orders' }, secrets: { admin } },
  })
})

describe('parameters take at most 128 KiB of JSON together, so that a deletion has room for them', () => {
  const fields = Array.from({ length: 64 }, (_, nth) => ({ name: `p${nth}`, type: 'string' }) as const)
  const filled = (count: number, text: string) =>
    Object.fromEntries(fields.slice(0, count).map(({ name }) => [name, text]))
  const long = filled(31, 'x'.repeat(4096))
  const room = 128 * 1024 - JSON.stringify({ ...long, p31: '' }).length
  const withDefaults = fields.map((field) => ({ ...field, default: 'x'.repeat(4096) }))

  it.each<[string, boolean, Record<string, string>, readonly ParameterSchema[]]>([
    ['as much as there is room for', true, { ...long, p31: 'x'.repeat(room) }, fields],
    ['one byte more', false, { ...long, p31: 'x'.repeat(room + 1) }, fields],
    ['15 values of characters of two bytes', true, filled(15, 'ü'.repeat(4096)), fields],
    ['16 values of characters of two bytes', false, filled(16, 'ü'.repeat(4096)), fields],
    ['7 values of characters of four bytes', true, filled(7, '𝄞'.repeat(4096)), fields],
    ['8 values of characters of four bytes', false, filled(8, '𝄞'.repeat(4096)), fields],
    ['6 values of characters that JSON writes in six', false, filled(6, '\u0001'.repeat(4096)), fields],
    ['defaults alone that are too long', false, {}, withDefaults],
  ])('%s', (_, ok, parameters, schema) => {
    const problem =
      'spec.parameters: more than 128 KiB of JSON, with the defaults: shorten them, or have what is long in a Secret (secretParameters).'
    expect(checkInputs(schema, { parameters })).toMatchObject(ok ? { ok } : { ok, problem })
  })
})

describe('what does not fit is named, with what to do', () => {
  it.each<[string, Pick<CustomCredentialSpec, 'parameters' | 'secretParameters'>, string]>([
    ['a missing Secret', {}, 'spec.secretParameters: admin: is required, but missing: name a Secret for it.'],
    [
      'an unknown Secret',
      { secretParameters: { admin, root: admin } },
      "spec.secretParameters: root: is not in the provider's schema, which has admin, mail.",
    ],
    [
      'a value in the place of a Secret',
      { parameters: { mail: 'x' }, secretParameters: { admin } },
      'spec.parameters: mail: is of type secret_id, and belongs in spec.secretParameters.',
    ],
    [
      'a Secret in the place of a value',
      { secretParameters: { admin, database: admin } },
      'spec.secretParameters: database: is of type string, and belongs in spec.parameters.',
    ],
    [
      'a name with a value and a Secret',
      { parameters: { admin: 'x' }, secretParameters: { admin } },
      'spec.parameters: admin: is of type secret_id, and belongs in spec.secretParameters.',
    ],
    [
      'both kinds at once',
      { parameters: { database: 7 } },
      'spec.parameters: database: must be a string. spec.secretParameters: admin: is required, but missing: name a Secret for it.',
    ],
  ])('%s', (_, spec, problem) => {
    expect(checkInputs(schema, spec)).toEqual({ ok: false, problem })
  })
})
