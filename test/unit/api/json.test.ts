import { expect, it } from 'vitest'
import { sameJson } from '../../../src/api/json.ts'

it.each([
  [
    { a: 1, b: [{ c: 'x' }] },
    { b: [{ c: 'x' }], a: 1 },
  ],
  [{ a: 1, b: undefined }, { a: 1 }],
  [{ a: 1 }, { a: 1, b: undefined }],
  [
    { a: undefined, b: 1 },
    { b: 1, c: undefined },
  ],
  [null, null],
  [[], []],
])('%j is the same as %j', (a, b) => {
  expect(sameJson(a, b)).toBe(true)
})

it.each([
  [{ a: 1 }, { a: 2 }],
  [{ a: 1 }, { b: 1 }],
  [
    { a: undefined, b: 1 },
    { a: 1, b: undefined },
  ],
  [{ a: null }, {}],
  [JSON.parse('{"__proto__": {}}') as object, { a: 1 }],
  [
    ['x', 'y'],
    ['y', 'x'],
  ],
  [['x'], ['x', 'y']],
  [[], {}],
  [1, '1'],
  [null, {}],
])('%j is not the same as %j', (a, b) => {
  expect(sameJson(a, b)).toBe(false)
})
