import { RE2JS } from 're2js'
import { memory } from '../api/memory.ts'

/** More instructions than a pattern for one value has any use for. */
const MAX_INSTRUCTIONS = 1_000

/** What the patterns of a schema may cost together: about half a second, and 20 MB. */
const MAX_COST = 100_000

/** Of all providers together. */
const expressionOf = memory<RE2JS | string>(5 * MAX_COST, costOf)

/**
 * The expression, or why `pattern` cannot be used. Patterns run on what others send, so they are matched by RE2, whose time
 * is linear, and their size is bounded: none of them can stall the operator. What compiling costs is judged before.
 */
export const compiled = (pattern: string): RE2JS | string => expressionOf(pattern, () => compile(pattern))

function compile(pattern: string): RE2JS | string {
  try {
    const expression = RE2JS.compile(pattern)
    if (expression.programSize() <= MAX_INSTRUCTIONS) return expression
    return 'has a pattern in its schema that is too large: use smaller counts in its repetitions'
  } catch (error) {
    return `has a pattern in its schema that is not RE2 syntax: ${(error as Error).message}`
  }
}

/** Why the patterns of a schema cannot be used together, however small each of them is. */
export function costProblem(fields: readonly { readonly pattern?: string }[]): string | undefined {
  const cost = fields.reduce((sum, { pattern }) => sum + (pattern === undefined ? 0 : costOf(pattern)), 0)
  return cost <= MAX_COST
    ? undefined
    : 'the patterns of its schema are too large together: shorten them, or use smaller counts in their repetitions'
}

/**
 * Quotes, escapes and classes, in which nothing groups or repeats; and flags and empty quotes, behind which a repetition is
 * one of what stands before them.
 */
const TOKEN =
  /(?<nothing>\(\?[a-zA-Z-]*\)|\\Q\\E)|\\Q.*?(?:\\E|$)|\\[pPx]\{[^}]*(?:\}|$)|\\[pP].|\\.|\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*(?:\]|$)|(?<repeat>[*+?]|\{\d+(?:,\d*)?\})|./gsu

/** A category such as `\pL` has hundreds of ranges. */
const CATEGORY = 50

/** Where case is ignored, each character of a range is looked up by itself, and many are in one that ends beyond ASCII. */
const FOLDED_RANGE = 2_000

/**
 * What compiling a pattern and keeping it costs at most, as its text tells: about as many instructions, each of which takes
 * up to 4 µs and 200 bytes. A repetition makes what it repeats as often as it counts.
 */
export function costOf(pattern: string): number {
  const open: number[] = []
  let [sum, last] = [0, 0]
  for (const { 0: token, groups = {} } of pattern.matchAll(TOKEN)) {
    if (groups['nothing'] !== undefined) continue
    if (token === '(') {
      open.push(sum)
      sum = 0
    } else if (token === ')') {
      last = sum + 2
      sum = last + (open.pop() ?? 0)
    } else if (groups['repeat'] !== undefined) {
      const before = last
      last = (last + 2) * countIn(token)
      sum += last - before
    } else {
      last = token.length + 1 + CATEGORY * count(token, /\\p/gi)
      sum += last
    }
  }
  const folded = /\(\?[a-zA-Z-]*i/.test(pattern) ? count(pattern, /-(?:[^\0-\x7f]|\\x\{)/gu) : 0
  return open.reduce((all, outer) => all + outer, sum) + FOLDED_RANGE * folded
}

/** How often `*` or `{2,9}` makes what it repeats. */
const countIn = (repeat: string): number => Math.max(1, ...(repeat.match(/\d+/g) ?? []).map(Number))

const count = (text: string, what: RegExp): number => text.match(what)?.length ?? 0
