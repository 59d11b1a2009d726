import { describe, expect, it } from 'vitest'
import type { Target } from '../../../../src/api/generated.ts'
import { dataOf, renditionOf, shownBeside } from '../../../../src/custom-credential/delivery/rendition.ts'

const now = { username: 'ada', password: 'new' }
const before = { username: 'bob', password: 'old' }
const prefix: Target = { previousKeys: { prefix: 'previous_' } }
const plain: Target = { template: { url: '{{ password }}' } }
const both: Target = { template: { url: '{% if previous %}{{ previous.password }}{% endif %}' } }

describe('the rendition', () => {
  it.each([
    ['without a target', undefined],
    ['with a name alone', { name: 'login' }],
  ])('is absent %s: a plain credential is written as ever', (_, target) => {
    expect(renditionOf(target, 1)).toBeUndefined()
  })

  it('is short, and the same for the same spec in whatever order', () => {
    const one = renditionOf({ labels: { a: '1', b: '2' }, template: { c: '3', d: '4' } }, undefined)
    expect(one).toMatch(/^[0-9a-f]{16}$/)
    expect(renditionOf({ template: { d: '4', c: '3' }, labels: { b: '2', a: '1' } }, undefined)).toBe(one)
  })

  it('tells apart whatever shapes the Secret', () => {
    const targets: Target[] = [
      { type: 'kubernetes.io/basic-auth' },
      { labels: { a: 'b' } },
      { labels: { a: 'c' } },
      { annotations: { a: 'b' } },
      { template: { a: 'b' } },
      { previousKeys: { prefix: 'a' } },
      { previousKeys: { prefix: 'b' } },
      {
        labels: { a: 'b' },
        annotations: { a: 'b' },
      },
    ]
    expect(new Set(targets.map((target) => renditionOf(target, undefined))).size).toBe(targets.length)
  })

  it.each([
    ['does not change with the previous version where that is not shown', plain, false],
    ['changes with the previous version where its keys are shown', prefix, true],
    ['changes with the previous version where a text speaks of it', both, true],
  ])('%s', (_, target, changes) => {
    expect(renditionOf(target, 2) !== renditionOf(target, 1)).toBe(changes)
    expect(renditionOf(target, undefined) !== renditionOf(target, 1)).toBe(changes)
  })

  it('tells which version is shown beside the current one', () => {
    expect([undefined, plain, prefix, both].map((target) => shownBeside(target, 1))).toEqual([
      undefined,
      undefined,
      1,
      1,
    ])
  })
})

describe('the keys of the Secret', () => {
  it.each([
    ['are the outputs as they are', undefined, before, now],
    ['are those of the template alone', plain, before, { url: 'new' }],
    [
      'have the previous version beside them',
      prefix,
      before,
      { ...now, previous_username: 'bob', previous_password: 'old' },
    ],
    ['have no previous version beside them where there is none', prefix, undefined, now],
    [
      'have the outputs of the previous version beside a template',
      { ...plain, ...prefix },
      before,
      { url: 'new', previous_username: 'bob', previous_password: 'old' },
    ],
  ])('%s', (_, target, previous, keys) => {
    expect(dataOf(target, now, previous)).toEqual(keys)
  })
})
