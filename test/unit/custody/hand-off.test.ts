import { expect, it } from 'vitest'
import { HandOff } from '../../../src/custody/hand-off.ts'

it('a payload is given out once', () => {
  const handOff = new HandOff()
  handOff.put('task', { password: 'p' })
  expect(handOff.take('task')).toEqual({ password: 'p' })
  expect(handOff.take('task')).toBeUndefined()
})

it('no payload is given out for another task', () => {
  const handOff = new HandOff()
  handOff.put('task', { password: 'p' })
  expect(handOff.take('another')).toBeUndefined()
})

it('the oldest payload makes room: memory is bounded, though nobody fetches', () => {
  const handOff = new HandOff()
  for (let n = 0; n <= 256; n++) handOff.put(`task-${n}`, { n: String(n) })
  expect(handOff.take('task-0')).toBeUndefined()
  expect(handOff.take('task-1')).toEqual({ n: '1' })
  expect(handOff.take('task-256')).toEqual({ n: '256' })
})
