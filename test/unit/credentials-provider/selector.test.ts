import { expect, it } from 'vitest'
import type { LabelSelector, LabelSelectorRequirement } from '../../../src/api/generated.ts'
import { selects } from '../../../src/credentials-provider/selector.ts'

const labels = { team: 'a', tier: 'gold' }
const expression = (
  key: string,
  operator: LabelSelectorRequirement['operator'],
  ...values: string[]
): LabelSelector => ({
  matchExpressions: [{ key, operator, ...(values.length > 0 && { values }) }],
})

it.each<[string, boolean, LabelSelector]>([
  ['an empty selector picks everything', true, {}],
  ['a label that is equal', true, { matchLabels: { team: 'a' } }],
  ['a label that differs', false, { matchLabels: { team: 'b' } }],
  ['a label that is not there', false, { matchLabels: { zone: '1' } }],
  ['all labels, not some', false, { matchLabels: { team: 'a', tier: 'silver' } }],
  ['In', true, expression('team', 'In', 'b', 'a')],
  ['In, without the value', false, expression('team', 'In', 'b')],
  ['In, without the label', false, expression('zone', 'In', 'a')],
  ['In, without values, picks nothing', false, expression('team', 'In')],
  ['NotIn', true, expression('team', 'NotIn', 'b')],
  ['NotIn, with the value', false, expression('team', 'NotIn', 'a')],
  ['NotIn, without the label', true, expression('zone', 'NotIn', 'a')],
  ['Exists', true, expression('team', 'Exists')],
  ['Exists, without the label', false, expression('zone', 'Exists')],
  ['DoesNotExist', true, expression('zone', 'DoesNotExist')],
  ['DoesNotExist, with the label', false, expression('team', 'DoesNotExist')],
  ['a label that is named as what every object inherits', false, expression('constructor', 'Exists')],
  ['the same, where it may have any other value', true, expression('constructor', 'NotIn', 'a')],
  ['the same, where it must be missing', true, expression('toString', 'DoesNotExist')],
  ['labels and expressions, both', false, { matchLabels: { team: 'a' }, ...expression('tier', 'In', 'silver') }],
])('%s', (_, expected, selector) => {
  expect(selects(selector, labels)).toBe(expected)
})
