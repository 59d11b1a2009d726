import fc from 'fast-check'
import { RE2JS } from 're2js'
import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest'
import type { ParameterSchema } from '../../../src/api/generated.ts'
import { problemOf } from '../../../src/credentials-provider/accept.ts'
import { checkInputs } from '../../../src/credentials-provider/inputs.ts'
import { compiled, costOf, costProblem } from '../../../src/credentials-provider/patterns.ts'
import type { KubeApi } from '../../../src/kube/port.ts'
import { aProvider } from '../../support/builders.ts'

let compile: MockInstance<typeof RE2JS.compile>
beforeEach(() => {
  compile = vi.spyOn(RE2JS, 'compile')
})
afterEach(() => {
  compile.mockRestore()
})

describe('a pattern', () => {
  it.each([
    ['that counts into the thousands, each of which takes its time', '^(?:a?){1000}$', /too large/],
    ['that looks back, which linear time does not allow', '(a)\\1', /not RE2 syntax/],
  ])('%s is not used', (_, pattern, why) => {
    expect(compiled(pattern)).toMatch(why)
  })

  it('is compiled once, however often inputs are held against it', () => {
    const schema: readonly ParameterSchema[] = [
      { name: 'database', type: 'string', pattern: '^once[a-z]+$' },
      { name: 'schema', type: 'string', pattern: '^(twice)\\1$' },
    ]
    const parameters = { database: 'onceorders', schema: 'twice' }
    for (let i = 0; i < 100; i++) expect(checkInputs(schema, { parameters }).ok).toBe(false)
    expect(compile).toHaveBeenCalledTimes(2)
  })
})

describe('the patterns of a schema', () => {
  const sixtyFour = (pattern: string): ParameterSchema[] =>
    Array.from({ length: 64 }, (_, i) => ({ name: `p${i}`, type: 'string', pattern }))

  it.each([
    ['names', '^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$'],
    ['IDs', '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'],
    ['lengths', '^.{1,255}$'],
    ['addresses of mail, in any case', '(?i)^[a-z0-9._%+-]{1,64}@[a-z0-9.-]+\\.[a-z]{2,}$'],
  ])('fit where they are 64 of %s', (_, pattern) => {
    expect(costProblem(sixtyFour(pattern))).toBeUndefined()
    expect(compiled(pattern)).toBeInstanceOf(RE2JS)
  })

  it.each([
    ['counted repetitions', 'a{1000}'.repeat(146)],
    ['a repetition of much', `(?:${'a?'.repeat(500)}){1000}`],
    ['repetitions within repetitions', '(?:(?:(?:a[)(]?){10}\\Q(\\E){10}(?i)){10}'],
    ['many categories', '\\pL'.repeat(330)],
    ['ranges of all letters in any case', '(?i)[B-\\x{1E942}]'.repeat(10)],
  ])('are refused before one is compiled where they are 64 of %s', async (_, pattern) => {
    const provider = aProvider({ schema: { ...aProvider().spec.schema, parameters: sixtyFour(pattern) } })
    const ports = { api: {} as KubeApi, gateway: () => ({ url: '', ca: '' }) }
    expect(await problemOf(ports, provider)).toContain('too large together')
    expect(checkInputs(sixtyFour(pattern), { parameters: { p0: 'a' } }).ok).toBe(false)
    expect(compile).not.toHaveBeenCalled()
  })

  it('never cost less than the instructions that they make', () => {
    const piece = fc.constantFrom(
      ...['a', '(', ')', '(?:', '(?i)', '(?i:', '(?P<n>', '|', '*', '+', '?', '{2}', '{9}', '{0,7}', '{3,}', '{', '}'],
      ...[
        '[',
        ']',
        '[^',
        '[]',
        '[[:alpha:]',
        '-',
        '\\',
        '\\Q',
        '\\E',
        '\\Q\\E',
        '\\pL',
        '\\p{Lu}',
        '\\x{41}',
        '\\[',
        '^',
        '$',
      ],
      ...['[a(]', '[)]', '[^]{2}]', '\\(', '\\)', '(a|bc)', '(?:ab)', 'ü'],
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const pattern = pieces.join('')
        expect(costOf(pattern) + 3).toBeGreaterThanOrEqual(sizeOf(pattern))
      }),
      { numRuns: 2_000 },
    )
  })
})

function sizeOf(pattern: string): number {
  try {
    return RE2JS.compile(pattern).programSize()
  } catch {
    return 0
  }
}
