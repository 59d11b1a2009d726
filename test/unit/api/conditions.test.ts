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

it('a condition that no longer applies is gone', () => {
  expect(transition(before, [], 'now')).toEqual([])
})
