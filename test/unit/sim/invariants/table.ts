import { describe, expect, test } from 'vitest'
import { INVARIANTS } from '../../../sim/invariants/index.ts'
import { judge, type Moment } from './judge.ts'

/** A rule, runs that it lets pass, and runs that it complains about, each by what it shows. */
export interface Row {
  readonly id: string
  readonly keeps: Readonly<Record<string, readonly Moment[]>>
  readonly breaks: Readonly<Record<string, readonly Moment[]>>
}

/** One test for every run of every row. */
export function check(rows: readonly Row[]): void {
  describe.each(rows)('$id', ({ id, keeps, breaks }) => {
    const invariant = INVARIANTS.find((one) => one.id === id)
    if (invariant === undefined) throw new Error(`no invariant ${id}`)
    test.each(Object.entries(keeps))('is kept where %s', (_, facts) => {
      expect(judge(invariant, facts)).toBeUndefined()
    })
    test.each(Object.entries(breaks))('is broken where %s', (_, facts) => {
      expect(judge(invariant, facts.slice(0, -1)), 'before the last fact').toBeUndefined()
      expect(judge(invariant, facts)).toEqual(expect.any(String))
    })
  })
}
