import { expect, it } from 'vitest'
import { transition } from '../../../src/api/conditions.ts'

const ready = { type: 'Ready', status: 'True', reason: 'Delivered', message: 'v1' } as const
const before = [{ ...ready, lastTransitionTime: 'then' }]

it('a condition that is new begins now', () => {
  expect(transition([], [ready], 'now')).toEqual([{ ...ready, lastTransitionTime: 'now' }])
})

it('a condition that holds on keeps its time, though its reason and message change', () => {
  const same = { ...ready, reason: 'Rotated', message: 'v2' }
  expect(transition(before, [same], 'now')).toEqual([{ ...same, lastTransitionTime: 'then' }])
})

it('a condition whose status changes begins now', () => {
  const lost = { ...ready, status: 'False' } as const
  expect(transition(before, [lost], 'now')).toEqual([{ ...lost, lastTransitionTime: 'now' }])
})

it('a message is no longer than the API takes, and has no half characters', () => {
  const [condition] = transition([], [{ ...ready, message: `${'x'.repeat(4095)}😀${'x'.repeat(40_000)}` }], 'now')
  expect(condition?.message).toBe(`${'x'.repeat(4095)}\ufffd`)
})

it('a condition that no longer applies is gone', () => {
  expect(transition(before, [], 'now')).toEqual([])
})
