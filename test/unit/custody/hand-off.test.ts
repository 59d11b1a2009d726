import { beforeEach, expect, it } from 'vitest'
import { HandOff } from '../../../src/custody/hand-off.ts'
import { FakeClock } from '../../support/fake-clock.ts'

let clock: FakeClock
let handOff: HandOff
beforeEach(() => {
  clock = new FakeClock()
  handOff = new HandOff(clock)
})

it('a payload is given out once, and leaves no timer', () => {
  handOff.put('task', { password: 'p' })
  expect(handOff.take('task')).toEqual({ password: 'p' })
  expect(handOff.take('task')).toBeUndefined()
  expect(clock.pending).toBe(0)
})

it('no payload is given out for another task', () => {
  handOff.put('task', { password: 'p' })
  expect(handOff.take('another')).toBeUndefined()
})

it('the oldest payload makes room: memory is bounded, though nobody fetches', () => {
  for (let n = 0; n <= 256; n++) handOff.put(`task-${n}`, { n: String(n) })
  expect(handOff.take('task-0')).toBeUndefined()
  expect(handOff.take('task-1')).toEqual({ n: '1' })
  expect(handOff.take('task-256')).toEqual({ n: '256' })
})

it('a payload that nobody fetches is dropped after a minute, and its timer with it', async () => {
  handOff.put('task', { password: 'p' })
  await clock.advance(60_000)
  expect(clock.pending).toBe(0)
  expect(handOff.take('task')).toBeUndefined()
})

it('a payload is kept until then', async () => {
  handOff.put('task', { password: 'p' })
  await clock.advance(59_999)
  expect(handOff.take('task')).toEqual({ password: 'p' })
})

it('each is dropped in its own time, by a single timer', async () => {
  handOff.put('first', { n: '1' })
  await clock.advance(20_000)
  handOff.put('second', { n: '2' })
  handOff.put('third', { n: '3' })
  expect(clock.pending).toBe(1)
  await clock.advance(40_000)
  expect(clock.pending).toBe(1)
  expect(handOff.take('first')).toBeUndefined()
  expect(handOff.take('second')).toEqual({ n: '2' })
  await clock.advance(20_000)
  expect(clock.pending).toBe(0)
  expect(handOff.take('third')).toBeUndefined()
})

it('a payload that is put again is kept for another minute', async () => {
  handOff.put('task', { n: '1' })
  handOff.put('other', { n: '2' })
  await clock.advance(30_000)
  handOff.put('task', { n: '3' })
  await clock.advance(30_000)
  expect(handOff.take('other')).toBeUndefined()
  expect(handOff.take('task')).toEqual({ n: '3' })
})

it('a timer is set anew where the payload that it was for has been fetched', async () => {
  handOff.put('first', { n: '1' })
  await clock.advance(20_000)
  handOff.put('second', { n: '2' })
  handOff.take('first')
  await clock.advance(59_999)
  expect(handOff.take('second')).toEqual({ n: '2' })
  expect(clock.pending).toBe(0)
})

it('nothing is held, and no timer runs, once it is cleared', () => {
  handOff.put('task', { n: '1' })
  handOff.clear()
  expect([handOff.take('task'), clock.pending]).toEqual([undefined, 0])
})
