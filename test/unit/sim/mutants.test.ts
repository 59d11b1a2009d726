import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { MUTANTS } from '../../sim/mutants/catalogue.ts'
import { plant } from '../../sim/mutants/plant.ts'
import { foundBy, lastReport } from '../../sim/mutants/report.ts'
import { INVARIANTS } from '../../sim/invariants/index.ts'

const ROOT = join(import.meta.dirname, '../../..')

describe('each bug of the catalogue', () => {
  it.each(MUTANTS)('$name can be planted, and what it makes of the code can be read', (mutant) => {
    const files = plant(mutant, ROOT)
    expect(files.size).toBeGreaterThan(0)
    for (const [file, text] of files) if (file.endsWith('.ts')) expect(() => stripTypeScriptTypes(text)).not.toThrow()
  })

  it('has a name of its own', () => {
    expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length)
  })
})

it('a bug whose text is not there, or there twice, cannot be planted', () => {
  const mutant = { ...(MUTANTS[0] as (typeof MUTANTS)[number]) }
  expect(() => plant({ ...mutant, find: 'no such text' }, ROOT)).toThrow('exactly once')
  expect(() => plant({ ...mutant, find: 'const' }, ROOT)).toThrow('exactly once')
})

describe('the last report', () => {
  const report = lastReport()

  it('is about every bug of the catalogue, and each was found', () => {
    const outcomes = report?.outcomes ?? []
    expect(outcomes.map(({ mutant }) => mutant)).toEqual(MUTANTS.map(({ name }) => name))
    expect(outcomes.filter(({ rule }) => rule === undefined)).toEqual([])
    expect(report).toMatchObject({ total: MUTANTS.length, killed: MUTANTS.length })
  })

  it('has no rule that finds none of them', () => {
    const idle = INVARIANTS.filter(({ id }) => foundBy(id, report?.outcomes ?? []).length === 0)
    expect(idle.map(({ id }) => id)).toEqual([])
  })
})
