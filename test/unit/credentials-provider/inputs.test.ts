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
