import { describe, expect, it } from 'vitest'
import { checkValues, type Field } from '../../../src/credentials-provider/schema.ts'

const text = (field: Partial<Field> = {}): Field => ({ name: 'login', type: 'string', required: true, ...field })
const port = (field: Partial<Field> = {}): Field => ({ name: 'port', type: 'integer', ...field })

describe('values that a schema accepts', () => {
  const accepted: Record<string, [Field[], Record<string, unknown>, Record<string, unknown>]> = {
    'every type as itself': [
      [text(), port(), { name: 'tls', type: 'boolean' }, { name: 'size', type: 'enum', values: ['small', 'big'] }],
      { size: 'big', tls: false, port: 0, login: '' },
      { login: '', port: 0, tls: false, size: 'big' },
    ],
    'an optional value left out': [[text(), port()], { login: 'a' }, { login: 'a' }],
    'a default where nothing is given': [[port({ default: 5432 })], {}, { port: 5432 }],
    'what is given rather than the default': [[port({ default: 5432 })], { port: 1 }, { port: 1 }],
    'bounds, inclusive': [[port({ minimum: 1, maximum: 1 })], { port: 1 }, { port: 1 }],
    'a string that matches its pattern somewhere': [[text({ pattern: '[a-z]' })], { login: '1a1' }, { login: '1a1' }],
    'a string of the greatest length': [[text()], { login: 'x'.repeat(100_000) }, { login: 'x'.repeat(100_000) }],
    'a name that every object inherits': [[text({ name: 'constructor', required: false })], {}, {}],
  }
  it.each(Object.entries(accepted))('%s', (_, [fields, given, values]) => {
    expect(checkValues(fields, given)).toEqual({ ok: true, values })
  })
})

describe('values that a schema refuses', () => {
  const refused: Record<string, [Field[], Record<string, unknown>, string[]]> = {
    'a required value that is missing': [[text()], {}, ['login: is required, but missing']],
    'a required value that every object inherits': [
      [text({ name: 'constructor' })],
      {},
      ['constructor: is required, but missing'],
    ],
    null: [[text()], { login: null }, ['login: must be a string']],
    'a number for a string': [[text()], { login: 7 }, ['login: must be a string']],
    'a string for an integer': [[port()], { port: '7' }, ['port: must be an integer']],
    'a fraction': [[port()], { port: 1.5 }, ['port: must be an integer that a JSON number holds exactly']],
    'an integer that JSON has rounded': [
      [port()],
      { port: 2 ** 60 },
      ['port: must be an integer that a JSON number holds exactly'],
    ],
    'an integer below its bound': [[port({ minimum: 1 })], { port: 0 }, ['port: must be at least 1']],
    'an integer above its bound': [[port({ maximum: 9 })], { port: 10 }, ['port: must be at most 9']],
    'a string for a boolean': [[{ name: 'tls', type: 'boolean' }], { tls: 'true' }, ['tls: must be a boolean']],
    'a text that the enum has not': [
      [{ name: 'size', type: 'enum', values: ['small', 'big'] }],
      { size: 'huge' },
      ['size: must be one of small, big'],
    ],
    'a string that does not match its anchored pattern': [
      [text({ pattern: '^[a-z]+$' })],
      { login: 'abc1' },
      ['login: must match ^[a-z]+$'],
    ],
    'a string that UTF-8 cannot hold': [[text()], { login: 'a\ud800' }, ['login: must be valid Unicode']],
    'a string that is too long': [
      [text()],
      { login: 'x'.repeat(100_001) },
      ['login: is longer than 100000 characters'],
    ],
    'a default that breaks its own schema': [[port({ default: 'many' })], {}, ['port: must be an integer']],
    'a pattern that is no expression': [
      [text({ pattern: '(' })],
      { login: 'a' },
      [expect.stringContaining('login: has a pattern in its schema that is not RE2 syntax') as string],
    ],
    'a name that is not in the schema': [
      [text(), port()],
      { login: 'a', token: 'b' },
      ["token: is not in the provider's schema, which has login, port"],
    ],
    'a name that changes prototypes': [
      [],
      JSON.parse('{"__proto__": {"login": "a"}}') as Record<string, unknown>,
      ["__proto__: is not in the provider's schema, which has no entries"],
    ],
    'everything that is wrong, at once': [
      [text(), port()],
      { port: 'x', token: 1 },
      [
        "token: is not in the provider's schema, which has login, port",
        'login: is required, but missing',
        'port: must be an integer',
      ],
    ],
  }
  it.each(Object.entries(refused))('%s', (_, [fields, given, problems]) => {
    expect(checkValues(fields, given)).toEqual({ ok: false, problems })
  })

  it('names few of many unknown names, and little of a long one', () => {
    const many = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`${i}-${'x'.repeat(1000)}`, 1]))
    const checked = checkValues([], many)
    expect(checked.ok ? [] : checked.problems).toHaveLength(10)
    expect(JSON.stringify(checked).length).toBeLessThan(2048)
  })
})

describe('patterns', () => {
  it('take linear time, whatever they are', () => {
    const catastrophic = text({ pattern: '(a+)+b' })
    expect(checkValues([catastrophic], { login: `${'a'.repeat(50_000)}c` }).ok).toBe(false)
  })

  it('are too large where their repetitions count into the thousands, each of which takes its time', () => {
    expect(checkValues([text({ pattern: '^(?:a?){1000}$' })], { login: 'a' })).toMatchObject({ ok: false })
  })

  it('are not held against texts that are long for their size', () => {
    const login = 'a'.repeat(20_000)
    expect(checkValues([text({ pattern: '^[a-z]{1,63}' })], { login })).toEqual({
      ok: false,
      problems: ['login: is too long for the pattern in its schema'],
    })
    expect(checkValues([text({ pattern: '^[a-z]+$' })], { login }).ok).toBe(true)
  })
})
